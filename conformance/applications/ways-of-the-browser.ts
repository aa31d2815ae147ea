import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openVisit, type Visit } from '../support/browser.ts';
import { PASSWORD } from '../support/people.ts';
import { APP_SCHEME, type ProviderWorld, plainFetch } from './provider-world.ts';

// What a browser makes of the way from an application to the provider and back: its sites, frames, popups and policies
// (spec: oidc §8.2, walks 2, 5, 6, 7 and 8; OIDC-09, OIDC-10, OIDC-11).

const VERIFIER = 'verifier-'.repeat(6);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const withoutScript: BrowserContextOptions = { javaScriptEnabled: false };

/**
 * An application on a site of its own, `127.0.0.1`: its callback goes on to its home, as many do. `/frame?{address}` and `/opener?{address}`
 * show the address in a frame, and in a popup.
 */
const startApp = async () => {
  const app = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const address = JSON.stringify(decodeURIComponent(url.search.slice(1)));
    response.setHeader('content-type', 'text/html');
    if (url.pathname === '/callback') response.writeHead(302, { location: `/home${url.search}` }).end();
    else if (url.pathname === '/frame') response.end(`<title>app</title><iframe src=${address}></iframe>`);
    else if (url.pathname === '/opener') {
      response.end(
        `<title>app</title><button onclick='open(${address}, "popup", "width=500,height=600")'>Open</button>`,
      );
    } else response.end('<title>home</title>');
  }).listen(0);
  await once(app, 'listening');
  const address = app.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    /** On another site than the server. */
    origin: `http://127.0.0.1:${address.port}`,
    /** The same pages on the site of the server. */
    sameSite: `http://localhost:${address.port}`,
    async close() {
      app.closeAllConnections();
      app.close();
      await once(app, 'close');
    },
  };
};

