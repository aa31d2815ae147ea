import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import type { Appearance } from '../support/appearances.ts';
import type { BrowserSuite } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { checksOf, dialog, section, withPassword } from './account-visit.ts';

const CALLBACK = 'https://app.example.com/callback';
const VERIFIER = 'v'.repeat(43);
const CLIENTS = {
  planner: {
    clientName: ['Planner', 'de|Planer'],
    scopes: ['openid', 'profile', 'calendar|Read your calendar', 'calendar|de|Ihren Kalender lesen'],
  },
  notes: { clientName: [`Notes ${'of everybody who writes '.repeat(9)}`], scopes: ['openid', 'notes:read'] },
  bare: { scopes: ['openid'] },
};
type ClientId = keyof typeof CLIENTS;

/** What applications may do in the user's name (spec: oidc §5.3). */
export const describeApplications = (suite: BrowserSuite<ServerProcess>, appearances: readonly Appearance[]): void => {
  const post = async (
    path: string,
    headers: Readonly<Record<string, string>>,
    form: Readonly<Record<string, string>>,
  ) =>
    fetch(`${suite.server.am}/oauth2/realms/root/${path}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(form),
      redirect: 'manual',
    });
  const sessionOf = async (user: string): Promise<string> => {
    const { am } = suite.server;
    const headers = {
      'content-type': 'application/json',
      'accept-api-version': 'protocol=1.0,resource=2.1',
      'x-openam-username': user,
      'x-openam-password': PASSWORD,
    };
    const path = `${realmPath('/')}/authenticate?authIndexType=service&authIndexValue=Login`;
    const answer = await fetch(`${am}${path}`, { method: 'POST', headers, body: '{}' });
    return String(((await answer.json()) as { readonly tokenId?: string }).tokenId);
  };
  /** The user agrees, as clients of AM ask for it; the code is not redeemed yet. */
  const agree = async (session: string, client: ClientId): Promise<string> => {
    const answer = await post(
      'authorize',
      { iPlanetDirectoryPro: session },
      {
        client_id: client,
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: CLIENTS[client].scopes.map((scope) => scope.split('|')[0]).join(' '),
        code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
        code_challenge_method: 'S256',
        decision: 'allow',
        save_consent: 'on',
        csrf: session,
      },
    );
    const code = new URL(answer.headers.get('location') ?? CALLBACK).searchParams.get('code');
    if (code === null) throw new Error(`No code, but ${answer.status}: ${await answer.text()}`);
    return code;
  };
  const tokens = async (client: ClientId, form: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const answer = await post('access_token', {}, { client_id: client, redirect_uri: CALLBACK, ...form });
    return ((await answer.json()) as { readonly refresh_token?: string }).refresh_token;
  };
  const redeem = async (session: string, client: ClientId): Promise<string> => {
    const code = await agree(session, client);
    const refresh = await tokens(client, { grant_type: 'authorization_code', code, code_verifier: VERIFIER });
    if (refresh === undefined) throw new Error(`${client} got no refresh token.`);
    return refresh;
  };
  const renew = (client: ClientId, refresh: string) =>
    tokens(client, { grant_type: 'refresh_token', refresh_token: refresh });

  beforeAll(async () => {
    for (const [id, core] of Object.entries(CLIENTS)) {
      const path = `${realmPath('/')}/realm-config/agents/OAuth2Client/${id}`;
      const { status, body } = await asAdministrator(suite.server, 'PUT', path, {
        coreOAuth2ClientConfig: { clientType: 'Public', redirectionUris: [CALLBACK], ...core },
        advancedOAuth2ClientConfig: { grantTypes: ['authorization_code', 'refresh_token'], responseTypes: ['code'] },
      });
      if (status !== 201) throw new Error(`The client ${id} was refused with ${status}: ${JSON.stringify(body)}`);
    }
  });

  describe('the applications of a user', () => {
    test('are told with what they may do, and one that is removed gets nothing more', async () => {
      await addUser(suite.server, 'holder');
      const session = await sessionOf('holder');
      const refresh = await redeem(session, 'planner');
      await agree(session, 'bare');

      const { page, context, complaints } = await withPassword(suite, 'holder');
      const apps = section(page, 'Apps with access');
      const planner = apps.getByRole('listitem').filter({ hasText: 'Planner' });
      await planner.getByText('Read your calendar').waitFor();
      await planner.getByText('See your name, language and time zone').waitFor();
      await planner.getByText(/^since .* · last active /).waitFor();
      await apps.getByText(/^allowed since .*, and not signed in now$/).waitFor();

      const remove = apps.getByRole('button', { name: 'Remove Planner' });
      await remove.press('Enter');
      await dialog(page).waitFor();
      await page.keyboard.press('Escape');
      await dialog(page).waitFor({ state: 'detached' });
      await expect.poll(() => remove.evaluate((element) => element === document.activeElement)).toBe(true);
      await remove.press('Enter');
      await dialog(page).getByRole('button', { name: 'Remove' }).press('Enter');
      await planner.waitFor({ state: 'detached' });
      await page.getByText('Planner was removed').waitFor({ state: 'attached' });
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Apps with access');
      await section(page, 'Recent activity').getByText('Access of Planner removed').waitFor();
      expect(await renew('planner', refresh)).toBeUndefined();

      await apps.getByRole('button', { name: 'Remove bare' }).press('Enter');
      await dialog(page).getByRole('button', { name: 'Remove' }).press('Enter');
      await page.getByText('No app has access to your account.').waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    });

    test.each(appearances)('are accessible and fit in $appearance', async ({ appearance, ...options }) => {
      const name = `user-of-apps-${appearance}`;
      await addUser(suite.server, name);
      const session = await sessionOf(name);
      // Somebody uses a token that was replaced twice: of the two who hold the family, one has stolen it.
      const stolen = await redeem(session, 'planner');
      const next = await renew('planner', stolen);
      await renew('planner', next ?? '');
      expect(await renew('planner', stolen)).toBeUndefined();
      await redeem(session, 'planner');
      await redeem(session, 'notes');
      await agree(session, 'bare');

      const { page, context, complaints } = await withPassword(suite, name, options);
      const check = checksOf(page, appearance);
      const apps = section(page, 'Apps with access');
      await section(page, 'Recent activity')
        .getByText('Somebody used an old key of the app Planner. We signed Planner out.')
        .waitFor();
      await check('apps');
      await apps.getByRole('button', { name: 'Remove Planner' }).click();
      await check('remove-app', 'viewport');
      await dialog(page).getByRole('button', { name: 'Go back' }).click();
      for (const [language, text] of [
        ['ar', 'calendar'],
        ['de', 'Ihren Kalender lesen'],
      ] as const) {
        await page.goto(`${suite.server.am}/account?locale=${language}`);
        await page.getByText(text).first().waitFor();
        await check(`apps-${language}`);
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  });
};
