import type { Store } from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import type { JsonOption } from '../command/command-run.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';

export interface UserOptions extends JsonOption {
  readonly realm: string;
}

export type User = NonNullable<Awaited<ReturnType<Store['identities']['find']>>>;

/** Without what is shown to nobody. */
export const knownUser = async ({ store, server }: Stored<UserOptions>, realm: string, name: string): Promise<User> => {
  const user = await store.identities.find(realm, name);
  if (user === undefined) throw noUser(name, realm);
  return { ...user, attributes: server.shownAttributes(user) };
};

export const noUser = (name: string, realm: string): CliError =>
  new CliError(
    'NO_USER',
    `There is no user ${plainText(name)} in the realm ${realm}.`,
    `assent user list --realm ${realm}`,
  );
