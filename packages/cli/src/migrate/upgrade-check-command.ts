import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { addStoreOptions, type Server, storedSettings } from '../command/stored.ts';
import { answerFor, answerLines, type UpgradeAnswer } from './upgrade-answer.ts';

/** The answer no, which scripts tell from a check that could not be made. */
const NOT_ROLLING: ExitCode = EXIT.unreachable;

/** `assent upgrade-check`: whether this program can take the place of the ones that serve, one after the other (OPS-65). */
export const upgradeCheckCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  return addStoreOptions(
    new Command('upgrade-check').description(
      'Tell whether servers can be replaced by this version one after the other: exit 0 yes, 3 no and why. Changes nothing.',
    ),
    server,
  ).action((options: JsonOption) =>
    perform(io, options, async () => {
      const answer = await check(server, io, options);
      const { schema, reasons } = answer;
      const isRolling = reasons.length === 0;
      if (options.json === true) printJson(io, { upgrade: { isRolling, ...schema, reasons } });
      else for (const line of answerLines(answer)) io.stdout.write(`${line}\n`);
      return isRolling ? EXIT.done : NOT_ROLLING;
    }),
  );
};

const check = async (server: Server, io: CliIo, options: JsonOption): Promise<UpgradeAnswer> => {
  const settings = await storedSettings(io, server, options);
  try {
    return answerFor(await server.schemaOf(settings).plan());
  } catch (error) {
    // Made by a version that this one cannot live with: an answer, and no failure to get one.
    if (error instanceof Error && error.name === 'StoreRefused') return { reasons: [error.message] };
    throw error;
  }
};
