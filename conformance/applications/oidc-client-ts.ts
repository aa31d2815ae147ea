import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { UserManager } from 'oidc-client-ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeVisits, openVisit, type Visit } from '../support/browser.ts';
import { PASSWORD } from '../support/people.ts';
import type { ProviderWorld } from './provider-world.ts';

// The library as it is published, in a page of another origin on the site of the server (spec: oidc §8.2, walks 1, 2, 8).

const LIBRARY = readFileSync(
  join(dirname(createRequire(import.meta.url).resolve('oidc-client-ts')), '../browser/oidc-client-ts.min.js'),
  'utf8',
);

/** The page of the application: what comes back into a frame or a popup is handed to the window that waits for it. */
const pageOf = (settings: object): string => `<!doctype html><title>Notes</title><link rel="icon" href="data:,">
<script src="/library.js"></script><script>
  const urls = Object.fromEntries(['redirect_uri', 'silent_redirect_uri', 'popup_redirect_uri'].map((it) => [it, location.origin + '/callback']));
  globalThis.users = new oidc.UserManager({ ...${JSON.stringify(settings)}, ...urls, post_logout_redirect_uri: location.origin + '/' });
  if (window !== top) users.signinSilentCallback();
  else if (opener !== null && location.search !== '') users.signinPopupCallback();
</script>`;

/** The application, on a port of its own. */
const startApp = async (settings: object) => {
  const app = createServer(({ url }, response) => {
    const isLibrary = url === '/library.js';
    response.setHeader('content-type', isLibrary ? 'text/javascript' : 'text/html');
    response.end(isLibrary ? LIBRARY : pageOf(settings));
  }).listen(0, 'localhost');
  await once(app, 'listening');
  const address = app.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    origin: `http://localhost:${address.port}`,
    async close() {
      app.closeAllConnections();
      app.close();
      await once(app, 'close');
    },
  };
};

/** What the page has told of its user. */
interface Told {
  readonly name: unknown;
  readonly accessToken: string;
  readonly sub: unknown;
}

/** Has the library of the page do something, and reads who is signed in after it. */
const have = (page: Page, doing: (users: UserManager) => Promise<unknown>): Promise<Told | undefined> =>
  page.evaluate(`(async () => {
    await (${doing})(globalThis.users);
    const user = await globalThis.users.getUser();
    return user ? { name: user.profile.name, accessToken: user.access_token, sub: user.profile.sub } : undefined;
  })()`);

/** Has the library of the page lead its browser away, which is the end of the page. */
const leave = (page: Page, doing: 'signinRedirect' | 'signoutRedirect'): Promise<void> =>
  page.evaluate(`void globalThis.users.${doing}()`);

const fillIn = async (page: Page, user: string): Promise<void> => {
  await page.getByLabel('User Name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

export const describeOidcClientTs = (world: () => ProviderWorld, suite: { readonly browser: Browser }): void => {
  describe('oidc-client-ts', () => {
    let app: Awaited<ReturnType<typeof startApp>>;
    let visit: Visit;

    beforeAll(async () => {
      app = await startApp({
        authority: world().issuer('/alpha'),
        client_id: 'spa',
        scope: 'openid profile',
        loadUserInfo: true,
        automaticSilentRenew: false,
        extraQueryParams: { service: 'Login' },
      });
      await world().allowOrigin(app.origin);
    });
    afterAll(() => app?.close());
    beforeEach(async () => {
      visit = await openVisit(suite.browser);
      await visit.page.goto(`${app.origin}/`);
      return () => closeVisits(visit);
    });

    const signIn = async (): Promise<Told> => {
      const { page } = visit;
      await leave(page, 'signinRedirect');
      await fillIn(page, world().user);
      await page.waitForURL(`${app.origin}/callback?**`);
      const told = await have(page, (users) => users.signinCallback());
      if (told === undefined) throw new Error('Nobody is signed in.');
      return told;
    };

    test('signs in by the login page', async () => {
      expect(await signIn()).toMatchObject({ name: 'Ada Lovelace', sub: expect.any(String) });
    });

    test('renews by the refresh token, and in a hidden frame', async () => {
      const first = await signIn();
      const refreshed = await have(visit.page, (users) => users.signinSilent());
      const framed = await have(visit.page, (users) => users.signinSilent({ forceIframeAuth: true }));
      const tokens = [first, refreshed, framed].map((told) => told?.accessToken);
      expect(new Set(tokens).size).toBe(3);
      expect(framed).toMatchObject({ name: 'Ada Lovelace' });
    });

    test('signs in by a popup, which closes itself', async () => {
      const { page, context } = visit;
      const opened = context.waitForEvent('page');
      const told = have(page, (users) => users.signinPopup({ display: 'popup' } as never));
      const popup = await opened;
      await fillIn(popup, world().user);
      expect(await told).toMatchObject({ name: 'Ada Lovelace' });
      expect(popup.isClosed()).toBe(true);
      expect(new URL(page.url()).origin).toBe(app.origin);
    });

    test('signs out: the session is over, and a frame is told so', async () => {
      await signIn();
      await leave(visit.page, 'signoutRedirect');
      await visit.page.waitForURL(`${app.origin}/`);
      expect(await have(visit.page, async () => {})).toBeUndefined();
      await expect(have(visit.page, (users) => users.signinSilent({ forceIframeAuth: true }))).rejects.toThrow(
        'The request requires some interaction that is not allowed.',
      );
    });
  });
};
