import { resolve } from 'node:path';
import type { PassphraseKey } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { ownVersion } from '../command/program-version.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { usersFileOf } from './export-users.ts';
import { type PassphraseOption, passphraseOf } from './passphrase.ts';
import { refuseToReplace, usersFileBeside, writePrivateFile } from './private-file.ts';

export interface ExportRealmOptions extends JsonOption, PassphraseOption {
  readonly realm: string;
  readonly users?: boolean;
  readonly withoutSecrets?: boolean;
  readonly force?: boolean;
}

/** What became of the users. */
interface ExportedUsers {
  readonly file: string;
  readonly count: number;
  readonly isSealed: boolean;
  /** Records that do not open with the keys of this server, and are not in the file. */
  readonly unreadable: number;
}

/** Without a passphrase users would come without what they sign in by, which has to be meant. */
const refuseUnmeant = ({ users, withoutSecrets, passphraseFile }: ExportRealmOptions): void => {
  if (users === true && passphraseFile === undefined && withoutSecrets !== true) {
    throw new CliError(
      'USAGE',
      'Users have passwords, phones and recovery codes, which leave a server only sealed.',
      '--passphrase-file FILE, or --without-secrets for names and attributes alone',
    );
  }
  if (passphraseFile !== undefined && withoutSecrets === true) {
    throw new CliError('USAGE', 'Secrets come along under the passphrase, or they do not.', 'one of the two options');
  }
};

const exportUsers = async (
  stored: Stored<ExportRealmOptions>,
  file: string,
  of: { readonly realm: string; readonly passphrase: PassphraseKey | undefined; readonly isOfDirectory: boolean },
): Promise<ExportedUsers> => {
  let unreadable = 0;
  let count = 0;
  stored.store.watchSeals(() => {
    unreadable += 1;
  });
  const texts = async function* () {
    count = yield* usersFileOf(stored, of);
  };
  await writePrivateFile(file, texts(), stored.options.force === true);
  return { file, count, isSealed: of.passphrase !== undefined, unreadable };
};

/** Writes what a realm is to a file, and its users to one beside it where they are asked for (OPS-64). */
export const exportRealm = async (stored: Stored<ExportRealmOptions>, file: string): Promise<ExitCode> => {
  const { io, server, store, settings, options } = stored;
  refuseUnmeant(options);
  const passphrase = await passphraseOf(stored);
  const path = realmPath(options.realm);
  const { configuration } = await server.storedClients(store, settings.publicUrl);
  await configuration.refreshNodes();
  const contents = server.contentsOf(configuration, path);
  if (contents === undefined) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(path)}.`, 'assent realm list');
  }
  const target = resolve(io.cwd, file);
  const files = options.users === true ? [target, usersFileBeside(target)] : [target];
  if (options.force !== true) for (const it of files) refuseToReplace(it);
  const catalogue = server.catalogueWith(await server.loadCustomNodes(settings.nodes, io.cwd));
  const isOfDirectory = contents.services.some(({ type }) => type === server.LDAP_SERVICE);
  const users =
    options.users === true
      ? await exportUsers(stored, usersFileBeside(target), { realm: path, passphrase, isOfDirectory })
      : undefined;
  const { text, leftOut, sealed } = await server.writeRealmFile(contents, {
    version: ownVersion(),
    catalogue,
    passphrase,
  });
  await writePrivateFile(target, [text], options.force === true);
  if (options.json === true) {
    const facts = { realm: path, file: target, sealedSecrets: sealed, leftOut };
    printJson(io, { export: { ...facts, ...(users !== undefined && { users }) } });
  } else {
    const without = users === undefined ? 'without its users and without realms below it' : 'without realms below it';
    io.stdout.write(`${plainText(file)} has the realm ${path}, ${without}.\n`);
    if (sealed > 0) io.stdout.write(`Secrets in it, sealed under the passphrase: ${sealed}\n`);
    if (leftOut.length > 0) {
      io.stdout.write('Secrets that are not in it, and have to be set where it is imported:\n');
      for (const pointer of leftOut) io.stdout.write(`  ${plainText(pointer)}\n`);
    }
    if (users !== undefined) io.stdout.write(linesAboutUsers(usersFileBeside(file), users));
  }
  return users !== undefined && users.unreadable > 0 ? EXIT.no : EXIT.done;
};

const linesAboutUsers = (file: string, { count, isSealed, unreadable }: ExportedUsers): string => {
  const secrets = isSealed
    ? 'Passwords, phones, generators of one-time passwords, passkeys, bound devices, recovery codes and roles are in it, sealed under the passphrase.'
    : 'Passwords, phones, generators of one-time passwords, passkeys, bound devices, recovery codes and roles are not in it.';
  const broken =
    unreadable === 0 ? '' : `Records that do not open with the keys of this server, and are not in it: ${unreadable}\n`;
  return `${plainText(file)} has its users: ${count}. Names and attributes in it can be read.
${secrets}
Sessions, tokens, counters of wrong guesses, requests under way and the trail do not move.
${broken}`;
};
