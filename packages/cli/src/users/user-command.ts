import { commonPasswords, createPasswordHasher, type Lockout, lockoutText } from '@assent/store';
import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { knownRealm } from '../command/known-realm.ts';
import { makeSure, type YesOption, yesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import { BY_COMMAND, type Reason, type ReasonOption, reasonIn } from '../command/reason.ts';
import { addSettingOptions } from '../command/settings-options.ts';
import { addStoreOptions, type Stored, withStore } from '../command/stored.ts';
import { knownUser, noUser, type User, type UserOptions } from './known-user.ts';
import { type EraseOptions, type ExportOptions, eraseUser, exportUser, listErasures } from './personal-data.ts';
import { endSessions, type ResetOptions, resetFactors } from './signing-in.ts';
import { lockoutsNow, unlockUser } from './unlock-user.ts';

interface PasswordOptions extends UserOptions, ReasonOption {
  readonly passwordStdin?: boolean;
  readonly mail?: string;
}

type DeleteOptions = UserOptions & ReasonOption & YesOption;

/** `assent user …`: works on the store directly, also while the server runs. */
export const userCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const user = new Command('user').description('Create, show and delete users, and set their passwords.');
  const subcommand = (name: string, description: string): Command =>
    addStoreOptions(user.command(name).description(description), server).option(
      '--realm <realm>',
      'the realm of the user, such as /alpha',
      '/',
    );
  const passwordOption = (command: Command): Command =>
    command.option('--password-stdin', 'read the password from stdin instead of asking for it');

  const reasonOption = (command: Command): Command =>
    command.option('--reason <text>', 'why, such as the number of the request; it is kept, so put no name into it');

  passwordOption(subcommand('create', 'Create a user.'))
    .argument('<name>', 'the user name')
    .option('--mail <address>', 'the mail address')
    .action((name: string, options: PasswordOptions) => inStore(options, (stored) => createUser(stored, name)));
  subcommand('show', 'Show a user.')
    .argument('<name>', 'the user name')
    .action((name: string, options: UserOptions) => inStore(options, (stored) => showUser(stored, name)));
  subcommand('list', 'List the users of a realm; of a directory, those whom Assent has seen.').action(
    (options: UserOptions) => inStore(options, listUsers),
  );
  reasonOption(
    passwordOption(subcommand('set-password', 'Set the password of a user, and end the sessions of that user.')),
  )
    .argument('<name>', 'the user name')
    .action((name: string, options: PasswordOptions) => inStore(options, (stored) => setPassword(stored, name)));
  reasonOption(
    subcommand('reset-factors', 'Remove all phones, code apps, passkeys, bound devices and recovery codes of a user.'),
  )
    .argument('<name>', 'the user name')
    .addOption(yesOption())
    .action((name: string, options: ResetOptions) => inStore(options, (stored) => resetFactors(stored, name)));
  reasonOption(subcommand('unlock', 'End the lockouts of a user after too many wrong guesses or requests.'))
    .argument('<name>', 'the user name')
    .action((name: string, options: UserOptions & ReasonOption) =>
      inStore(options, (stored) => unlockUser(stored, name)),
    );
  reasonOption(subcommand('end-sessions', 'Sign a user out everywhere.'))
    .argument('<name>', 'the user name')
    .action((name: string, options: UserOptions & ReasonOption) =>
      inStore(options, (stored) => endSessions(stored, name)),
    );
  reasonOption(subcommand('delete', 'Delete a user, with devices, codes and sessions.'))
    .argument('<name>', 'the user name')
    .addOption(yesOption())
    .action((name: string, options: DeleteOptions) => inStore(options, (stored) => deleteUser(stored, name)));
  // It says which server has made it, which may have been told by a flag.
  addSettingOptions(
    subcommand('export', 'Hand out all that is kept of a user, signed: for a request of the user.'),
    server.SETTINGS,
    ['publicUrl'],
  )
    .argument('<name>', 'the user name')
    .option('--out <file>', 'write it there, for you alone to read, and not to stdout')
    .option('--force', 'replace the file')
    .action((name: string, options: ExportOptions) => inStore(options, (stored) => exportUser(stored, name)));
  subcommand('erase', 'Erase a user: the account, and what is personal in the audit trail.')
    .argument('[name]', 'the user name')
    .option('--id <id>', 'in place of a name: the id of somebody whose account is gone already')
    .option(
      '--again <file>',
      'in place of a name: all who stand in a list of `assent user erasures`, or in an audit trail',
    )
    .option('--reason <text>', 'why, such as the number of the request; it is kept, so put no name into it')
    .option('--dry-run', 'only count what would go')
    .addOption(yesOption())
    .action((name: string | undefined, options: EraseOptions) => inStore(options, (stored) => eraseUser(stored, name)));
  addStoreOptions(
    user
      .command('erasures')
      .description('List who was erased, by id: keep it beside the backups, of which some are older.'),
    server,
  ).action((options: JsonOption) => inStore(options, listErasures));
  return user;
};

