import { resolve } from 'node:path';
import { recoveryCodeSets } from '@assent/factors';
import type { CarriedUser, UsersFileReader } from '@assent/server';
import { CliError } from '../command/cli-error.ts';
import type { ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';
import { type ImportRealmOptions, importRealm, refusalOfUsers } from '../realm-files/import-realm.ts';
import { passphraseOf } from '../realm-files/passphrase.ts';
import { usersFileBeside } from '../realm-files/private-file.ts';
import { bringEntries } from './bring-entries.ts';
import { type CarriedRules, carriedAsNewcomer } from './people/carried-person.ts';
import type { Newcomer, ReadEntry } from './people/newcomer.ts';
import { UnreadableFile } from './reading/source-entry.ts';
import { linesOf, textsOfFile } from './reading/texts-of-file.ts';
import type { BringOptions } from './user-import.ts';

export interface RealmAndUsersOptions extends ImportRealmOptions, BringOptions {
  readonly users?: boolean;
}

/** A user may have a hundred attributes of a hundred texts; what is longer is no line of such a file. */
const MAX_LINE_CHARACTERS = 67_108_864;

/** A file of users that was read to its end and found to be whole. */
interface UsersFile {
  readonly reader: UsersFileReader;
  readonly total: number;
  /** Those that codes of the users are under. */
  readonly codeKeys: ReadonlySet<string>;
  users(): AsyncGenerator<CarriedUser>;
}

/** What is wrong with the file, told with its name. */
const faultOfFile = (name: string, error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof CliError) return error;
  if (error instanceof UnreadableFile || error.name === 'RealmFileRefused') {
    return new CliError('USAGE', `${plainText(name)} cannot be imported. ${plainText(error.message)}`, undefined, {
      cause: error,
    });
  }
  if (!('code' in error)) return error;
  return new CliError(
    'USAGE',
    `The file ${plainText(name)} cannot be read.`,
    'assent export realm --users writes it beside the file of the realm',
    { cause: error },
  );
};

/** Reads all of it once before anything is changed: a line that is broken at its end is refused at the beginning. */
const wholeFile = async (stored: Stored<RealmAndUsersOptions>, name: string): Promise<UsersFile> => {
  const { io, server, options } = stored;
  const path = resolve(io.cwd, name);
  const lines = () => linesOf(textsOfFile(path), MAX_LINE_CHARACTERS);
  const passphrase = await passphraseOf(stored);
  const withoutSecrets = options.withoutSecrets === true;
  try {
    const reader = await server.UsersFileReader.begin(await firstOf(lines()), { passphrase, withoutSecrets });
    const users = async function* (): AsyncGenerator<CarriedUser> {
      try {
        yield* reader.users(lines());
      } catch (error) {
        throw faultOfFile(name, error);
      }
    };
    const codeKeys = new Set<string>();
    let total = 0;
    for await (const { secret } of users()) {
      total += 1;
      for (const key of secret?.codeKeys ?? []) codeKeys.add(key);
    }
    return { reader, total, codeKeys, users };
  } catch (error) {
    throw faultOfFile(name, error);
  }
};

const firstOf = async (lines: AsyncIterable<string>): Promise<string> => {
  for await (const line of lines) return line;
  return '';
};

/** What the realm is by now; nothing of it where it would be made by what was only planned. */
const rulesOf = async (
  stored: Stored<RealmAndUsersOptions>,
  realm: string,
  { reader: { head } }: UsersFile,
): Promise<CarriedRules> => {
  const { io, server, store, options } = stored;
  const { realms, services, clients } = await store.configuration.load();
  const isThere = realms.some((it) => it.realm === realm);
  if (!isThere && options.resume === true) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(realm)} to go on with.`, 'leave --resume out');
  }
  const hasDirectory = services.some((it) => it.realm === realm && it.type === server.LDAP_SERVICE);
  const refusal = isThere && options.dryRun !== true ? refusalOfUsers(head, hasDirectory) : undefined;
  if (refusal !== undefined) throw refusal;
  const ofRealm = clients.filter((it) => it.realm === realm);
  return {
    stored,
    realm,
    clients: isThere ? server.consentGenerations(ofRealm) : undefined,
    codes: recoveryCodeSets({
      random: server.systemRandom,
      clock: io,
      codePepper: await server.recoveryCodePepper(store),
    }),
  };
};

const bringUsers = async (stored: Stored<RealmAndUsersOptions>, realm: string, file: UsersFile): Promise<ExitCode> => {
  const { server, store, options } = stored;
  const rules = await rulesOf(stored, realm, file);
  if (options.dryRun !== true) {
    for (const key of file.codeKeys) {
      await server.keepCarriedCodeKey(store.secrets, new Uint8Array(Buffer.from(key, 'base64url')));
    }
  }
  const newcomers = async function* (): AsyncGenerator<ReadEntry<Newcomer>> {
    for await (const user of file.users()) yield { kind: 'person', person: carriedAsNewcomer(rules, user) };
  };
  return bringEntries(stored, realm, { entries: newcomers(), total: file.total });
};

/** Takes a realm over from a file, and its users from the one beside it where they are asked for (OPS-64). */
export const importRealmAndUsers = async (stored: Stored<RealmAndUsersOptions>, name: string): Promise<ExitCode> => {
  const { options } = stored;
  if (options.users !== true) {
    const given = (['resume', 'withErased', 'report'] as const).find((name) => options[name] !== undefined);
    if (given !== undefined) {
      const flag = given === 'withErased' ? '--with-erased' : `--${given}`;
      throw new CliError('USAGE', `${flag} is about users.`, 'say --users, too');
    }
    return importRealm(stored, name);
  }
  const file = await wholeFile(stored, usersFileBeside(name));
  const { head } = file.reader;
  if (options.resume !== true) await importRealm(stored, name, head);
  return bringUsers(stored, realmPath(options.realm ?? head.realm), file);
};
