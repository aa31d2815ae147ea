import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform } from '../command/command-run.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { type ExportTrailOptions, exportTrail } from './export-trail.ts';
import { showKey } from './trail-keys.ts';
import { type VerifyFileOptions, verifyFile } from './verify-file.ts';
import { type VerifyOptions, verifyTrail } from './verify-trail.ts';

type Verified = VerifyOptions & VerifyFileOptions;

/** What is said for a file means nothing for a database, and the other way round: nobody is to think that it was looked at. */
const refuseOthers = (isFile: boolean, { key, checkpoint, sinceCheckpoint }: Verified): void => {
  const isWrong = isFile ? sinceCheckpoint !== undefined : key !== undefined || checkpoint !== undefined;
  if (!isWrong) return;
  throw isFile
    ? new CliError('USAGE', '--since-checkpoint is for the trail of the database.', '--checkpoint, for a file')
    : new CliError('USAGE', '--key and --checkpoint are for a file.', 'name the file, or --since-checkpoint');
};

/** `assent audit …`: works on the store directly, also while the server runs, and writes nothing there; a file needs no store. */
export const auditCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const audit = new Command('audit').description('Prove that nobody has changed the audit trail, and hand it out.');
  const subcommand = (name: string, description: string): Command =>
    addStoreOptions(audit.command(name).description(description), server);

  subcommand(
    'verify',
    'Look at every row of the audit trail, and say which were changed, moved, put there or taken away.',
  )
    .argument('[file]', 'an export, which is looked at without a database; the trail of the database where absent')
    .option('--key <file...>', 'of an export: a key that is trusted, as assent audit key prints it')
    .option(
      '--checkpoint <position:hash...>',
      'of an export: a place that you have kept, which the file has to agree with',
    )
    .option(
      '--since-checkpoint <position:hash>',
      'begin at a place that you have kept, as the detail of a row AUDIT_CHECKPOINT has it; it has to be there',
    )
    .action((file: string | undefined, options: Verified) =>
      file === undefined
        ? inStore(options, async (stored) => {
            refuseOthers(false, options);
            return verifyTrail(stored);
          })
        : perform(io, options, async () => {
            refuseOthers(true, options);
            return verifyFile(io, server, file, options);
          }),
    );
  subcommand(
    'export',
    'Write the audit trail as lines of JSON, by which anybody can prove that nobody has changed them.',
  )
    .option('--out <file>', 'where to write it, for this user alone to read; standard output where absent')
    .option('--force', 'replace the file')
    .option('--from <time>', 'what happened then or later: a day in UTC, such as 2026-03-01, or a moment')
    .option('--to <time>', 'what happened before then')
    .option('--realm <path>', 'of one realm')
    .option('--event <name...>', 'of these events, such as JOURNEY_END')
    .option('--user <name>', 'what concerns a user, or was done by one: the name, or the id of one who is no more')
    .action((options: ExportTrailOptions) => inStore(options, exportTrail));
  subcommand('key', 'Print the public key that checkpoints of the audit trail are signed with.').action(
    (options: JsonOption) => inStore(options, showKey),
  );
  return audit;
};
