import { resolve } from 'node:path';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { counted } from '../command/counted.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { knownRealm } from '../command/known-realm.ts';
import { hasToAsk, type YesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import { BY_COMMAND, givenReason, type Reason, type ReasonOption, reasonIn } from '../command/reason.ts';
import type { Stored } from '../command/stored.ts';
import { linesOf, textsOfFile } from '../imports/reading/texts-of-file.ts';
import { fileOfOut, writePrivateFile } from '../realm-files/private-file.ts';
import { noUser, type User, type UserOptions } from './known-user.ts';

export interface ExportOptions extends UserOptions {
  readonly out?: string;
  readonly force?: boolean;
}

export interface EraseOptions extends UserOptions, ReasonOption, YesOption {
  readonly id?: string;
  readonly again?: string;
  readonly dryRun?: boolean;
}

/** The command line hands out the whole audit log, as far as one text of Node can hold it. */
const AS_FAR_AS_FITS = { bytes: 128 * 1_024 * 1_024 };
const ALL = {
  sessions: AS_FAR_AS_FITS,
  applications: AS_FAR_AS_FITS,
  activity: { rows: 10_000_000, bytes: 256 * 1_024 * 1_024 },
};

/** With what is shown to nobody, of which the export says how much there is. */
const userAsStored = async ({ store }: Stored<UserOptions>, realm: string, name: string): Promise<User> => {
  const user = await store.identities.find(realm, name);
  if (user === undefined) throw noUser(name, realm);
  return user;
};

/** `assent user export`: nothing is handed out that is not in the trail. */
export const exportUser = async (stored: Stored<ExportOptions>, name: string): Promise<ExitCode> => {
  const { io, server, settings, store, options } = stored;
  const realm = await knownRealm(stored);
  const user = await userAsStored(stored, realm, name);
  const file = fileOfOut(io, options);
  const event = { at: io.now(), event: 'EXPORT', realm, transactionId: io.randomUuid(), userId: user.id };
  const result = await store.committer.commit([
    { type: 'identity.unchanged', id: user.id, seenRev: user.rev },
    { type: 'audit.append', event: { ...event, detail: { by: BY_COMMAND } } },
  ]);
  if (!result.committed) throw noUser(name, realm);
  const clock = { now: () => io.now() };
  const keys = server.storedSigningKeys(store, clock);
  const ports = { store, keys, publicUrl: settings.publicUrl, clock };
  const signed = await server.exportUser(ports, user, ALL);
  const text = `${JSON.stringify(JSON.parse(signed.text), undefined, 2)}\n`;
  if (file === undefined) io.stdout.write(text);
  else {
    await writePrivateFile(file, [text], options.force === true, '--out');
    if (options.json === true) printJson(io, { exported: { user: user.id, file } });
    else io.stdout.write(`All that is kept of ${plainText(user.username)} is in ${plainText(options.out ?? '')}.\n`);
  }
  return EXIT.done;
};

/** `assent user erase`. */
export const eraseUser = async (stored: Stored<EraseOptions>, name: string | undefined): Promise<ExitCode> => {
  const { options } = stored;
  if ([name, options.id, options.again].filter((it) => it !== undefined).length !== 1) {
    throw new CliError(
      'USAGE',
      'Say who is to be erased: by name, by --id, or by --again.',
      'assent user erase --help',
    );
  }
  const reason = givenReason(stored);
  if (options.again !== undefined) return eraseAgain(stored, options.again, reason);
  if (options.id !== undefined) return eraseById(stored, options.id);
  return eraseByName(stored, name ?? '');
};

const eraseByName = async (stored: Stored<EraseOptions>, name: string): Promise<ExitCode> => {
  const { io, server, store, options } = stored;
  const realm = await knownRealm(stored);
  const user = await userAsStored(stored, realm, name);
  const counts = await server.countErasure(store, user, await store.journeySessions.ofUser(user), io.now());
  const isOfDirectory = user.entryId !== undefined;
  if (options.dryRun === true) {
    if (options.json === true)
      printJson(io, { wouldErase: { id: user.id, realm, directory: isOfDirectory, ...counts } });
    else io.stdout.write(`Would go: ${countsText(counts)}.\n${isOfDirectory ? DIRECTORY_STAYS : ''}`);
    return EXIT.done;
  }
  const reason = await reasonIn(stored, realm, 'always');
  await askForName(stored, user.username, `${plainText(user.username)}: ${countsText(counts)}.`);
  if (!(await commitErasure(stored, user, { reason, seenRev: user.rev }))) {
    throw new CliError('CALLED_OFF', 'Nothing was erased: the account has changed meanwhile.', 'try again');
  }
  if (options.json === true) printJson(io, { erased: { id: user.id, realm, directory: isOfDirectory, ...counts } });
  else {
    io.stdout.write(`Erased, with ${countsText(counts)}. The trail knows the user by ${user.id} alone from now on.\n`);
    if (isOfDirectory) io.stdout.write(DIRECTORY_STAYS);
  }
  return EXIT.done;
};

const DIRECTORY_STAYS =
  'The entry in the directory of the realm stays, with all that is kept there: erase it there, or the user is known here again from the next sign-in on.\n';

/** Somebody whose account was deleted before: what the trail still has. */
const eraseById = async (stored: Stored<EraseOptions>, id: string): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const realm = await knownRealm(stored);
  const user = await store.identities.findById(id);
  if (user !== undefined) {
    throw new CliError('EXISTS', 'The account of that id is there.', 'assent user erase NAME, which asks for its name');
  }
  const lines = (await store.audit.ofUser(id, 1)).length;
  if (lines === 0) throw new CliError('NO_USER', `Nothing here knows the id ${plainText(id)}.`);
  const reason = await reasonIn(stored, realm, 'always');
  await askForName(stored, id, `What the trail has of ${plainText(id)}.`);
  await commitErasure(stored, { id, realm }, { reason });
  if (options.json === true) printJson(io, { erased: { id, realm } });
  else io.stdout.write(`Erased: the trail has nothing personal of ${plainText(id)} any more.\n`);
  return EXIT.done;
};

