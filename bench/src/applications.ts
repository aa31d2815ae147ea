import { answer, JourneyClient } from './journey-client.ts';
import { signInAtLibrary, THEIRS } from './library-client.ts';
import { type Addresses, OAuthClient, type Tokens } from './oauth-client.ts';
import { LANES, type Lane, lanes, PASSWORD } from './scenarios.ts';
import type { ServerProcess } from './server-process.ts';

const OURS: Addresses = {
  authorize: '/am/oauth2/authorize',
  token: '/am/oauth2/access_token',
  userinfo: '/am/oauth2/userinfo',
};

/** Nobody signs in to an application a thousand times in one session: each lane takes its users in turn. */
const USERS_PER_LANE = 10;

/** What an application asks, of which one kind at a time is measured. */
export type Asked = 'authorize' | 'login' | 'refresh' | 'userinfo' | 'introspect' | 'forged';

interface User {
  readonly cookie: string;
  tokens: Tokens;
}

/** Of whoever has none yet: they are no handles of ours. */
const NO_TOKENS: Tokens = { access: '', refresh: '' };

/** What a turn of that kind does for a user. */
const turnOf = (asked: Asked, client: OAuthClient): ((user: User) => Promise<unknown>) => {
  switch (asked) {
    case 'authorize':
      return ({ cookie }) => client.code(cookie);
    case 'login':
      return async ({ cookie }) => client.userinfo(await client.redeem(await client.code(cookie)));
    case 'refresh':
      return async (user) => {
        user.tokens = await client.refresh(user.tokens);
      };
    case 'userinfo':
      return ({ tokens }) => client.userinfo(tokens);
    case 'introspect':
      return ({ tokens }) => client.introspect('/am/oauth2/introspect', tokens);
    case 'forged':
      // Its last letters are of the MAC.
      return ({ tokens }) => client.forged(`${tokens.access.slice(0, -8)}forgedXX`);
  }
};

const lanesOf = (
  server: ServerProcess,
  addresses: Addresses,
  asked: Asked,
  signIn: (connection: Lane['connection'], name: string) => Promise<string>,
): Promise<readonly Lane[]> =>
  lanes(server, LANES, async (connection, at) => {
    const client = new OAuthClient(connection, addresses);
    const users: User[] = [];
    for (let user = 0; user < USERS_PER_LANE; user += 1) {
      const cookie = await signIn(connection, `${asked}${at * USERS_PER_LANE + user}`);
      const needsTokens = asked !== 'authorize' && asked !== 'login';
      users.push({ cookie, tokens: needsTokens ? await client.redeem(await client.code(cookie)) : NO_TOKENS });
    }
    const turn = turnOf(asked, client);
    let next = 0;
    return {
      connection,
      async turn() {
        const user = users[next++ % USERS_PER_LANE];
        if (user !== undefined) await turn(user);
      },
    };
  });

/** Applications of people who are signed in here. */
export const applicationLanes = async (server: ServerProcess, asked: Asked): Promise<readonly Lane[]> => {
  await server.addUsers({ prefix: asked, count: LANES * USERS_PER_LANE, password: PASSWORD });
  return lanesOf(server, OURS, asked, async (connection, name) => {
    const client = new JourneyClient(connection, 'ldapService');
    return `iPlanetDirectoryPro=${await client.finish(answer(await client.start(), name, PASSWORD))}`;
  });
};

/** People who sign in over `oidc-provider`. */
export const libraryLanes = (server: ServerProcess): Promise<readonly Lane[]> =>
  lanesOf(server, THEIRS, 'login', signInAtLibrary);
