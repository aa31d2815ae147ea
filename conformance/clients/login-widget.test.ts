import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { type AppHost, startAppHost } from '../support/app-host.ts';
import { describeInBrowser, keepPicture, openVisit, type Visit } from '../support/browser.ts';
import type { Phone } from '../support/phone.ts';
import { type ClientWorld, PASSWORD, startClientWorld } from './client-world.ts';

// The unmodified widget in Chromium, on the page of our guide, which another origin serves (spec: journeys-rest §4.4, §4.5).

const GUIDE_PAGE = new URL('../../docs/guides/examples/login-widget.html', import.meta.url);
const COOKIE = 'iPlanetDirectoryPro';
const LOST_PHONE = 'Lost phone? Use a recovery code';
const REGISTRATION_POLL = 2_000;
const WAIT_POLL = 5_000;

/** A server, an app whose origin is listed there, and one whose is not; both apps have the widget on their page. */
interface WidgetWorld extends ClientWorld {
  readonly app: AppHost;
  readonly stranger: AppHost;
}

const start = async (): Promise<WidgetWorld> => {
  let am = '';
  const page = () =>
    readFileSync(GUIDE_PAGE, 'utf8')
      .replace('https://login.example.com/am/', `${am}/`)
      .replaceAll("journey: 'PushLogin'", "journey: location.hash.slice(1) || 'PushLogin'");
  const [app, stranger] = await Promise.all([startAppHost(page), startAppHost(page)]);
  const world = await startClientWorld([app.origin]);
  am = world.am;
  return {
    ...world,
    app,
    stranger,
    async close() {
      await Promise.all([app.close(), stranger.close(), world.close()]);
    },
  };
};

