import { expect, test } from 'vitest';
import { mainAppearances, overflowOf } from '../support/appearances.ts';
import { accessibilityFindings, describeInBrowser, keepPicture } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { checkPhoneScreen } from '../support/phone-checks.ts';
import { connect, heading, openLogin, openPhone, toNumber, toSetupCode, typeNumber } from '../support/phone-visit.ts';
import { startServerProcess } from '../support/server-process.ts';

// Every screen, on the size of a phone and of a desk, by day and by night, and from right to left (spec: ux §3, §7).

const APPEARANCES = mainAppearances({ width: 390, height: 844 });

describeInBrowser('the screens of the phone', { start: startServerProcess }, (suite) => {
  test.each(APPEARANCES)(
    'are accessible and leave no secret behind, $appearance',
    async ({ appearance, ...options }) => {
      const user = `walker-${appearance}`;
      await addUser(suite.server, user);
      const [login, phone] = await Promise.all([openLogin(suite), openPhone(suite, options)]);
      const { page } = phone;
      const secrets: string[] = [PASSWORD];
      const check = (screen: string): Promise<void> => checkPhoneScreen(page, { screen, appearance, secrets });

      await heading(page, 'Your phone approves your sign-ins').waitFor();
      await check('first-run');
      await page.getByRole('link', { name: 'Add your first account' }).click();
      await heading(page, 'Add an account').waitFor();
      await page.getByLabel('Setup code').fill('not a code');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('This is not a setup code.').first().waitFor();
      await check('add');

      const code = await toSetupCode(login.page, user);
      secrets.push(code, new URL(code).searchParams.get('s') ?? code);
      await page.getByLabel('Setup code').fill(code);
      await page.getByRole('button', { name: 'Continue' }).click();
      await heading(page, 'Connect this phone?').waitFor();
      await check('confirm');
      await page.getByRole('button', { name: 'Connect' }).click();
      await heading(page, 'No requests').waitFor();
      await check('idle');

      const number = await toNumber(login.page);
      secrets.push(number);
      await heading(page, 'Sign-in request').waitFor();
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
      expect(await page.title()).toBe('Sign-in request – Assent');
      await typeNumber(page, number.slice(0, 3));
      await check('request-type');
      await page.getByRole('button', { name: 'Deny' }).click();
      await heading(page, 'What happened?').waitFor();
      await page.getByLabel('I cancelled it').check();
      await check('deny');
      await page.getByRole('button', { name: 'Do not deny it' }).click();
      await heading(page, 'Sign-in request').waitFor();
      await typeNumber(page, number);
      await page.getByRole('button', { name: 'Approve' }).click();
      await heading(page, 'Answer sent').waitFor();
      await check('sent');
      await page.getByRole('button', { name: 'Done' }).click();

      await connect(page, 'otpauth://totp/Git%20host:jane?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
      await heading(page, 'Accounts').waitFor();
      secrets.push('GEZDGNBVGY3TQOJQ');
      await check('accounts');
      await page.getByRole('link', { name: /^Details of Assent/ }).click();
      await page.getByLabel('Name on this phone').waitFor();
      await check('account');
      await page.getByRole('button', { name: 'Remove' }).click();
      await heading(page, 'Remove Assent?').waitFor();
      await check('remove');
      await page.getByRole('button', { name: 'Cancel' }).click();

      await page.getByRole('link', { name: 'Back' }).click();
      await page.getByRole('link', { name: 'History' }).click();
      await page.getByText('You approved').waitFor();
      await check('history');
      await page.getByRole('link', { name: 'Settings' }).click();
      await heading(page, 'Settings').waitFor();
      await check('settings');

      expect([...phone.complaints, ...login.complaints]).toEqual([]);
      await Promise.all([phone.context.close(), login.context.close()]);
    },
  );

  test.each(['de', 'ar', 'ja'])('fit into 320 pixels in %s', async (language) => {
    const { page, context, complaints } = await openPhone(suite, { viewport: { width: 320, height: 568 } });
    await page.goto(`${suite.server.am}/phone/?locale=${language}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
      language,
      language === 'ar' ? 'rtl' : 'ltr',
    ]);
    for (const hash of ['#requests', '#accounts', '#add', '#history', '#settings']) {
      await page.evaluate((next) => {
        location.hash = next;
      }, hash);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await keepPicture(page, `phone-${hash.slice(1)}-320-${language}`);
      const width = await overflowOf(page);
      expect(width, hash).toBeLessThanOrEqual(0);
      expect(await accessibilityFindings(page)).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });
});
