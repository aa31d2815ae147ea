import { resolve } from 'node:path';
import type { MadeBackup, Settings } from '@assent/server';
import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { addStoreOptions, storedSettings } from '../command/stored.ts';
import { besideLines } from './beside-lines.ts';
import { dumpCommand } from './dump-command.ts';

interface BackupOptions extends JsonOption {
  readonly force?: boolean;
}

const MEBIBYTE = 1024 * 1024;

/** `assent backup`: a copy of the SQLite database as of one moment, while the server works on it (OPS-60). */
export const backupCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  return addStoreOptions(
    new Command('backup')
      .description('Copy the database while the server works on it. SQLite; of PostgreSQL it tells how.')
      .argument('<file>', 'the copy to make, which only this user may read'),
    server,
  )
    .option('--force', 'replace a file of that name')
    .action((file: string, options: BackupOptions) =>
      perform(io, options, async () => {
        const settings = await storedSettings(io, server, options);
        refusePostgres(settings, file);
        const path = resolve(io.cwd, file);
        const made = await server.backupOf(settings, path, options.force === true);
        if (options.json === true) printJson(io, { backup: { file: path, ...made } });
        else for (const line of linesOf(file, made)) io.stdout.write(`${plainText(line)}\n`);
        return EXIT.done;
      }),
    );
};

const refusePostgres = ({ databaseUrl }: Settings, file: string): void => {
  if (databaseUrl === undefined) return;
  throw new CliError(
    'KEPT_ELSEWHERE',
    'The data is in PostgreSQL, which makes its own backups: also while servers work on it, and as of one moment.',
    dumpCommand(databaseUrl, file),
  );
};

const linesOf = (file: string, { bytes, schema, rows, isOpened, beside }: MadeBackup): readonly string[] => [
  `${file} has the database: ${(bytes / MEBIBYTE).toFixed(1)} MiB, schema ${schema}, ${counted(rows.users, 'user')}, ${counted(rows.phones, 'phone')}, ${counted(rows.passkeys, 'passkey')}, ${counted(rows.trail, 'line')} of the trail.`,
  isOpened
    ? 'It was opened with the master key, and is whole.'
    : 'It was opened, and is whole; whether the master key opens it could not be looked at, since this user may not read the key.',
  'It holds secrets: keep it where only you can read it. Not in it, and needed with it:',
  ...besideLines(beside),
];
