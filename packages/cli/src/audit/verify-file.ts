import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { readJsonFile } from '../command/read-file.ts';
import type { Server } from '../command/stored.ts';
import { linesOf as linesIn, textsOfFile } from '../imports/reading/texts-of-file.ts';
import { linesOf, placeFrom, textOfProblem, time } from './verify-trail.ts';

export interface VerifyFileOptions extends JsonOption {
  readonly key?: readonly string[];
  readonly checkpoint?: readonly string[];
}

/** Longer than any row of ours. */
const MAX_LINE = 4 * 1_024 * 1_024;

type Report = Awaited<ReturnType<Server['verifyTrailFile']>>;

/** `assent audit verify FILE`: needs neither a database nor a server (SEC-80). */
export const verifyFile = async (
  io: CliIo,
  server: Server,
  name: string,
  options: VerifyFileOptions,
): Promise<ExitCode> => {
  const kept = (options.checkpoint ?? []).map((it) => placeFrom('--checkpoint', it));
  const keys = options.key && (await Promise.all(options.key.map((it) => keyFrom(io, server, it))));
  const report = await reportOf(io, server, name, { kept, ...(keys && { keys }) });
  print(io, options, report, name);
  return report.faults === 0 ? EXIT.done : EXIT.no;
};

const keyFrom = async (io: CliIo, server: Server, file: string) => {
  const key = server.readCheckpointKey(await readJsonFile(io, file, '--key'));
  if (key !== undefined) return key;
  throw new CliError(
    'USAGE',
    `--key ${plainText(file)} has no key of checkpoints.`,
    'keep what assent audit key prints',
  );
};

const reportOf = async (
  io: CliIo,
  server: Server,
  name: string,
  options: Parameters<Server['verifyTrailFile']>[1],
): Promise<Report> => {
  try {
    return await server.verifyTrailFile(linesIn(textsOfFile(resolve(io.cwd, name)), MAX_LINE), options);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined) {
      throw new CliError('USAGE', `The file ${plainText(name)} cannot be read.`, 'name a file that exists', { cause });
    }
    if (!(cause instanceof server.NoTrailFile) && cause.name !== 'UnreadableFile') throw cause;
    const message = `${plainText(name)} is no export of the audit trail. ${plainText(cause.message)}`;
    throw new CliError('USAGE', message, 'name a file that assent audit export has written', { cause });
  }
};

const print = (io: CliIo, { json, key }: VerifyFileOptions, report: Report, name: string): void => {
  const { problems, lastCheckpoint, keys, ...counts } = report;
  if (json === true) {
    for (const problem of problems) printJson(io, { problem });
    const last = lastCheckpoint && { lastCheckpoint: { ...lastCheckpoint, at: time(lastCheckpoint.at) } };
    printJson(io, { trail: { ...counts, ...last, keys } });
    return;
  }
  for (const problem of problems) io.stdout.write(`${textOfProblem(problem)}\n`);
  for (const line of linesOf(report, keys, `the export ${plainText(name)}`)) io.stdout.write(`${line}\n`);
  const signedUpTo = lastCheckpoint?.position ?? report.from.position;
  // The checkpoint itself is a row, which the next one signs.
  if (report.to.position > signedUpTo + 1)
    io.stdout.write(`Rows behind position ${signedUpTo} are signed by no checkpoint of the file.\n`);
  if (key === undefined)
    io.stdout.write(
      'The file names that key itself: say --key with the one that you have kept, or anybody could have signed it.\n',
    );
};
