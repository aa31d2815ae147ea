import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { mainAppearances, overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { codeOn, heading, numberOn, openLogin, signIn, toNumber, toSetupCode } from '../support/phone-visit.ts';
import { newPhones } from '../support/phones.ts';
import { startServerProcess } from '../support/server-process.ts';

// The login page in a browser, on the size of a phone and of a desk, by day and by night (spec: ux §2, §7.1).

describeInBrowser('the login page', { start: startServerProcess }, (suite) => {
  const phones = newPhones();
  const loginPage = (query = ''): string => `${suite.server.am}/login${query}`;
  const username = (page: Page): Locator => page.getByLabel('User Name');
  const password = (page: Page): Locator => page.getByLabel('Password', { exact: true });
  const tell = async (page: Page, name: string, secret: string): Promise<void> => {
    await username(page).fill(name);
    await password(page).fill(secret);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  const kept = (page: Page): Promise<string> =>
    page.evaluate(() => JSON.stringify([Object.entries(localStorage), location.href, document.cookie]));

  describe.concurrent.each(mainAppearances({ width: 390, height: 844 }))(
    '$appearance',
    ({ appearance, colorScheme, viewport }) => {
      test('every screen of the journey is accessible, and leaves no secret behind', async ({ expect }) => {
        const user = `walker-${appearance}`;
        await addUser(suite.server, user);
        const { page, context, complaints } = await openLogin(suite, '', { colorScheme, viewport });
        const findings: string[] = [];
        const secrets: string[] = [PASSWORD];
        const check = async (screen: string): Promise<void> => {
          await keepPicture(page, `login-${screen}-${appearance}`);
          findings.push(...(await accessibilityFindings(page)).map((finding) => `${screen}: ${finding}`));
          const left = await kept(page);
          for (const secret of secrets) expect(left, `${screen} keeps no secret`).not.toContain(secret);
          const width = await overflowOf(page);
          expect(width, `${screen} does not scroll sideways`).toBeLessThanOrEqual(0);
        };

        await check('credentials');
        await tell(page, user, 'not this one');
        await page.getByText('That did not work. Check your username and password.').first().waitFor();
        await check('credentials-error');

        await password(page).fill(PASSWORD);
        await page.getByRole('button', { name: 'Sign in' }).click();
        const later = page.getByRole('button', { name: 'Not now' });
        await later.or(page.getByRole('button', { name: 'Register Device' })).waitFor();
        if (await later.isVisible()) {
          await check('location');
          await later.click();
        }
        await page.getByRole('button', { name: 'Register Device' }).waitFor();
        await check('options');

        await page.getByRole('button', { name: 'Get the App' }).click();
        await heading(page, 'Get the app').waitFor();
        await check('get-app');
        await page.getByRole('main').getByRole('button').first().click();

        await page.getByRole('button', { name: 'Register Device' }).click();
        await page
          .getByRole('img', { name: /^Setup code/ })
          .or(page.getByRole('link', { name: 'Open in Assent' }))
          .first()
          .waitFor();
        const code = await codeOn(page);
        secrets.push(code, new URL(code).searchParams.get('s') ?? code);
        await check('setup');

        await phones.register(user, code);
        await heading(page, 'Save your recovery codes').waitFor();
        const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
        expect(codes).toHaveLength(10);
        const plain = codes.map((text) => text.replace(/[^0-9A-Z]/g, ''));
        secrets.push(...codes, ...plain);
        await check('codes');
        await page.getByLabel('I have saved these codes').check();
        await page.getByRole('button', { name: 'Continue' }).click();

        await heading(page, 'Check your phone').waitFor();
        secrets.push(await numberOn(page));
        await check('number');
        await page.getByRole('button', { name: 'Lost phone? Use a recovery code' }).click();
        await heading(page, 'Use a recovery code').waitFor();
        await check('recovery');
        await page.getByRole('main').getByRole('textbox').fill('0000-0000-0000-0000');
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByText('That code did not work').first().waitFor();
        await check('recovery-error');
        await page
          .getByRole('main')
          .getByRole('textbox')
          .fill(plain[0]?.toLowerCase() ?? '');
        await page.getByRole('button', { name: 'Continue' }).click();

        await heading(page, `Signed in as ${user}`).waitFor();
        await check('account');
        await page.goto(loginPage());
        await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
        await check('success');
        expect(findings).toEqual([]);
        expect(complaints).toEqual([]);
        await context.close();
      });
    },
  );

  test('a wrong password keeps the name and puts the cursor into the password', async () => {
    const { page, context } = await openLogin(suite);
    await tell(page, 'demo', 'not this one');
    await page.getByText('That did not work. Check your username and password.').first().waitFor();
    expect(await username(page).inputValue()).toBe('demo');
    expect(await password(page).inputValue()).toBe('');
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('password');
    expect(await page.title()).toMatch(/^Error: Sign in/);
    await context.close();
  });

  test('nothing is sent while a field is empty', async () => {
    const { page, context } = await openLogin(suite);
    let submits = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') submits += 1;
    });
    await username(page).fill('demo');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Enter your Password').first().waitFor();
    expect(await password(page).getAttribute('aria-invalid')).toBe('true');
    expect(submits).toBe(0);
    await context.close();
  });

  test('two presses send the answers once', async () => {
    const { page, context } = await openLogin(suite);
    const submits: string[] = [];
    page.on('request', (request) => {
      const body = request.postData() ?? '';
      if (body.includes('PasswordCallback')) submits.push(body);
    });
    await username(page).fill('demo');
    await password(page).fill('Ch4ng31t!');
    await page.getByRole('button', { name: 'Sign in' }).dblclick();
    await page
      .getByRole('button', { name: 'Not now' })
      .or(page.getByRole('button', { name: 'Register Device' }))
      .waitFor();
    expect(submits).toHaveLength(1);
    await context.close();
  });

  test('a denied request ends on a page that says so, and starts over', async () => {
    await addUser(suite.server, 'denier');
    const { page, context, complaints } = await openLogin(suite);
    await phones.register('denier', await toSetupCode(page, 'denier'));
    await toNumber(page);
    await phones.deny('denier');
    await heading(page, 'The request was denied').waitFor();
    await keepPicture(page, 'denied');
    expect(await accessibilityFindings(page)).toEqual([]);
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('iPlanetDirectoryPro');
    await page.getByRole('button', { name: 'Start over' }).first().click();
    await heading(page, 'Sign in').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a reload goes on where the journey was, up to the end', async () => {
    await addUser(suite.server, 'reloader');
    const { page, context } = await openLogin(suite);
    await signIn(page, 'reloader');
    await page.reload();
    await page.getByRole('button', { name: 'Register Device' }).click();
    await heading(page, 'Connect your phone').waitFor();
    const code = await codeOn(page);
    await page.reload();
    await heading(page, 'Connect your phone').waitFor();
    expect(await codeOn(page)).toBe(code);
    await phones.register('reloader', code);
    await heading(page, 'Save your recovery codes').waitFor();
    await page.getByLabel('I have saved these codes').check();
    await page.getByRole('button', { name: 'Continue' }).click();
    const number = await numberOn(page);
    await page.reload();
    expect(await numberOn(page)).toBe(number);
    await phones.approve('reloader', number);
    await heading(page, 'Signed in as reloader').waitFor();
    const cookie = (await context.cookies()).find(({ name }) => name === 'iPlanetDirectoryPro');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: /signed out/i }).waitFor();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('iPlanetDirectoryPro');
    await context.close();
  });

  test('a sign-in page that does not exist says so', async () => {
    const visit = await openVisit(suite.browser);
    await visit.page.goto(loginPage('?service=NoSuchTree'));
    await heading(visit.page, 'This sign-in page does not exist').waitFor();
    expect(await accessibilityFindings(visit.page)).toEqual([]);
    await visit.context.close();
  });

  test('no other page can put the login page into a frame (A150)', async () => {
    const { headers } = await fetch(loginPage());
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    const { page, context } = await openVisit(suite.browser);
    await page.setContent(`<iframe src="${loginPage()}"></iframe>`, { waitUntil: 'load' });
    await expect.poll(() => page.frames().map((frame) => frame.url())).toContain('chrome-error://chromewebdata/');
    await context.close();
  });
});
