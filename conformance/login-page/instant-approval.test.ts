import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { accessibilityFindings, closeVisits, describeInBrowser } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import {
  type AskedUser,
  codeOn,
  heading,
  openLogin,
  signIn,
  toSetupCode,
  typeNumber,
  upToRequest,
} from '../support/phone-visit.ts';
import { startServerProcess } from '../support/server-process.ts';

// Two windows that share nothing, the login page in one and the phone in the other: what is answered on the phone shows
// on the page at once (spec: ux §2.5, §2.6; design.md §3 decision 4).

/** At least what a step that waits asks for between two polls. */
const POLL_MILLIS = 10_000;

describeInBrowser('approval on the login page', { start: startServerProcess }, (suite) => {
  const approve = async ({ phone }: AskedUser, number: string): Promise<void> => {
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
  };
  /** Submits of the step that waits, as the page makes them. */
  const pollsOf = (page: Page): readonly number[] => {
    const polls: number[] = [];
    page.on('request', (request) => {
      if (request.postData()?.includes('PollingWaitCallback')) polls.push(Date.now());
    });
    return polls;
  };

  test('names the phone and the time that is left, polls nothing, and signs in on the answer', async () => {
    const pair = await upToRequest(suite, 'instant');
    const { login, phone, number } = pair;
    const polls = pollsOf(login.page);
    const main = login.page.getByRole('main');
    await main.getByText('Waiting for Chrome').waitFor();
    expect(await main.getByRole('timer').textContent()).toMatch(/^1:\d\d left$|^2:00 left$/);
    expect(await accessibilityFindings(login.page)).toEqual([]);
    expect(polls).toEqual([]);
    await approve(pair, number);
    await heading(login.page, 'Signed in as instant').waitFor();
    expect(polls).toHaveLength(1);
    await closeVisits(login, phone);
  });

  test('polls by itself where no stream can be had', async () => {
    const pair = await upToRequest(suite, 'poller', async (page) => {
      await page.clock.install();
      await page.route('**/authenticate/wait', (route) =>
        route.fulfill({ status: 200, contentType: 'text/html', body: '' }),
      );
    });
    const { page } = pair.login;
    const polls = pollsOf(page);
    await approve(pair, pair.number);
    await heading(pair.phone.page, 'Answer sent').waitFor();
    await page.clock.fastForward(POLL_MILLIS);
    await heading(page, 'Signed in as poller').waitFor();
    expect(polls).not.toEqual([]);
    await closeVisits(pair.login, pair.phone);
  });

  test('a denial shows who denied it, and starts over', async () => {
    const { login, phone } = await upToRequest(suite, 'denier');
    await phone.page.getByRole('button', { name: 'Deny' }).click();
    await heading(phone.page, 'What happened?').waitFor();
    await phone.page.getByLabel('I cancelled it').check();
    const polls = pollsOf(login.page);
    await phone.page.getByRole('button', { name: 'Deny this request' }).click();
    await heading(login.page, 'The request was denied').waitFor();
    // The one that the news asks for.
    expect(polls).toHaveLength(1);
    await login.page
      .getByRole('main')
      .getByText(/Somebody pressed Deny on Chrome/)
      .waitFor();
    await expect.poll(() => login.page.title()).toMatch(/^Error: The request was denied/);
    expect(await accessibilityFindings(login.page)).toEqual([]);
    await login.page.getByRole('button', { name: 'Start over' }).first().click();
    await heading(login.page, 'Sign in').waitFor();
    await closeVisits(login, phone);
  });

  test('another number ends the request, in words', async () => {
    const pair = await upToRequest(suite, 'mistyper');
    await approve(pair, pair.number === '111111' ? '222222' : '111111');
    await heading(pair.login.page, 'The number did not match').waitFor();
    expect(await accessibilityFindings(pair.login.page)).toEqual([]);
    await closeVisits(pair.login, pair.phone);
  });

  test('answered while the page was offline: it carries on by itself', async () => {
    const pair = await upToRequest(suite, 'commuter');
    const { login, phone, number } = pair;
    await login.context.setOffline(true);
    await approve(pair, number);
    await heading(phone.page, 'Answer sent').waitFor();
    await login.context.setOffline(false);
    await heading(login.page, 'Signed in as commuter').waitFor();
    // What a browser says in its console of a network that is gone is no fault of the page.
    expect(login.complaints.filter((line) => !line.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
    await login.context.close();
    await closeVisits(phone);
  });

  test('a reload goes on waiting by a stream of its own', async () => {
    const pair = await upToRequest(suite, 'reloader');
    await pair.login.page.reload();
    await pair.login.page.getByRole('timer').waitFor();
    const polls = pollsOf(pair.login.page);
    await approve(pair, pair.number);
    await heading(pair.login.page, 'Signed in as reloader').waitFor();
    expect(polls).toHaveLength(1);
    await closeVisits(pair.login, pair.phone);
  });

  test('two tabs of one browser keep their journeys apart, also over a reload', async () => {
    await addUser(suite.server, 'tab-one');
    await addUser(suite.server, 'tab-two');
    const one = await openLogin(suite);
    const two = await one.context.newPage();
    await two.goto(one.page.url());
    const first = await toSetupCode(one.page, 'tab-one');
    await two.getByLabel('User Name').waitFor();
    const second = await toSetupCode(two, 'tab-two');
    expect(second).not.toBe(first);
    await Promise.all([one.page.reload(), two.reload()]);
    await heading(two, 'Connect your phone').waitFor();
    expect(await codeOn(one.page)).toBe(first);
    expect(await codeOn(two)).toBe(second);
    await closeVisits(one);
  });

  test('back leaves the sign-in, and forward finds it where it was', async () => {
    await addUser(suite.server, 'wanderer');
    const login = await openLogin(suite);
    await login.page.goto(`${suite.server.am}/account`);
    await login.page.goto(`${suite.server.am}/login`);
    await signIn(login.page, 'wanderer');
    await login.page.goBack();
    expect(new URL(login.page.url()).pathname).not.toBe('/am/login');
    await login.page.goForward();
    await login.page.getByRole('button', { name: 'Register Device' }).waitFor();
    await login.context.close();
  });

  test('Arabic: the page runs from right to left, the number does not, and a change on the way keeps the step', async () => {
    const { login, phone, number } = await upToRequest(suite, 'arab');
    await login.page.getByLabel('Language').selectOption('ar');
    await expect.poll(() => login.page.evaluate(() => document.documentElement.dir)).toBe('rtl');
    const shown = login.page.locator('.k-number');
    expect(await shown.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
    expect(((await shown.locator('[aria-hidden]').textContent()) ?? '').replace(/\D/g, '')).toBe(number);
    expect(await accessibilityFindings(login.page)).toEqual([]);
    await typeNumber(phone.page, number);
    await phone.page.getByRole('button', { name: 'Approve' }).click();
    await login.page.waitForURL(`${suite.server.am}/account`);
    await closeVisits(login, phone);
  });

  test('by keys alone: a wrong password, the right one, and the way to the recovery code', async () => {
    const { login: earlier, phone } = await upToRequest(suite, 'keys');
    await closeVisits(earlier, phone);
    const { page, context } = await openLogin(suite);
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = (): Promise<string> =>
      page.evaluate(
        () => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute('autocomplete') || '',
      );
    await expect.poll(focused).toBe('username');
    await page.keyboard.type('keys');
    await press('Tab');
    await page.keyboard.type('not this one');
    await press('Enter');
    await expect.poll(() => page.locator('#alert').textContent()).toContain('That did not work');
    await expect.poll(focused).toBe('current-password');
    await page.keyboard.type(PASSWORD);
    await press('Enter');
    await heading(page, 'Check your phone')
      .or(page.getByRole('button', { name: 'Not now' }))
      .waitFor();
    if (await page.getByRole('button', { name: 'Not now' }).isVisible()) await press('Tab', 'Tab', 'Enter');
    await heading(page, 'Check your phone').waitFor();
    await expect.poll(focused).toBe('Check your phone');
    for (let stops = 0; stops < 8 && !(await focused()).includes('recovery code'); stops += 1) await press('Tab');
    await press('Enter');
    await heading(page, 'Use a recovery code').waitFor();
    await context.close();
  });
});