const hasDirectory = async ({ server, store }: Stored<UserOptions>, realm: string): Promise<boolean> =>
  (await store.configuration.load()).services.some((it) => it.realm === realm && it.type === server.LDAP_SERVICE);

const createUser = async (stored: Stored<PasswordOptions>, name: string): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const realm = await knownRealm(stored);
  refuse(server.newUsernameProblem(name));
  if (await hasDirectory(stored, realm)) {
    throw new CliError(
      'KEPT_ELSEWHERE',
      `Users of the realm ${realm} are made in the directory that its service "${server.LDAP_SERVICE}" names.`,
      'make the user there; Assent knows it from its first sign-in on',
    );
  }
  if ((await store.identities.find(realm, name)) !== undefined) throw userExists(name, realm);
  const given = options.mail === undefined ? {} : { mail: [options.mail] };
  const hash = await hashOf(await newPassword(stored, realm, { username: name, attributes: given }));
  const id = io.randomUuid();
  const attributes = { ...given, ...server.creationAttributes(io.now()) };
  const result = await store.committer.commit([
    { type: 'identity.insert', id, realm, username: name, hash, attributes },
    audit(io, 'USER_CREATE', realm, id),
  ]);
  if (!result.committed && result.refused === server.USER_TOO_LARGE) refuse(server.USER_TOO_LARGE_TEXT);
  // Another caller took the name since it was looked up.
  if (!result.committed) throw userExists(name, realm);
  return said(
    stored,
    `User ${plainText(name)} was created in the realm ${realm}.`,
    await knownUser(stored, realm, name),
  );
};

const showUser = async (stored: Stored<UserOptions>, name: string): Promise<ExitCode> => {
  const { io, options } = stored;
  const user = await knownUser(stored, await knownRealm(stored), name);
  const lockouts = await lockoutsNow(stored, user);
  if (options.json === true) printJson(io, { user: { ...userLine(user), lockouts } });
  else io.stdout.write(userText(user, lockouts));
  return EXIT.done;
};

const listUsers = async (stored: Stored<UserOptions>): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const realm = await knownRealm(stored);
  for await (const user of server.everyUser(store.identities, realm)) {
    if (options.json === true) printJson(io, { user: userLine({ ...user, attributes: server.shownAttributes(user) }) });
    else io.stdout.write(`${plainText(user.username)}${user.active ? '' : '  (disabled)'}\n`);
  }
  if (await hasDirectory(stored, realm)) {
    // Beside what is listed, which programs read.
    io.stderr.write(
      `The realm ${realm} has its users in a directory: these are who was made here, or was seen from there. The directory lists the others.\n`,
    );
  }
  return EXIT.done;
};

const setPassword = async (stored: Stored<PasswordOptions>, name: string): Promise<ExitCode> => {
  const { io, store } = stored;
  const realm = await knownRealm(stored);
  const user = await knownUser(stored, realm, name);
  const { id, username, entryId } = user;
  if (entryId !== undefined) {
    throw new CliError(
      'KEPT_ELSEWHERE',
      `The password of ${plainText(username)} is kept in the directory of the realm ${realm}.`,
      'set it there; the sessions of the user end as soon as Assent sees that',
    );
  }
  const reason = await reasonIn(stored, realm, 'where the realm asks');
  const hash = await hashOf(await newPassword(stored, realm, user));
  const result = await store.committer.commit([
    { type: 'identity.password', id, hash },
    { type: 'identity.endAccess', id },
    audit(io, 'USER_PASSWORD_SET', realm, id, reason),
  ]);
  if (!result.committed) throw noUser(name, realm);
  return said(stored, `The password of ${plainText(username)} was set.`, await knownUser(stored, realm, username));
};

