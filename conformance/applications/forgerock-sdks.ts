import {
  CallbackType,
  Config,
  FRAuth,
  FRStep,
  FRUser,
  type NameCallback,
  type PasswordCallback,
  TokenManager,
  UserManager,
} from '@forgerock/javascript-sdk';
import { oidc } from '@forgerock/oidc-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { PASSWORD } from '../support/people.ts';
import { type BrowserPage, openBrowserPage } from './browser-page.ts';
import { APP, CALLBACK, landing, type ProviderWorld, plainFetch } from './provider-world.ts';

// The vendor's packages for pages, as they are published (spec: oidc §4).

const REALM = '/alpha';
const SCOPE = 'openid profile email';
const COOKIE = 'iPlanetDirectoryPro';

/** Signs the user of the page in by the journey, as an application with its own form does. */
const signInByJourney = async ({ am, user }: ProviderWorld): Promise<void> => {
  Config.set({
    serverConfig: { baseUrl: `${am}/`, timeout: 5_000 },
    realmPath: 'alpha',
    clientId: 'spa',
    redirectUri: CALLBACK,
    scope: SCOPE,
  });
  const step = await FRAuth.start({ tree: 'Login' });
  if (!(step instanceof FRStep)) throw new Error(`A step was expected: ${JSON.stringify(step.payload)}`);
  step.getCallbackOfType<NameCallback>(CallbackType.NameCallback).setName(user);
  step.getCallbackOfType<PasswordCallback>(CallbackType.PasswordCallback).setPassword(PASSWORD);
  await FRAuth.next(step);
};

