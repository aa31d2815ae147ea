import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, closeVisits, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { startClockedServer } from '../support/clocked-server.ts';
import { heading, numberOn, signIn, typeNumber } from '../support/phone-visit.ts';
import { ringingPhone } from '../support/ringing-phone.ts';
import { startWebPushProcess, type WebPushProcess } from '../support/web-push-process.ts';

// Whose phone does not ring has the same request sent once more (spec: ux §2.1 and §2.5 [P] Send again).

describeInBrowser('sending again', { start: startClockedServer, browser: 'whole' }, (suite) => {
  let pushService: WebPushProcess;

  beforeAll(async () => {
    pushService = await startWebPushProcess(suite.server);
  });
  afterAll(async () => {
    await pushService?.close();
  });

  /** Lets the time go on for the server and the page. */
  const pass = async (page: Page, millis: number): Promise<void> => {
    await suite.server.control('advance', { millis });
    await page.clock.fastForward(millis);
  };

  test('rings the phone again with the same request, by keys alone, and its approval signs in', async () => {
    const phone = await ringingPhone(suite, pushService, 'deaf');
    // The phone is away: another page of the server is open instead.
    await phone.page.goto(`${suite.server.am}/account`);
    const login = await openVisit(suite.browser);
    await login.page.clock.install();
    await login.page.goto(`${suite.server.am}/login`);
    await signIn(login.page, 'deaf');
    const number = await numberOn(login.page);
    const rings = async () => (await pushService.taken('deaf')).map(({ text }) => text);
    await expect.poll(rings).toHaveLength(1);

    const button = login.page.getByRole('button', { name: 'Send again' });
    await pass(login.page, 11_000);
    await button.waitFor();
    expect(await button.textContent()).toMatch(/^Send again in \d s$/);
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await button.press('Enter');
    expect(await accessibilityFindings(login.page)).toEqual([]);
    await keepPicture(login.page, 'send-again-soon-1280');
    await pass(login.page, 4_000);
    await expect.poll(() => button.textContent()).toBe('Send again');
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
    await pass(login.page, 15_000);
    await expect.poll(() => button.textContent()).toBe('Send again');
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
