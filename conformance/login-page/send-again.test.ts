import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  accessibilityFindings,
  closeVisits,
  describeInBrowser,
  keepPicture,
  openVisit,
  type Visit,
} from '../support/browser.ts';
import { overflowOf } from '../support/looks.ts';
import { addUser } from '../support/people.ts';
import {
  connect,
  heading,
  numberOn,
  openLogin,
  signIn,
  toNumber,
  toSetupCode,
  typeNumber,
} from '../support/phone-visit.ts';
import { startServerProcess } from '../support/server-process.ts';
import { startWebPushProcess, type WebPushProcess } from '../support/web-push-process.ts';

// Whose phone does not ring has the same request sent once more (spec: ux §2.1 and §2.5 [P] Send again).

// The push service of these tests is on this machine.
const start = () => startServerProcess({ args: ['--insecure'] });

describeInBrowser('sending a request again', { start, timeout: 90_000 }, (suite) => {
  let pushService: WebPushProcess;

  beforeAll(async () => {
    const answer = await fetch(`${suite.server.am}/phone/application-server-key`);
    const { key } = (await answer.json()) as { readonly key: string };
    pushService = await startWebPushProcess(key);
  });
  afterAll(async () => {
    await pushService?.close();
  });

  /** A phone that rings through the push service, of a user who has signed in with it once. */
  const ringingPhone = async (name: string): Promise<Visit> => {
    const subscription = await pushService.subscription(name);
    const phone = await openVisit(suite.browser, {
      permissions: ['notifications'],
      viewport: { width: 390, height: 844 },
    });
    await phone.context.addInitScript((json: string) => {
      const made = { ...JSON.parse(json), options: {}, toJSON: () => JSON.parse(json), unsubscribe: async () => true };
      PushManager.prototype.getSubscription = async () => null;
      PushManager.prototype.subscribe = async () => made;
    }, subscription);
    const { page } = phone;
    await page.goto(`${suite.server.am}/phone/`);
    await heading(page, 'Your phone approves your sign-ins').waitFor();
    await addUser(suite.server, name);
    const login = await openLogin(suite);
    await connect(page, await toSetupCode(login.page, name));
    await typeNumber(page, await toNumber(login.page));
    await page.getByRole('button', { name: 'Approve' }).click();
    await heading(login.page, `Signed in as ${name}`).waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Turn on notifications' }).click();
    await page.goto(`${suite.server.am}/phone/#accounts`);
    await page.getByText('rings', { exact: false }).filter({ hasNotText: 'does not ring' }).first().waitFor();
    await closeVisits(login);
    return phone;
  };

  test('rings the phone again with the same request, by keys alone, and its approval signs in', async () => {
    const phone = await ringingPhone('deaf');
    // The phone is away: another page of the server is open instead.
    await phone.page.goto(`${suite.server.am}/account`);
    const login = await openLogin(suite);
    await signIn(login.page, 'deaf');
    const number = await numberOn(login.page);
    const rings = async () => (await pushService.taken('deaf')).map(({ text }) => text);
    await expect.poll(rings).toHaveLength(1);

    const button = login.page.getByRole('button', { name: 'Send again' });
    await button.waitFor({ timeout: 15_000 });
    expect(await button.textContent()).toMatch(/^Send again in \d s$/);
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.press('Enter');
    expect(await accessibilityFindings(login.page)).toEqual([]);
    await keepPicture(login.page, 'send-again-soon-1280');
    await expect.poll(() => button.textContent(), { timeout: 10_000 }).toBe('Send again');
    expect(await rings()).toHaveLength(1);

    // A press that does not reach the server says so, and may be made again.
    const unsent = login.page.getByRole('main').getByText('It could not be sent. Try again.');
    await login.page.route('**/authenticate/renotify', (route) => route.abort(), { times: 1 });
    await button.press('Enter');
    await unsent.waitFor();

    await button.press('Enter');
    await expect.poll(rings).toHaveLength(2);
    await unsent.waitFor({ state: 'detached' });
    const [first, second] = await rings();
    expect(second).toBe(first);
    await expect.poll(() => login.page.locator('#status').textContent()).toBe('Sent again');
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await button.textContent()).toMatch(/^Send again in 1\d s$/);
    expect(await accessibilityFindings(login.page)).toEqual([]);
    for (const width of [390, 1280]) {
      await login.page.setViewportSize({ width, height: 844 });
      expect(await overflowOf(login.page)).toBeLessThanOrEqual(0);
      await keepPicture(login.page, `send-again-sent-${width}`);
    }

    // The second is the last: the button goes, and the cursor stays where it was.
    await expect.poll(() => button.textContent(), { timeout: 20_000 }).toBe('Send again');
    await button.press('Enter');
    await expect.poll(rings).toHaveLength(3);
    await button.waitFor({ state: 'detached' });
    const place = await login.page.evaluate(() => document.activeElement?.textContent);
    expect(place).toBe('Sent again');
    expect(await accessibilityFindings(login.page)).toEqual([]);

    expect(await numberOn(login.page)).toBe(number);
    await phone.page.goto(`${suite.server.am}/phone/`);
    await heading(phone.page, 'Sign-in request').waitFor();
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await heading(login.page, 'Signed in as deaf').waitFor();
    // The console complained of the call that went nowhere, and of nothing else.
    expect(login.complaints.filter((it) => !it.includes('ERR_FAILED'))).toEqual([]);
    await login.context.close();
    await closeVisits(phone);
  });
});