describeInBrowser('login-widget', { start }, (suite) => {
  const open = async (address = suite.server.app.origin): Promise<Visit> => {
    const visit = await openVisit(suite.browser, {
      permissions: ['geolocation'],
      geolocation: { latitude: 52.5, longitude: 13.4 },
    });
    // The widget calls a service of its vendor when it is loaded; a test calls nobody.
    await visit.context.route(
      ({ hostname }) => hostname !== 'localhost',
      (route) => route.abort(),
    );
    await visit.page.clock.install();
    await visit.page.goto(address);
    return visit;
  };

  const button = (page: Page, name: string) => page.getByRole('button', { name });
  const cookie = async ({ context }: Visit) =>
    (await context.cookies(suite.server.am)).find(({ name }) => name === COOKIE);

  const signIn = async (page: Page, user: string, password = PASSWORD): Promise<void> => {
    await page.getByLabel('Username').fill(user);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await button(page, 'Next').click();
  };

  interface Enrolled {
    readonly phone: Phone;
    readonly codes: readonly string[];
  }

  const shownCodes = async (page: Page): Promise<readonly string[]> => {
    await page.getByText('Walking phone').waitFor();
    return (await page.getByRole('listitem').allTextContents()).map((text) => text.trim());
  };

  /** Connects a phone; ends where the widget waits for it. */
  const enrol = async (page: Page, user: string): Promise<Enrolled> => {
    await signIn(page, user);
    await button(page, 'Register Device').click();
    const phone = suite.server.newPhone();
    expect((await phone.register(await page.getByLabel('URL:').inputValue())).status).toBe(200);
    await page.clock.fastForward(REGISTRATION_POLL);
    const codes = await shownCodes(page);
    await button(page, 'Next').click();
    await button(page, LOST_PHONE).waitFor();
    return { phone, codes };
  };

  const shownNumber = async (page: Page): Promise<string> => {
    const text = await page.getByText(/On your phone, type \d+/).textContent();
    return text?.replace(/\D/g, '') ?? '';
  };

  const approve = async (page: Page, phone: Phone): Promise<void> => {
    expect((await phone.approve(await phone.request(), await shownNumber(page))).status).toBe(200);
    await page.clock.fastForward(WAIT_POLL);
    await page.getByText('Signed in').waitFor();
  };

  const signOut = async (page: Page): Promise<void> => {
    await button(page, 'Sign out').click();
    await page.getByText('Signed out').waitFor();
    await page.getByLabel('Username').waitFor();
  };

  test('on a page whose origin is not listed, the browser lets nothing through', async () => {
    const visit = await open(suite.server.stranger.origin);
    await expect.poll(() => visit.complaints.join('\n')).toContain('has been blocked by CORS policy');
    expect(await visit.page.getByLabel('Username').count()).toBe(0);
    expect(await visit.context.cookies(suite.server.am)).toEqual([]);
    await visit.context.close();
  });

  test('a wrong password is told as such, and asked for again', async () => {
    const { page, context } = await open();
    const user = await suite.server.newUser();
    await signIn(page, user, 'not this one');
    await page.getByText('Sign in failed').waitFor();
    await signIn(page, user);
    await button(page, 'Register Device').waitFor();
    await context.close();
  });

  test('a new password that breaks a rule is asked for again, with words that the widget has (SEC-55)', async () => {
    const { server } = suite;
    const trees = '/json/realms/root/realm-config/authentication/authenticationtrees';
    const node = '5f0c9a52-6f1e-4a53-9d0f-0f6f1f6f7a10';
    const config = { validateInput: true, passwordAttribute: 'password' };
    const tree = {
      entryNodeId: node,
      nodes: {
        [node]: {
          nodeType: 'ValidatedPasswordNode',
          displayName: 'New password',
          connections: { outcome: 'e301438c-0bd0-429c-ab0c-66126501069a' },
        },
      },
      staticNodes: {},
    };
    for (const [path, body] of [
      [`${trees}/nodes/ValidatedPasswordNode/${node}`, config],
      [`${trees}/trees/NewPassword`, tree],
    ] as const) {
      expect((await asAdministrator(server.server, 'PUT', path, body)).status).toBe(201);
    }
    const visit = await open(`${server.app.origin}/#NewPassword`);
    const { page, context } = visit;
    for (const [guessed, requirement, words] of [
      ['abcdabcdabcd', 'DICTIONARY', 'Password cannot contain common passwords'],
      ['seven77', 'MIN_LENGTH', 'Please check this value'],
      ['password1', 'DICTIONARY', 'Password cannot contain common passwords'],
      ['Assent-2026', 'CANNOT_CONTAIN_OTHERS', 'Please check this value'],
      ['x1'.repeat(513), 'MAX_LENGTH', 'Please check this value'],
    ] as const) {
      await page.getByLabel('Password', { exact: true }).fill(guessed);
      const answered = page.waitForResponse(/authenticate/);
      await button(page, 'Next').click();
      expect((await (await answered).json()).callbacks[0].output).toContainEqual(
        expect.objectContaining({
          name: 'failedPolicies',
          value: expect.arrayContaining([expect.stringContaining(requirement)]),
        }),
      );
      await page.getByText(words).first().waitFor();
    }
    expect(visit.complaints.filter((complaint) => complaint.startsWith('error:'))).toEqual([]);
    await context.close();
  });

  test('a request that the phone denies leads back to the password', async () => {
    const visit = await open();
    const { page, context } = visit;
    const { phone } = await enrol(page, await suite.server.newUser());
    expect((await phone.deny(await phone.request(), 'not_me')).status).toBe(200);
    await page.clock.fastForward(WAIT_POLL);
    await page.getByText('Sign in failed').waitFor();
    await page.getByLabel('Username').waitFor();
    expect(await cookie(visit)).toBeUndefined();
    await context.close();
  });

  test('a page that was left lying signs in with what was typed, once the server says 110', async () => {
    const { page, context } = await open();
    await page.getByLabel('Username').waitFor();
    await suite.server.pass(15 * 60_000 + 1);
    await signIn(page, await suite.server.newUser());
    await button(page, 'Register Device').waitFor();
    await context.close();
  });

  test('register, read the codes in peace, approve with the number, come back, sign out', async () => {
    const visit = await open();
    const { page, context, complaints } = visit;
    await signIn(page, await suite.server.newUser());
    await button(page, 'Register Device').click();

    const uri = await page.getByLabel('URL:').inputValue();
    const drawn = await page.locator('canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      return pixels.some((value, at) => at % 4 === 0 && value === 0);
    });
    expect(drawn).toBe(true);
    await keepPicture(page, 'widget-setup-code');
    const phone = suite.server.newPhone();
    expect((await phone.register(uri)).status).toBe(200);
    await page.clock.fastForward(REGISTRATION_POLL);

    const codes = await shownCodes(page);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{16}$/);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url()));
    await page.clock.fastForward(60_000);
    await keepPicture(page, 'widget-recovery-codes');
    expect(await shownCodes(page)).toEqual(codes);
    expect(sent).toEqual([]);
    await button(page, 'Next').click();

    await button(page, LOST_PHONE).waitFor();
    await keepPicture(page, 'widget-number');
    await approve(page, phone);
    expect(await cookie(visit)).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/' });

    // The session lets the page through without a question.
    await page.reload();
    await page.getByText('Signed in').waitFor();
    await signOut(page);
    expect(await cookie(visit)).toBeUndefined();
    expect(complaints.filter((text) => !text.includes('net::ERR_FAILED'))).toEqual([]);
    await context.close();
  });

  test('a wait goes on until the phone answers', async () => {
    const { page, context } = await open();
    const { phone } = await enrol(page, await suite.server.newUser());
    const number = await shownNumber(page);
    const polled = page.waitForResponse((response) => response.url().includes('/authenticate'));
    await page.clock.fastForward(WAIT_POLL);
    expect((await polled).status()).toBe(200);
    expect(await shownNumber(page)).toBe(number);
    await approve(page, phone);
    await context.close();
  });

  test('without the phone: exit, a wrong code, and a right one', async () => {
    const { page, context } = await open();
    const user = await suite.server.newUser();
    const { phone, codes } = await enrol(page, user);
    await approve(page, phone);
    await signOut(page);
    await signIn(page, user);
    await button(page, LOST_PHONE).click();
    const field = page.getByLabel('Recovery Code');
    await field.fill('0000 0000 0000 0000');
    await button(page, 'Next').click();
    await expect.poll(() => field.inputValue()).toBe('');
    // What is left of the wait's timer must not send the field away while somebody types.
    await field.fill(codes[0]?.toLowerCase() ?? '');
    await page.clock.fastForward(WAIT_POLL);
    expect(await field.inputValue()).toBe(codes[0]?.toLowerCase());
    await button(page, 'Next').click();
    await page.getByText('Signed in').waitFor();
    await context.close();
  });
});
