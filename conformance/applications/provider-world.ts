import { allowOrigins, asAdministrator } from '../support/administrator.ts';
import { type ClockedServer, startClockedServer } from '../support/clocked-server.ts';
import { PASSWORD } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';

/** Of a page on the same site as the server; nothing is loaded from it, unless a suite serves something there. */
export const APP = 'http://localhost:5173';
/** Where an application is led back to; no suite serves anything there, unless it says so. */
export const CALLBACK = `${APP}/callback`;
/** Of an application on another site; any port of it is as good. */
const FOREIGN_CALLBACK = 'http://127.0.0.1:5173/callback';
/** Of an application on a telephone, which no browser of ours opens. */
export const APP_SCHEME = 'com.example.notes:/oauth2redirect';
export const SECRET = 'a-secret-that-is-long-enough-for-anybody';

const GRANT_TYPES = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
];

/** What two kinds of client differ in. */
interface Kind {
  readonly clientType: 'Public' | 'Confidential';
  readonly userpassword?: string;
  readonly redirectionUris: readonly string[];
  /** Whether nobody is asked; true where absent. */
  readonly isConsentImplied?: boolean;
}

const CLIENTS: Readonly<Record<string, Kind>> = {
  spa: { clientType: 'Public', redirectionUris: [CALLBACK] },
  // One that asks its users, on a site of its own.
  planner: { clientType: 'Public', redirectionUris: [FOREIGN_CALLBACK, APP_SCHEME], isConsentImplied: false },
  web: { clientType: 'Confidential', userpassword: SECRET, redirectionUris: [CALLBACK] },
  mobile: { clientType: 'Public', redirectionUris: [APP_SCHEME] },
};

/** A started server with a realm `/alpha` beside the root; in both the same clients and a user. */
export interface ProviderWorld {
  readonly am: string;
  readonly user: string;
  /** The issuer of a realm, as its discovery names it. */
  issuer(realm: string): string;
  /** Changes the configuration of a realm, `/alpha` where none is named, or reads it, as its administrator. */
  administer(
    method: 'GET' | 'PUT',
    path: string,
    body?: object,
    realm?: string,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Lets pages of this origin call too. */
  allowOrigin(origin: string): Promise<void>;
  /** A realm of its own for a suite, with these users. */
  addRealm(realm: string, users: readonly string[]): Promise<void>;
  /** A new session of a user, as an application without a browser holds it. */
  session(realm?: string, user?: string): Promise<string>;
  /** Whether a session is still alive. */
  isAlive(session: string, realm?: string): Promise<boolean>;
  /** By the clock of the server, milliseconds. */
  now(): Promise<number>;
  pass(millis: number): Promise<void>;
  close(): Promise<void>;
}

const addClients = async (server: ClockedServer, realm: string): Promise<void> => {
  for (const [id, { isConsentImplied = true, ...core }] of Object.entries(CLIENTS)) {
    const path = `${realmPath(realm)}/realm-config/agents/OAuth2Client/${id}`;
    const { status, body } = await asAdministrator(server, 'PUT', path, {
      coreOAuth2ClientConfig: {
        ...core,
        loopbackInterfaceRedirection: true,
        scopes: ['openid', 'profile', 'email', 'offline_access', 'notes:read'],
      },
      advancedOAuth2ClientConfig: {
        grantTypes: GRANT_TYPES,
        responseTypes: ['code', 'id_token', 'none'],
        isConsentImplied,
      },
      coreOpenIDClientConfig: { postLogoutRedirectUri: [`${APP}/`] },
    });
    if (status !== 201) throw new Error(`The client ${id} was refused with ${status}: ${JSON.stringify(body)}`);
  }
};

export const startProviderWorld = async (): Promise<ProviderWorld> => {
  const server = await startClockedServer({ trustedProxy: '127.0.0.1' });
  const { am } = server;
  const user = 'ada';
  await server.control('realm', { realm: '/alpha' });
  for (const realm of ['/', '/alpha']) {
    await server.control('user', { username: user, password: PASSWORD, realm });
    const attributes = { cn: ['Ada Lovelace'], mail: ['ada@example.com'] };
    await server.control('set-attributes', { username: user, realm, attributes });
    await addClients(server, realm);
    await allowOrigins(server, [APP], realm);
  }
  const post = (path: string, headers: Readonly<Record<string, string>>, body: object = {}) =>
    realFetch(`${am}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    am,
    user,
    issuer: (realm) => `${am}${realmPath(realm).replace('/json/', '/oauth2/')}`,
    async administer(method, path, body, realm = '/alpha') {
      const answer = await asAdministrator(server, method, `${realmPath(realm)}/realm-config/${path}`, body);
      if (answer.status > 201) throw new Error(`${path} was refused with ${answer.status}.`);
      return answer.body;
    },
    allowOrigin: (origin) => allowOrigins(server, [APP, origin], '/alpha'),
    async addRealm(realm, users) {
      await server.control('realm', { realm });
      for (const username of users) {
        await server.control('user', { username, password: PASSWORD, realm });
        const attributes = { cn: ['Ada Lovelace'], mail: ['ada@example.com'] };
        await server.control('set-attributes', { username, realm, attributes });
      }
    },
    async session(realm = '/', username = user) {
      const answer = await post(`${realmPath(realm)}/authenticate?authIndexType=service&authIndexValue=Login`, {
        'accept-api-version': 'protocol=1.0,resource=2.1',
        'x-openam-username': username,
        'x-openam-password': PASSWORD,
      });
      const { tokenId } = (await answer.json()) as { readonly tokenId?: string };
      if (tokenId === undefined) throw new Error(`${username} was refused with ${answer.status}.`);
      return tokenId;
    },
    async isAlive(session, realm = '/') {
      const path = `${realmPath(realm)}/sessions?_action=getSessionInfo`;
      const { status } = await post(path, { 'accept-api-version': 'resource=4.0', iplanetdirectorypro: session });
      return status === 200;
    },
    now: async () => Number((await server.control('advance', { millis: 0 })).now),
    async pass(millis) {
      await server.control('advance', { millis });
    },
    close: () => server.close(),
  };
};

/** As it was at the start: suites put the one of a page in its place. */
const { fetch: realFetch } = globalThis;

/** A request as a program sends it that follows no redirect. */
export const plainFetch = (url: string | URL, init: RequestInit = {}): Promise<Response> =>
  realFetch(url, { redirect: 'manual', ...init });

/** Where the authorization endpoint leads somebody who is signed in. */
export const landing = async (url: string | URL, session: string): Promise<URL> => {
  const answer = await plainFetch(url, { headers: { cookie: `iPlanetDirectoryPro=${session}`, accept: 'text/html' } });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`No redirect, but ${answer.status}: ${await answer.text()}`);
  return new URL(location);
};
