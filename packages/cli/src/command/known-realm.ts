import { CliError } from './cli-error.ts';
import { plainText } from './plain-text.ts';
import { realmPath, type Stored } from './stored.ts';

interface RealmOption {
  readonly realm: string;
}

/** The path of the realm that is meant, which is there. */
export const knownRealm = async ({
  store,
  options,
}: Pick<Stored<RealmOption>, 'store' | 'options'>): Promise<string> => {
  const realm = realmPath(options.realm);
  const { realms } = await store.configuration.load();
  if (realms.some((it) => it.realm === realm)) return realm;
  throw new CliError('NO_REALM', `There is no realm ${plainText(realm)}.`, 'assent realm list');
};
