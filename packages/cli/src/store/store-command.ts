import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from '@assent/server';
import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { databaseFault } from '../command/database-fault.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { type Server, settingsOf } from '../command/stored.ts';

type Listener = NonNullable<Parameters<Server['copyToPostgres']>[1]['listener']>;

interface CopyOptions extends JsonOption {
  readonly to?: string;
  readonly toPasswordFile?: string;
  readonly from?: string;
  readonly final?: boolean;
  readonly callOff?: boolean;
}

/** `assent store copy`: from SQLite to PostgreSQL (OPS-62, OPS-63). */
export const storeCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const store = new Command('store').description('Move the data from SQLite to PostgreSQL.');
  store
    .command('copy')
    .description('Copy all data from SQLite to PostgreSQL, and compare both. Begun again it goes on.')
    .option(
      '--to <url>',
      'the PostgreSQL to copy into, such as postgres://assent@db.example.com/assent; an empty database',
    )
    .option('--to-password-file <file>', 'the file with the password of that user')
    .option('--from <dir>', 'the data directory with the SQLite database [ASSENT_DATA_DIR]')
    .option('--final', 'move it: the server is stopped, and does not start on the SQLite database any more')
    .option('--call-off', 'serve on the SQLite database again, without what was written elsewhere since')
    .option('--json', 'print one JSON object per line and nothing else')
    .action((options: CopyOptions) => perform(io, options, () => inOwnWords(() => copy(io, server, options))));
  return store;
};

/** The database that cannot be used is the one of our flags, and not that of the settings. */
const inOwnWords = async (work: () => Promise<ExitCode>): Promise<ExitCode> => {
  try {
    return await work();
  } catch (error) {
    const isOfDatabase = error instanceof Error && ['StoreUnavailable', 'DatabaseFailure'].includes(error.name);
    const fault = isOfDatabase ? databaseFault(error, { url: '--to', passwordFile: '--to-password-file' }) : undefined;
    if (fault === undefined) throw error;
    throw new CliError('STORE_REFUSED', fault.message, fault.fix, { cause: error });
  }
};

const copy = async (io: CliIo, server: Server, options: CopyOptions): Promise<ExitCode> => {
  const { to, toPasswordFile, from, callOff } = options;
  if ((to === undefined) !== (callOff === true))
    throw new CliError('USAGE', 'Say where to, by --to, or --call-off.', 'assent store copy --help');
  const { settings } = await settingsOf(io, server, { dataDir: from });
  refuseNone(io, settings);
  if (to === undefined) return callOffMove(io, server, settings, options);
  refuseOther(to);
  const isFinal = options.final === true;
  const { tables, differences } = await server.copyToPostgres(settings, {
    url: to,
    isFinal,
    ...(toPasswordFile !== undefined && { passwordFile: resolve(io.cwd, toPasswordFile) }),
    listener: options.json === true ? jsonListener(io) : listenerForPeople(io),
  });
  for (const difference of differences) {
    if (options.json === true) printJson(io, { difference });
    else
      io.stdout.write(
        `${plainText(`DIFFERENT  ${difference.table}${difference.key === undefined ? '' : `, ${difference.key}`}: ${difference.problem}`)}\n`,
      );
  }
  if (differences.length > 0) {
    if (options.json !== true) io.stdout.write('The copy is not what the source is, and is not served on.\n');
    return EXIT.no;
  }
  if (options.json !== true) for (const line of doneLines(server, to, isFinal, tables)) io.stdout.write(`${line}\n`);
  return EXIT.done;
};

const jsonListener = (io: CliIo): Listener => ({
  begun: (isNew) => printJson(io, { begun: { isNew } }),
  written: (table, rows) => printJson(io, { copied: { table, rows } }),
  compared: (table) => printJson(io, { compared: table }),
});

const listenerForPeople = ({ stdout }: CliIo): Listener => ({
  begun: (isNew) =>
    stdout.write(
      isNew
        ? 'Copying what is there at this moment, from a snapshot beside the database.\n'
        : 'Going on with the copy that was broken off, as of the moment when it was begun.\n',
    ),
  written: (name, rows) => rows > 0 && stdout.write(`  ${name}  ${rows} rows\n`),
});

const refuseNone = ({ cwd }: CliIo, { dataDir }: Settings): void => {
  if (existsSync(resolve(cwd, dataDir, 'assent.db'))) return;
  throw new CliError(
    'NO_DATA',
    `There is no SQLite database in ${plainText(dataDir)}.`,
    'assent store copy --from DIR',
  );
};

const refuseOther = (to: string): void => {
  if (URL.canParse(to) && /^postgres(?:ql)?:$/.test(new URL(to).protocol)) return;
  throw new CliError(
    'USAGE',
    '--to is no URL of a PostgreSQL.',
    'assent store copy --to postgres://assent@localhost/assent',
  );
};

const callOffMove = async (io: CliIo, server: Server, settings: Settings, { json }: CopyOptions): Promise<ExitCode> => {
  const isCalledOff = await server.callOffCopy(settings);
  if (json === true) printJson(io, { calledOff: isCalledOff });
  else
    io.stdout.write(
      isCalledOff
        ? 'The SQLite database is served on again. What was written elsewhere since is not in it.\n'
        : 'The SQLite database was not moved.\n',
    );
  return isCalledOff ? EXIT.done : EXIT.no;
};

const doneLines = (
  server: Server,
  to: string,
  isFinal: boolean,
  tables: readonly { readonly rows: number }[],
): readonly string[] => {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const place = plainText(server.shownUrl(to));
  return [
    `${rows} rows of ${tables.length} tables are in ${place}, and were compared with the source.`,
    ...(isFinal
      ? [
          `Start the server with ASSENT_DATABASE_URL=${place} and the same master key, by ASSENT_MASTER_KEY. The SQLite database is not served on any more.`,
        ]
      : ['The SQLite database is served on as before; with the server stopped, --final moves it.']),
  ];
};
