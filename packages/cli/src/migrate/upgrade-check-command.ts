import type { PlannedMigration, SchemaPlan } from '@assent/store';
import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { addStoreOptions, type Server, storedSettings } from '../command/stored.ts';

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
      const { schema, reasons } = await check(server, io, options);
      const isRolling = reasons.length === 0;
      if (options.json === true) printJson(io, { upgrade: { isRolling, ...schema, reasons } });
      else for (const line of linesOf(schema, reasons)) io.stdout.write(`${line}\n`);
      return isRolling ? EXIT.done : NOT_ROLLING;
    }),
  );
};

interface Checked {
  /** Absent where this program cannot make anything of the database. */
  readonly schema?: { readonly from: number; readonly to: number };
  readonly reasons: readonly string[];
}

const check = async (server: Server, io: CliIo, options: JsonOption): Promise<Checked> => {
  const settings = await storedSettings(io, server, options);
  try {
    const plan = await server.schemaOf(settings).plan();
    const to = Math.max(plan.version, plan.known);
    return { schema: { from: plan.version, to }, reasons: inTheWay(plan).map(reasonOf(plan.version)) };
  } catch (error) {
    // Made by a version that this one cannot live with: an answer, and no failure to get one.
    if (error instanceof Error && error.name === 'StoreRefused') return { reasons: [error.message] };
    throw error;
  }
};

/** Those after which the programs that serve now could not serve any more. On a new database there are none. */
const inTheWay = ({ version, migrations }: SchemaPlan): readonly PlannedMigration[] =>
  version === 0 ? [] : migrations.filter(({ livesWith }) => livesWith > version);

const reasonOf =
  (from: number) =>
  ({ version, name, livesWith }: PlannedMigration): string =>
    `Migration ${version} (${name}) serves programs from schema ${livesWith} on, and those that run know ${from}.`;

const linesOf = (schema: Checked['schema'], reasons: readonly string[]): readonly string[] => {
  if (reasons.length > 0)
    return [
      'No rolling upgrade: stop all servers, then start this version.',
      ...reasons.map((reason) => `  ${reason}`),
    ];
  if (schema === undefined || schema.from === 0) return ['The database is new: nothing serves on it yet.'];
  return [
    schema.from === schema.to
      ? `A rolling upgrade is possible: the schema stays ${schema.from}.`
      : `A rolling upgrade is possible: the schema goes from ${schema.from} to ${schema.to}, and what serves now serves beside it.`,
  ];
};