/** All who stand in a list, whether they are here or not: after a database was put back that is older than the list. Why is known from before. */
const eraseAgain = async (stored: Stored<EraseOptions>, path: string, reason: Reason): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const listed = await erasuresIn(stored, path);
  const known = await Promise.all(
    listed.map(async (it) => ({ ...it, user: await store.identities.findById(it.userId) })),
  );
  const back = known.filter(({ user }) => user !== undefined);
  if (options.dryRun === true) {
    if (options.json === true) printJson(io, { wouldErase: { listed: listed.length, users: back.length } });
    else io.stdout.write(`The list has ${listed.length}, of whom ${back.length} are here.\n`);
    return EXIT.done;
  }
  for (const { userId, realm, user } of known) {
    await commitErasure(stored, user ?? { id: userId, realm }, { reason });
  }
  if (options.json === true) printJson(io, { erased: { listed: listed.length, users: back.length } });
  else io.stdout.write(`Erased once more: ${back.length} users, of ${listed.length} in the list.\n`);
  return EXIT.done;
};

const MAX_LINE = 1_048_576;

/** Who stands in a file of erasures, once each; a line that is none is named. */
export const erasuresIn = async (
  { io, server }: Pick<Stored<unknown>, 'io' | 'server'>,
  path: string,
): Promise<readonly Erasure[]> => {
  const found = new Map<string, Erasure>();
  let number = 0;
  try {
    for await (const line of linesOf(textsOfFile(resolve(io.cwd, path)), MAX_LINE)) {
      number += 1;
      const erasure = line.trim() === '' ? undefined : server.readErasure(line);
      if (erasure !== undefined) found.set(erasure.userId, erasure);
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw code === undefined
      ? new CliError('USAGE', `Line ${number} of ${plainText(path)} is no erasure: ${message}.`, undefined, { cause })
      : new CliError('USAGE', `The file ${plainText(path)} cannot be read.`, undefined, { cause });
  }
  return [...found.values()];
};

type Erasure = NonNullable<ReturnType<Stored<unknown>['server']['readErasure']>>;

const commitErasure = async (
  { io, server, store }: Stored<EraseOptions>,
  user: Pick<User, 'id' | 'realm'> & Partial<Pick<User, 'username'>>,
  { reason, seenRev }: { readonly reason: Reason; readonly seenRev?: number },
): Promise<boolean> => {
  const order = {
    at: io.now(),
    transactionId: io.randomUuid(),
    by: BY_COMMAND,
    ...reason,
  };
  const { id, realm, username } = user;
  const journeys = username === undefined ? [] : await store.journeySessions.ofUser({ id, realm, username });
  const result = await store.committer.commit([
    ...(seenRev === undefined ? [] : [{ type: 'identity.unchanged', id: user.id, seenRev }]),
    ...server.erasureOf(user, journeys, order),
  ]);
  return result.committed;
};

/** It cannot be undone, so that a yes is not enough. */
const askForName = async (stored: Stored<EraseOptions>, name: string, what: string): Promise<void> => {
  const { io } = stored;
  if (!hasToAsk(stored)) return;
  io.stderr.write(`${what} That cannot be undone.\n`);
  const answer = await io.askText(`Type ${plainText(name)} to erase`);
  if (answer !== name) throw new CliError('CALLED_OFF', 'Nothing was erased.');
};

const countsText = (counts: Awaited<ReturnType<Stored<unknown>['server']['countErasure']>>): string =>
  [
    counted(counts.phones, 'phone'),
    counted(counts.generators, 'code app'),
    counted(counts.passkeys, 'passkey'),
    counted(counts.boundDevices, 'bound device'),
    counted(counts.recoveryCodes, 'recovery code'),
    counted(counts.sessions, 'session'),
    counted(counts.applications, 'application'),
    counted(counts.requests, 'request'),
    counted(counts.notices, 'notice'),
    counted(counts.journeys, 'journey under way', 'journeys under way'),
    `what is personal in ${counted(counts.trail, 'line')} of the trail`,
  ].join(', ');

const ERASURES_AT_ONCE = 500;

/** `assent user erasures`: JSON lines, whether asked for or not, since a program reads them next. */
export const listErasures = async ({ io, server, store }: Stored<JsonOption>): Promise<ExitCode> => {
  let after: string | undefined;
  do {
    const page = await store.erasures.list(ERASURES_AT_ONCE, after);
    for (const erasure of page) printJson(io, server.erasureLine(erasure));
    after = page.length === ERASURES_AT_ONCE ? page.at(-1)?.userId : undefined;
  } while (after !== undefined);
  return EXIT.done;
};