/** What an access token is still good for. */
const userinfoStatus = async (world: ProviderWorld, token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${token}` };
  return (await plainFetch(`${world.issuer(REALM)}/userinfo`, { headers })).status;
};

export const describeJavascriptSdk = (world: () => ProviderWorld): void => {
  describe('@forgerock/javascript-sdk', () => {
    let page: BrowserPage;
    beforeEach(async () => {
      page = openBrowserPage();
      await signInByJourney(world());
      return () => expect(page.refused).toEqual([]);
    });

    const tokens = async (options?: Parameters<typeof TokenManager.getTokens>[0]) => {
      const found = await TokenManager.getTokens(options);
      if (!found) throw new Error('The SDK has gone elsewhere.');
      return found;
    };

    test('gets tokens in the background, keeps them, and reads who is signed in', async () => {
      const first = await tokens();
      expect(first).toMatchObject({ idToken: expect.any(String), refreshToken: expect.any(String) });
      expect(await tokens()).toEqual(first);
      expect(await UserManager.getCurrentUser()).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com' });
    });

    test('renews them: the old access token is over, the new one is good', async () => {
      const first = await tokens();
      const next = await tokens({ forceRenew: true });
      expect(await userinfoStatus(world(), first.accessToken)).toBe(401);
      expect(await userinfoStatus(world(), next.accessToken)).toBe(200);
    });

    test('ends the session and the tokens', async () => {
      const session = page.cookie(COOKIE) ?? '';
      const { accessToken } = await tokens();
      await FRUser.logout();
      expect(page.cookie(COOKIE)).toBeUndefined();
      expect(await world().isAlive(session, REALM)).toBe(false);
      expect(await userinfoStatus(world(), accessToken)).toBe(401);
      await expect(tokens()).rejects.toThrow('The request requires some interaction that is not allowed.');
    });

    test('ends them by the ID token alone, where an application has switched the sessions off', async () => {
      const session = page.cookie(COOKIE) ?? '';
      const { accessToken } = await tokens();
      const { sessions: _, ...paths } = pathsOf('realms/root/realms/alpha');
      Config.set({ ...Config.get(), serverConfig: { baseUrl: `${world().am}/`, timeout: 5_000, paths } });
      await FRUser.logout({ redirect: false });
      expect(await world().isAlive(session, REALM)).toBe(false);
      expect(await userinfoStatus(world(), accessToken)).toBe(401);
    });

    test('of nobody goes to the login page, and takes up what comes back from there', async () => {
      await FRUser.logout();
      await TokenManager.getTokens({ login: 'redirect' });
      const [address = ''] = page.visited;
      const session = await world().session(REALM);
      const { code = '', state = '' } = Object.fromEntries((await landing(address, session)).searchParams);
      expect(await tokens({ query: { code, state } })).toMatchObject({ accessToken: expect.any(String) });
      await expect(TokenManager.getTokens({ query: { code, state: 'forged' } })).rejects.toThrow();
    });
  });
};

const pathsOf = (realm: string) => ({
  authenticate: `json/${realm}/authenticate`,
  authorize: `oauth2/${realm}/authorize`,
  accessToken: `oauth2/${realm}/access_token`,
  endSession: `oauth2/${realm}/connect/endSession`,
  userInfo: `oauth2/${realm}/userinfo`,
  revoke: `oauth2/${realm}/token/revoke`,
  sessions: `json/${realm}/sessions/`,
});

export const describeOidcClient = (world: () => ProviderWorld): void => {
  describe('@forgerock/oidc-client', () => {
    let page: BrowserPage;
    beforeEach(async () => {
      page = openBrowserPage();
      await signInByJourney(world());
      return () => expect(page.refused).toEqual([]);
    });

    const newClient = async (more: { readonly par?: boolean; readonly signOutRedirectUri?: string } = {}) => {
      const wellknown = `${world().issuer(REALM)}/.well-known/openid-configuration`;
      const client = await oidc({
        config: { serverConfig: { wellknown }, clientId: 'spa', redirectUri: CALLBACK, scope: SCOPE, ...more },
        logger: { level: 'none' },
      });
      if (client.error !== undefined) throw new Error(client.error);
      return client;
    };
    type Client = Awaited<ReturnType<typeof newClient>>;

    const signIn = async ({ authorize, token }: Client) => {
      const answer = await authorize.background();
      if (!('code' in answer)) throw new Error(`A code was expected: ${JSON.stringify(answer)}`);
      return tokensOf(await token.exchange(answer.code, answer.state));
    };
    const tokensOf = (answer: Awaited<ReturnType<Client['token']['get']>>) => {
      if (!('accessToken' in answer)) throw new Error(`Tokens were expected: ${JSON.stringify(answer)}`);
      return answer;
    };

    test.each([false, true])('signs in, with a pushed request: %s', async (par) => {
      const client = await newClient({ par });
      const first = await signIn(client);
      expect(first.idToken).toMatch(/^eyJ/);
      expect(await client.user.info()).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.com' });
    });

    test('renews its tokens, and takes back the old access token alone', async () => {
      const client = await newClient();
      const first = await signIn(client);
      const next = tokensOf(await client.token.get({ backgroundRenew: true, forceRenew: true }));
      // It answers before it has revoked.
      await expect.poll(() => userinfoStatus(world(), first.accessToken)).toBe(401);
      expect(await userinfoStatus(world(), next.accessToken)).toBe(200);
    });

    test('takes its tokens back', async () => {
      const client = await newClient();
      const { accessToken } = await signIn(client);
      expect(await client.token.revoke()).toEqual({ revokeResponse: null, deleteResponse: null });
      expect(await userinfoStatus(world(), accessToken)).toBe(401);
    });

    test.each(['none', 'id_token'] as const)('asks by %s whether its user is still there', async (responseType) => {
      const client = await newClient();
      await signIn(client);
      expect(await client.user.session({ responseType })).toMatchObject({ responseType });
      await plainFetch(`${world().am}/json/realms/root/realms/alpha/sessions?_action=logout`, {
        method: 'POST',
        headers: { 'accept-api-version': 'resource=4.0', iPlanetDirectoryPro: page.cookie(COOKIE) ?? '' },
      });
      expect(await client.user.session({ responseType })).toMatchObject({ error: 'interaction_required' });
    });

    test('signs its user out, and revokes what the end of the session has ended already', async () => {
      const client = await newClient();
      const { accessToken } = await signIn(client);
      const session = page.cookie(COOKIE) ?? '';
      expect(await client.user.logout()).toEqual({ sessionResponse: null, revokeResponse: null, deleteResponse: null });
      expect(await world().isAlive(session, REALM)).toBe(false);
      expect(await userinfoStatus(world(), accessToken)).toBe(401);
      expect(await client.authorize.background()).toMatchObject({ error: 'interaction_required' });
    });

    test('of an address that nobody registered learns that it is set up wrongly', async () => {
      const client = await newClient();
      expect(
        await client.authorize.background({ clientId: 'spa', redirectUri: `${APP}/elsewhere` } as never),
      ).toMatchObject({
        error: 'CONFIGURATION_ERROR',
      });
    });
  });
};