const deleteUser = async (stored: Stored<DeleteOptions>, name: string): Promise<ExitCode> => {
  const { io, store } = stored;
  const realm = await knownRealm(stored);
  const user = await knownUser(stored, realm, name);
  const reason = await reasonIn(stored, realm, 'where the realm asks');
  await makeSure(stored, `Delete ${plainText(user.username)}?`, 'Nothing was deleted.');
  const result = await store.committer.commit([
    { type: 'identity.delete', id: user.id },
    audit(io, 'USER_DELETE', realm, user.id, reason),
  ]);
  if (!result.committed) throw noUser(name, realm);
  return said(stored, `User ${plainText(user.username)} was deleted from the realm ${realm}.`, user);
};

const userLine = ({ id, username, realm, active, attributes }: User): object => ({
  id,
  username,
  realm,
  active,
  attributes,
});

const userText = ({ id, username, realm, active, attributes }: User, lockouts: readonly Lockout[]): string => {
  const rows = [
    ['name', username],
    ['realm', realm],
    ['id', id],
    ['state', active ? (lockouts.length > 0 ? 'locked' : 'active') : 'disabled'],
    ...lockouts.map((it) => ['locked', lockoutText(it)]),
    ...Object.entries(attributes).map(([name, values]) => [name, values.join(', ')]),
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', value = '']) => `${name.padEnd(width)}  ${plainText(value)}\n`).join('');
};

const said = ({ io, options }: Stored<UserOptions>, sentence: string, user: User): ExitCode => {
  if (options.json === true) printJson(io, { user: userLine(user) });
  else io.stdout.write(`${sentence}\n`);
  return EXIT.done;
};

const userExists = (name: string, realm: string): CliError =>
  new CliError(
    'EXISTS',
    `There is a user ${plainText(name)} in the realm ${realm} already.`,
    'assent user set-password, to give a new password',
  );

const refuse = (problem: string | undefined): void => {
  if (problem !== undefined) throw new CliError('USAGE', problem);
};

const newPassword = async (
  { io, server, store, options }: Stored<PasswordOptions>,
  realm: string,
  owner: Pick<User, 'username' | 'attributes'>,
): Promise<string> => {
  const { realms } = await store.configuration.load();
  const check = async (password: string): Promise<void> => {
    const settings = realms.find((it) => it.realm === realm);
    if (settings === undefined) return;
    const rules = server.withLaterSettings(settings);
    refuse((await server.passwordProblem(rules, password, owner, commonPasswords))?.message);
  };
  if (options.passwordStdin === true) {
    // `echo` ends its line; a password does not.
    const password = (await io.readAll()).replace(/\r?\n$/, '');
    await check(password);
    return password;
  }
  if (!io.isInteractive) {
    throw new CliError('USAGE', 'There is no terminal to ask for the password.', 'add --password-stdin');
  }
  const password = await answered(io, `New password of ${plainText(owner.username)}`);
  await check(password);
  if ((await answered(io, 'The same again')) !== password) throw new CliError('USAGE', 'The two passwords differ.');
  return password;
};

const answered = async (io: CliIo, question: string): Promise<string> => {
  const answer = await io.askPassword(question);
  if (answer === undefined) throw new CliError('CALLED_OFF', 'Nothing was changed.');
  return answer;
};

const hashOf = (password: string): Promise<string> =>
  createPasswordHasher({ concurrency: 1, queue: 0 }).hash(password, { realm: '/' });

const audit = (io: CliIo, event: string, realm: string, userId: string, reason: Reason = {}) => ({
  type: 'audit.append' as const,
  event: { at: io.now(), event, realm, transactionId: io.randomUuid(), userId, detail: { by: BY_COMMAND, ...reason } },
});
