import { resolve } from 'node:path';
import type { Settings } from '@assent/server';
import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { addStoreOptions, type Server, settingsOf, storedSettings } from '../command/stored.ts';
import { erasuresIn } from '../users/personal-data.ts';
import { putBackCommand } from './dump-command.ts';

interface RestoreOptions extends JsonOption {
  readonly inPlace?: boolean;
  readonly voidCodes?: boolean;
  readonly eraseAgain?: string;
}

/** `assent restore`: a backup takes the place of the database, and what was under way then is over (OPS-61). */
export const restoreCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  return addStoreOptions(
    new Command('restore')
      .description('Put a backup of the database back, and end what was under way then. The server has to be stopped.')
      .argument('[file]', 'what `assent backup` has made; the database of before is kept beside it'),
    server,
  )
    .option('--in-place', 'the database lies in its place already, put back by pg_restore, PITR or a snapshot')
    .option('--void-codes', 'take all recovery codes away: some may have been used since the backup')
    .option('--erase-again <file>', 'who was erased since: a list of `assent user erasures`, or an audit trail')
    .action((file: string | undefined, options: RestoreOptions) =>
      perform(io, options, async () => {
        const done = await restore(io, server, file, options);
        if (options.json === true) printJson(io, { restored: done });
        else for (const line of linesOf(done)) io.stdout.write(`${plainText(line)}\n`);
        return EXIT.done;
      }),
    );
};

type Restored = Awaited<ReturnType<Server['restoreInPlace']>>;

const restore = async (
  io: CliIo,
  server: Server,
  file: string | undefined,
  options: RestoreOptions,
): Promise<Restored> => {
  if ((file === undefined) !== (options.inPlace === true)) {
    throw new CliError('USAGE', 'Name either the file of a backup, or --in-place.', 'assent restore --help');
  }
  const choice = {
    voidCodes: options.voidCodes === true,
    now: io.now(),
    transactionId: io.randomUuid(),
    erasures: options.eraseAgain === undefined ? [] : await erasuresIn({ io, server }, options.eraseAgain),
  };
  if (file === undefined) return server.restoreInPlace(await storedSettings(io, server, options), choice);
  const { settings } = await settingsOf(io, server, options);
  refuseOthers(settings, file);
  return server.restoreFrom(settings, resolve(io.cwd, file), choice);
};

const refuseOthers = ({ databaseUrl }: Settings, file: string): void => {
  if (databaseUrl === undefined) return;
  if (databaseUrl === 'memory:')
    throw new CliError('USAGE', 'What is kept in memory: ends with the server, so there is nothing to put back.');
  throw new CliError(
    'KEPT_ELSEWHERE',
    'The data is in PostgreSQL, which puts it back itself; `assent restore --in-place` then ends what was under way.',
    `${putBackCommand(databaseUrl, file)} && assent restore --in-place`,
  );
};

const linesOf = ({ epoch, rows, kept, ended, goodAgain, codesVoided, erasedAgain }: Restored): readonly string[] => [
  `The database is put back: ${counted(rows.users, 'user')}, ${counted(rows.phones, 'phone')}, ${counted(rows.passkeys, 'passkey')}, ${counted(rows.trail, 'line')} of the trail. Its epoch is ${epoch}.`,
  ...(kept === undefined ? [] : [`The one of before is ${kept}.`]),
  `Over: ${ended.sessions} sessions, ${ended.journeys} journeys, ${ended.requests} requests to phones, ${ended.grants} grants of applications, ${ended.unsent} mails and notices that were to be sent. Everybody signs in anew.`,
  erasedAgain === 0
    ? 'Nobody of those who are known to be erased was in the backup. Who was erased since, and stands in no list that was given, is there again: `assent user erase --again FILE`.'
    : `Erased once more: ${erasedAgain} users.`,
  ...againLines(goodAgain, codesVoided),
  'As they were then: users, passwords, phones, roles and settings. What was taken away since is there again, such as a lost phone; take it away once more.',
];

/** What somebody may use twice: once before, and once more since it is put back. */
const againLines = (
  { recoveryCodes, usersWithCodes, counterApps }: Restored['goodAgain'],
  codesVoided: boolean,
): readonly string[] => [
  ...(codesVoided
    ? [`Void: ${recoveryCodes} recovery codes of ${usersWithCodes} users, who need new ones.`]
    : recoveryCodes > 0
      ? [
          `Good once more, if they were used since the backup: recovery codes; there are ${recoveryCodes}, of ${usersWithCodes} users. \`assent restore --in-place --void-codes\` takes them away.`,
        ]
      : []),
  ...(counterApps > 0
    ? [`Good once more: one-time codes that ${counterApps} apps with a counter have shown since the backup.`]
    : []),
];
