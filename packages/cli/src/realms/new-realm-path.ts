import { CliError } from '../command/cli-error.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';

/** Refuses a path that no realm can have, or none can get here. */
export const refuseUnusablePath = async (
  { server, store }: Pick<Stored<unknown>, 'server' | 'store'>,
  path: string,
): Promise<void> => {
  if (!server.isUsableRealmPath(path)) {
    throw new CliError(
      'USAGE',
      `${plainText(path)} cannot be the path of a realm: names have letters, digits, dots, dashes and underscores, and are no resource of the REST API.`,
    );
  }
  const { realms } = await store.configuration.load();
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  if (!realms.some(({ realm }) => realm === parent)) {
    throw new CliError('NO_REALM', `There is no realm ${parent} to create it in.`, `assent realm create ${parent}`);
  }
  const aliases = server.aliasesOf(realms.map(server.withLaterSettings));
  const holder = parent === '/' ? aliases.get(server.foldAlias(path.slice(1))) : undefined;
  if (holder !== undefined) throw new CliError('EXISTS', `${plainText(path)} is an alias of the realm ${holder}.`);
};

/** Refuses a path whose earlier realm has rows that are still to be taken away. */
export const refuseWhileLeaving = async ({ store }: Pick<Stored<unknown>, 'store'>, path: string): Promise<void> => {
  if (!(await store.configuration.isBeingDeleted(path))) return;
  throw new CliError(
    'IN_USE',
    `The realm ${path} that was there is still being deleted, which a server that runs does bit by bit.`,
    'start the server, and try again in a while',
  );
};
