import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppHost, startAppHost } from '../support/app-host.ts';
import { openVisit } from '../support/browser.ts';
import { PASSWORD } from '../support/people.ts';
import { type ProviderWorld, plainFetch } from './provider-world.ts';

// The vendor's widget as it is published, which by itself asks for tokens after a journey (spec: oidc §8.1).

const pageOf = (am: string): string => `<!doctype html><title>Notes</title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "@forgerock/login-widget": "/login-widget/index.js" } }</script>
<p role="status">Nobody is signed in.</p><button type="button">Sign out</button><div id="widget"></div>
<script type="module">
  import Widget, { configuration, journey, user } from '@forgerock/login-widget';
  configuration().set({ forgerock: {
    serverConfig: { baseUrl: '${am}/', timeout: 5000 },
    realmPath: 'alpha', clientId: 'spa', redirectUri: location.origin + '/callback', scope: 'openid profile email',
  } });
  const signIn = journey();
  new Widget({ target: document.getElementById('widget'), props: { type: 'inline' } });
  const status = document.querySelector('[role=status]');
  signIn.subscribe((event) => {
    if (!event.user.successful) return;
    globalThis.accessToken = event.oauth.response.accessToken;
    status.textContent = event.user.response.name;
  });
  document.querySelector('button').onclick = () => user.logout();
  signIn.start({ journey: 'Login' });
</script>`;

export const describeLoginWidget = (world: () => ProviderWorld, suite: { readonly browser: Browser }): void => {
  describe('@forgerock/login-widget', () => {
    let app: AppHost;
    beforeAll(async () => {
      app = await startAppHost(() => pageOf(world().am));
      await world().allowOrigin(app.origin);
    });
    afterAll(() => app?.close());

    test('signs in by a journey, gets tokens in a hidden frame, reads its user, and ends all of it', async () => {
      const { page, context } = await openVisit(suite.browser);
      // The widget calls a service of its vendor when it is loaded; a test calls nobody.
      await context.route(
        ({ hostname }) => hostname !== 'localhost',
        (route) => route.abort(),
      );
      await page.goto(`${app.origin}/`);
      await page.getByLabel('Username').fill(world().user);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Next' }).click();
      const status = page.getByRole('status').first();
      await expect.poll(() => status.textContent()).toBe('Ada Lovelace');

      const token = await page.evaluate(() => (globalThis as unknown as { readonly accessToken: string }).accessToken);
      const userinfo = async () => {
        const headers = { authorization: `Bearer ${token}` };
        return (await plainFetch(`${world().issuer('/alpha')}/userinfo`, { headers })).status;
      };
      const cookies = async () => (await context.cookies(world().am)).map(({ name }) => name);
      expect(await userinfo()).toBe(200);
      expect(await cookies()).toContain('iPlanetDirectoryPro');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await expect.poll(userinfo).toBe(401);
      await expect.poll(cookies).not.toContain('iPlanetDirectoryPro');
      await context.close();
    });
  });
};