const fillIn = async (page: Page, user: string): Promise<void> => {
  await page.getByLabel('User Name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

/** Without a script the login page leads on by a link. */
const fillInWithoutScript = async (page: Page, user: string): Promise<void> => {
  await fillIn(page, user);
  await page.getByRole('link', { name: 'Continue' }).click();
};

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

export const describeWaysOfTheBrowser = (world: () => ProviderWorld, suite: { readonly browser: Browser }): void => {
  describe('the ways of a browser', () => {
    let app: Awaited<ReturnType<typeof startApp>>;
    let home: string;

    beforeAll(async () => {
      app = await startApp();
      home = `${app.origin}/home?**`;
      const again = await world().administer('GET', 'authentication/authenticationtrees/trees/Login');
      const { _id, _rev, ...tree } = again;
      await world().administer('PUT', 'authentication/authenticationtrees/trees/LoginAgain', tree);
      await world().administer('PUT', 'services/oauth-oidc', {
        advancedOIDCConfig: { loaMapping: { once: 'Login', twice: 'LoginAgain' } },
      });
    });
    afterAll(() => app?.close());

    const request = (over: Readonly<Record<string, string>> = {}): string => {
      const parameters = {
        client_id: 'planner',
        redirect_uri: `${app.origin}/callback`,
        response_type: 'code',
        scope: 'openid profile',
        state: 'st4te',
        service: 'Login',
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
        ...over,
      };
      return `${world().issuer('/alpha')}/authorize?${new URLSearchParams(parameters)}`;
    };
    /** A browser that is signed in already, by the journey `Login`. */
    const signedIn = async (options?: BrowserContextOptions): Promise<Visit> => {
      const visit = await openVisit(suite.browser, options);
      const { hostname } = new URL(world().am);
      await visit.context.addCookies([
        {
          name: 'iPlanetDirectoryPro',
          value: await world().session('/alpha'),
          domain: hostname,
          path: '/',
          sameSite: 'Lax',
        },
      ]);
      return visit;
    };
    const came = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
    const claims = async (page: Page): Promise<Readonly<Record<string, unknown>>> => {
      const answer = await plainFetch(`${world().issuer('/alpha')}/access_token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          client_id: 'planner',
          redirect_uri: `${app.origin}/callback`,
          code: came(page).code ?? '',
          code_verifier: VERIFIER,
        }),
      });
      const { id_token: token = '' } = (await answer.json()) as { readonly id_token?: string };
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    };

    test('a consent is given by a browser without script, on to another site, and is kept where the user says so', async () => {
      const { page, context } = await openVisit(suite.browser, withoutScript);
      await page.goto(request());
      await fillInWithoutScript(page, world().user);
      await page.getByRole('checkbox').check();
      await press(page, 'Allow');
      await page.waitForURL(home);
      expect(came(page)).toMatchObject({ state: 'st4te', iss: world().issuer('/alpha'), code: expect.any(String) });

      await page.goto(request());
      await page.waitForURL(home);
      await page.goto(request({ prompt: 'consent' }));
      await press(page, 'Deny');
      await page.waitForURL(home);
      expect(came(page)).toMatchObject({ error: 'access_denied', state: 'st4te' });
      await context.close();
    });

    test('a consent leads to an application on the device', async () => {
      const { page, context, complaints } = await signedIn();
      await page.goto(request({ redirect_uri: APP_SCHEME, prompt: 'consent' }));
      // Nothing here opens such an address; the browser tries to, where a policy would have stopped it before.
      const tried = page.waitForEvent('requestfailed', (it) => it.url().startsWith('com.example.notes:'));
      await press(page, 'Allow');
      expect(new URL((await tried).url()).searchParams.get('code')).not.toBeNull();
      expect(complaints.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
      await context.close();
    });

    test('a popup signs in and asks, and still knows its opener', async () => {
      const { page, context } = await openVisit(suite.browser);
      const address = request({ display: 'popup', prompt: 'consent' });
      await page.goto(`${app.origin}/opener?${encodeURIComponent(address)}`);
      const opened = page.waitForEvent('popup');
      await press(page, 'Open');
      const popup = await opened;
      await fillIn(popup, world().user);
      await press(popup, 'Allow');
      await popup.waitForURL(home);
      expect(await popup.evaluate(() => (globalThis.opener as Window | null)?.document.title)).toBe('app');
      await context.close();
    });

    test.each([
      ['the question', { prompt: 'consent' }],
      ['the login page', { prompt: 'login' }],
    ])('no frame shows %s, not even on the same site (OIDC-09)', async (_what, over) => {
      const { page, context } = await signedIn();
      const refused = page.waitForEvent('requestfailed', (it) => it.frame() !== page.mainFrame());
      await page.goto(`${app.sameSite}/frame?${encodeURIComponent(request(over))}`);
      expect((await refused).failure()?.errorText).toMatch(/BLOCKED_BY_(RESPONSE|CSP)|ERR_BLOCKED/);
      const frame = page.frames().find((it) => it !== page.mainFrame());
      expect(await frame?.getByRole('button').count()).toBe(0);
      await context.close();
    });

    test('a frame on the same site learns who is signed in; one on another site does not, and a redirect does', async () => {
      const { page, context } = await signedIn();
      const silently = async (origin: string) => {
        const back = `${app.origin}/callback`;
        const address = request({ client_id: 'planner', prompt: 'none', redirect_uri: back });
        const arrived = page.waitForRequest((it) => it.url().startsWith(`${app.origin}/home`));
        await page.goto(`${origin}/frame?${encodeURIComponent(address)}`);
        return Object.fromEntries(new URL((await arrived).url()).searchParams);
      };
      // What is asked of the user is no matter of a frame: it is answered before.
      await page.goto(request({ prompt: 'consent' }));
      await page.getByRole('checkbox').check();
      await press(page, 'Allow');
      await page.waitForURL(home);

      expect(await silently(app.sameSite)).toMatchObject({ code: expect.any(String) });
      expect(await silently(app.origin)).toMatchObject({ error: 'interaction_required', state: 'st4te' });
      await page.goto(request());
      await page.waitForURL(home);
      expect(came(page).code).toBeDefined();
      await context.close();
    });

    test('a login that is asked for again is had again, once, though the session is a moment old (OIDC-10)', async () => {
      const { page, context } = await signedIn();
      for (const over of [{ prompt: 'login consent' }, { max_age: '0', prompt: 'consent' }]) {
        await page.goto(request(over));
        await world().pass(1_000);
        await fillIn(page, world().user);
        await press(page, 'Allow');
        await page.waitForURL(home);
        expect(came(page).code).toBeDefined();
      }
      await context.close();
    });

    test('a class is met by the session that proves it, and a fresh sign-in for the class is by its journey (OIDC-11)', async () => {
      const { page, context } = await signedIn();
      await page.goto(request({ acr_values: 'once', prompt: 'consent' }));
      await press(page, 'Allow');
      await page.waitForURL(home);
      expect(await claims(page)).toMatchObject({ acr: 'once' });

      await page.goto(request({ acr_values: 'twice', prompt: 'login consent' }));
      expect(new URL(page.url()).searchParams.get('authIndexValue')).toBe('LoginAgain');
      await fillIn(page, world().user);
      await press(page, 'Allow');
      await page.waitForURL(home);
      expect(await claims(page)).toMatchObject({ acr: 'twice', amr: ['pwd'] });
      await context.close();
    });

    test('a device is let in on the page that its code leads to', async () => {
      const issuer = world().issuer('/alpha');
      const post = async (path: string, form: Readonly<Record<string, string>>) =>
        (await (
          await plainFetch(`${issuer}/${path}`, {
            method: 'POST',
            body: new URLSearchParams({ client_id: 'planner', ...form }),
          })
        ).json()) as Readonly<Record<string, string>>;
      const asked = await post('device/code', { scope: 'openid', acr_values: 'once' });
      const { page, context } = await signedIn(withoutScript);
      await page.goto(`${asked.verification_uri}`);
      await page.getByLabel('Code', { exact: true }).fill(asked.user_code ?? '');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Is this your device?' }).waitFor();
      await press(page, 'Yes, allow it');
      await page.getByRole('heading', { name: 'Your device is connected' }).waitFor();
      await world().pass(6_000);
      const given = await post('access_token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: asked.device_code ?? '',
      });
      expect(given).toMatchObject({ token_type: 'Bearer', id_token: expect.any(String) });
      await context.close();
    });
  });
};
