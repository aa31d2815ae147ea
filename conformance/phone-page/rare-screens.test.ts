import { expect, test } from 'vitest';
import { mainAppearances } from '../support/appearances.ts';
import { closeVisits, describeInBrowser } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { readRegistrationUri } from '../support/phone.ts';
import { checkPhoneScreen } from '../support/phone-checks.ts';
import { connect, heading, openLogin, openPhone, toNumber, toSetupCode, typeNumber } from '../support/phone-visit.ts';
import { routeRelay } from '../support/relay-by-route.ts';
import { startServerProcess } from '../support/server-process.ts';
import { codeOfHost, codeThatDemandsVerification } from '../support/setup-code.ts';
import { workerIsReady } from '../support/worker-is-ready.ts';

// The screens that most people never see: what went wrong, what is missing, what came at once (spec: ux §3, §7.4).

const APPEARANCES = mainAppearances({ width: 390, height: 844 });
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
/** More than a request lives. */
const REQUEST_MILLIS = 125_000;

describeInBrowser('the rare screens of the phone', { start: startServerProcess }, (suite) => {
  test.each(APPEARANCES)(
    'an iPhone is told to install it before it takes an account, $appearance',
    async ({ appearance, ...options }) => {
      const phone = await openPhone(suite, { ...options, userAgent: IPHONE });
      await phone.page.getByRole('link', { name: 'Add your first account' }).click();
      await heading(phone.page, 'Add Assent to your home screen first').waitFor();
      expect(await phone.page.getByLabel('Setup code').count()).toBe(0);
      await checkPhoneScreen(phone.page, { screen: 'install-ios', appearance, secrets: [] });
      await phone.page.getByRole('link', { name: 'Back' }).click();
      await phone.page.getByRole('link', { name: 'Add your first account' }).waitFor();
      await closeVisits(phone);
    },
  );

  test.each(APPEARANCES)('two requests at once, and both run out, $appearance', async ({ appearance, ...options }) => {
    const phone = await openPhone(suite, options);
    const { page } = phone;
    const secrets = [PASSWORD];
    const logins = [];
    for (const user of [`first-${appearance}`, `second-${appearance}`]) {
      await addUser(suite.server, user);
      const login = await openLogin(suite);
      await connect(page, await toSetupCode(login.page, user));
      await heading(page, 'No requests').waitFor();
      logins.push(login);
    }
    for (const login of logins) secrets.push(await toNumber(login.page));
    await page.getByText('Request 1 of 2').waitFor();
    await page.getByText('More than one sign-in is asking.').waitFor();
    // The bar with the two answers lies over nothing: the pad is there without scrolling.
    const lowest = (await page.getByRole('button', { name: 'Delete the last digit' }).boundingBox()) ?? expect.fail();
    const bar = (await page.getByRole('button', { name: 'Deny', exact: true }).boundingBox()) ?? expect.fail();
    expect(await page.evaluate(() => scrollY)).toBe(0);
    expect(lowest.y + lowest.height).toBeLessThanOrEqual(bar.y);
    await checkPhoneScreen(page, { screen: 'request-two', appearance, secrets });

    // Timers of before the clock was taken over would still go by the real one.
    await page.clock.install();
    await page.reload();
    await page.getByText('Request 1 of 2').waitFor();
    await page.clock.fastForward(REQUEST_MILLIS);
    await heading(page, 'The request ran out').waitFor();
    await checkPhoneScreen(page, { screen: 'ran-out', appearance, secrets });
    await page.getByRole('button', { name: 'Done' }).click();
    await heading(page, 'The request ran out').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await heading(page, 'No requests').waitFor();
    await closeVisits(phone, ...logins);
  });

  test.each(APPEARANCES)(
    'an issuer that wants a finger, and a browser that has none to ask, $appearance',
    async ({ appearance, ...options }) => {
      const user = `fingerless-${appearance}`;
      await addUser(suite.server, user);
      const [login, phone] = await Promise.all([openLogin(suite), openPhone(suite, options)]);
      const { page } = phone;
      await connect(page, codeThatDemandsVerification(await toSetupCode(login.page, user)));
      const number = await toNumber(login.page);
      await heading(page, 'Sign-in request').waitFor();
      await typeNumber(page, number);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByText('It can only be denied here.').waitFor();
      expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
      await checkPhoneScreen(page, { screen: 'gate-missing', appearance, secrets: [PASSWORD, number] });
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByLabel('I cancelled it').check();
      await page.getByRole('button', { name: 'Deny this request' }).click();
      await heading(page, 'Denied').waitFor();
      await heading(login.page, 'The request was denied').waitFor();
      await closeVisits(phone, login);
    },
  );

  test.each(APPEARANCES)('a number to tap among three, $appearance', async ({ appearance, ...options }) => {
    const user = `tapper-${appearance}`;
    await addUser(suite.server, user);
    const [login, phone] = await Promise.all([openLogin(suite), openPhone(suite, options)]);
    const { page } = phone;
    const code = await toSetupCode(login.page, user);
    await routeRelay(page, {
      secret: readRegistrationUri(code).secret,
      claims: { d: user, m: `${user} is signing in`, k: 'challenge', n: '17,42,83' },
    });
    await connect(page, code);
    await heading(page, 'Sign-in request').waitFor();
    for (const number of ['17', '42', '83']) {
      expect(await page.getByRole('button', { name: `Approve with ${number}`, exact: true }).isVisible()).toBe(true);
    }
    // The tapped number is the approval: there is no second button that could be pressed instead.
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);
    await checkPhoneScreen(page, { screen: 'request-tap', appearance, secrets: [PASSWORD] });
    await closeVisits(phone, login);
  });
});

// The shell of Chromium shows no notices, so nothing in it can ask for them.
describeInBrowser(
  'the rare screens of a phone that can ring',
  { start: startServerProcess, browser: 'whole' },
  (suite) => {
    test.each(APPEARANCES)(
      'a code of another server, the question to ring, and no connection, $appearance',
      async ({ appearance, ...options }) => {
        const user = `settler-${appearance}`;
        await addUser(suite.server, user);
        const login = await openLogin(suite);
        const code = await toSetupCode(login.page, user);
        const phone = await openPhone(suite, { ...options, permissions: ['notifications'] });
        const { page } = phone;
        const secrets = [PASSWORD, code, new URL(code).searchParams.get('s') ?? code];
        const check = (screen: string): Promise<void> => checkPhoneScreen(page, { screen, appearance, secrets });

        await page.goto(`${suite.server.am}/phone/#add`);
        await page.getByLabel('Setup code').fill(codeOfHost(code, 'login.other.org'));
        await page.getByRole('button', { name: 'Continue' }).click();
        await page.getByText('This code belongs to login.other.org.').first().waitFor();
        await check('refused-origin');

        await connect(page, code);
        await page.getByRole('heading', { name: 'Ring when you sign in?' }).waitFor();
        await check('notifications');

        await connect(page, 'otpauth://totp/Git%20host:jane?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
        await heading(page, 'Accounts').waitFor();
        await workerIsReady(page);
        expect([...phone.complaints, ...login.complaints]).toEqual([]);
        await phone.context.setOffline(true);
        await page.goto(`${suite.server.am}/phone/?from=home#accounts`);
        await heading(page, 'Accounts').waitFor();
        await page.getByText('No connection. Codes still work.').waitFor();
        await check('offline');
        await phone.context.setOffline(false);
        await page.getByText('No connection. Codes still work.').waitFor({ state: 'detached' });
        await Promise.all([phone.context.close(), login.context.close()]);
      },
    );
  },
);
