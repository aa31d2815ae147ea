import { join } from 'node:path';
import { type Administered, asAdministrator } from './administrator.ts';
import { realmPath } from './realm-path.ts';
import type { ServerProcess } from './server-process.ts';

/** The password of users whose suite has no reason to choose another. */
export const PASSWORD = 'correct horse 7';

/** A user of the server under test while it runs; `assent user create` would be a process for each. */
export const addUser = async (
  server: Administered,
  username: string,
  userpassword = PASSWORD,
  realm = '/',
): Promise<void> => {
  const users = `${realmPath(realm)}/users?_action=create`;
  const { status, body } = await asAdministrator(server, 'POST', users, { username, userpassword });
  if (status !== 201) throw new Error(`${username} was refused with ${status}: ${JSON.stringify(body)}`);
};

/** The arguments of `assent phone …` on the phone with this name, which keeps its keys beside the data of the server. */
export const phoneArgs = (
  server: Pick<ServerProcess, 'scratch'>,
  name: string,
  ...args: readonly string[]
): readonly string[] => ['phone', ...args, '--store', join(server.scratch, `${name}.json`), '--json'];

/** The attributes of a user as the administrator sees them; `assent user show` would be a process for each look. */
export const attributesOf = async (
  server: Administered,
  username: string,
  realm: string,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const { status, body } = await asAdministrator(server, 'GET', `${realmPath(realm)}/users/${username}`);
  if (status !== 200) throw new Error(`${username} was not shown: ${status} ${JSON.stringify(body)}`);
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, readonly string[]] => Array.isArray(entry[1])),
  );
};
