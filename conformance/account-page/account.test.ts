import { readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { mainAppearances } from '../support/appearances.ts';
import { describeInBrowser, keepPicture, openVisit, type Visit } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { codeOn, heading, signIn, toNumber, toSetupCode } from '../support/phone-visit.ts';
import { newPhones } from '../support/phones.ts';
import { realmPath } from '../support/realm-path.ts';
import { startServerProcess } from '../support/server-process.ts';
import { checksOf, dialog, section, withPassword as signInByPassword, withSession } from './account-visit.ts';
import { describeApplications } from './applications.ts';

// The account page in a browser (design.md §3.3 "account page"; spec: ux §5).

const APPEARANCES = mainAppearances({ width: 390, height: 844 });

describeInBrowser('the account page', { start: startServerProcess }, (suite) => {
  const phones = newPhones();
  const shown = (page: Page, name: string): Promise<void> => heading(page, name).waitFor();

  const withPassword = (name: string, options?: BrowserContextOptions): Promise<Visit> =>
    signInByPassword(suite, name, options);
  /** A new user with a phone, and the session in which it has just approved a sign-in. */
  const newOwner = async (name: string): Promise<string> => {
    await addUser(suite.server, name);
    return (await phones.enrol(suite.server.am, name)).tokenId;
  };
  const withPhone = async (name: string, options?: BrowserContextOptions): Promise<Visit> =>
    withSession(suite, await newOwner(name), options);
  const codesShown = (page: Page): Promise<readonly string[]> =>
    page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();

  test('leads whoever is not signed in to the login page, and nobody who is signed out stays in', async () => {
    const { page, complaints } = await openVisit(suite.browser);
    await page.goto(`${suite.server.am}/account`);
    await shown(page, 'You are not signed in');
    expect(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('login');
    expect(complaints).toEqual([]);

    await addUser(suite.server, 'leaver');
    const visit = await withPassword('leaver');
    await visit.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await shown(visit.page, 'You are signed out');
    await visit.page.reload();
    await shown(visit.page, 'You are not signed in');
    await visit.context.close();
  });

  test.each(APPEARANCES)(
    'shows passkeys, and what is known of each ($appearance)',
    async ({ appearance, ...options }) => {
      const owner = `keys-${appearance}`;
      await addUser(suite.server, owner);
      const { page, context } = await withPassword(owner, options);
      const item = { createdDate: Date.now() - 9_000, lastAccessDate: Date.now() };
      const facts = { synced: false, deviceBound: true, attested: false };
      await page.route('**/devices/2fa/webauthn?_queryFilter=true', (route) =>
        route.fulfill({
          json: {
            result: [
              { ...item, uuid: 'a', deviceName: 'Windows', assent: { ...facts, synced: true, deviceBound: false } },
              {
                ...item,
                uuid: 'b',
                deviceName: 'New Security Key',
                assent: { ...facts, model: 'YubiKey 5', counterMismatchAt: Date.now() },
              },
            ],
          },
        }),
      );
      await page.route('**/devices/2fa/webauthn?_action=countCodes', (route) =>
        route.fulfill({ json: { result: 10 } }),
      );
      await page.reload();
      const devices = section(page, 'Phones and devices');
      await devices.getByText('Passkey · synced · added').waitFor();
      await devices.getByText('Passkey · on one device only · claims to be YubiKey 5 · added').waitFor();
      await devices.getByText('there may be a copy of it').waitFor();
      expect(await devices.getByRole('link', { name: 'Add a passkey' }).getAttribute('href')).toContain(
        'service=AddPasskey',
      );
      const check = checksOf(page, appearance);
      await check('passkeys');
      await devices.getByRole('button', { name: 'Remove New Security Key' }).click();
      await dialog(page).getByText('You cannot sign in with it any more.').waitFor();
      await check('passkey-remove', 'viewport');
      await context.close();
    },
  );

  test('asks for the phone before a change after a password, and takes the change up again', async () => {
    await newOwner('stepper');
    const { page, context, complaints } = await withPassword('stepper');
    const devices = section(page, 'Phones and devices');
    const name = (await devices.locator('.a-name').textContent()) ?? '';

    await devices.getByRole('button', { name: `Remove ${name}` }).click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await dialog(page).getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    await dialog(page).getByRole('link', { name: 'Confirm' }).click();

    // No password again: the session says who it is.
    await phones.approve('stepper', await toNumber(page));
    await dialog(page).getByText('It is your last one.').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No phone is connected').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Phones and devices');
    expect(complaints.filter((it) => !it.includes('403'))).toEqual([]);

    // A reload does not ask again.
    await page.reload();
    await page.getByText('No phone is connected').waitFor();
    expect(await dialog(page).count()).toBe(0);
    expect(await section(page, 'Recent activity').getByText('Device removed').count()).toBe(1);
    await context.close();
  });

  test('an address that somebody sends opens a question and does nothing by itself', async () => {
    const { page, context } = await withPhone('lured');
    await page.goto(`${suite.server.am}/account?do=codes`);
    await dialog(page).getByRole('heading', { name: 'Make new recovery codes?' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByText('Codes left: 10').waitFor();
    await page.goto(`${suite.server.am}/account?do=remove&device=00000000-0000-0000-0000-000000000000`);
    await page.getByText('Codes left: 10').waitFor();
    expect(await dialog(page).count()).toBe(0);
    await context.close();
  });

  test('renames by keyboard, and Escape leaves the name as it was', async () => {
    const { page, context, complaints } = await withPhone('renamer');
    const devices = section(page, 'Phones and devices');
    const before = (await devices.locator('.a-name').textContent()) ?? '';
    const rename = async (key: string, text: string): Promise<void> => {
      const button = devices.getByRole('button', { name: /^Rename / });
      await button.focus();
      await page.keyboard.press('Enter');
      await devices.getByLabel('Name').fill(text);
      await page.keyboard.press(key);
    };
    await rename('Escape', 'Not this');
    await devices.getByRole('button', { name: `Rename ${before}` }).waitFor();

    await rename('Enter', '   ');
    await devices.getByText('Give it a name.').waitFor();
    expect(await devices.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
    await page.keyboard.press('Escape');

    await rename('Enter', 'Pocket <b>هاتف');
    await devices.locator('.a-name', { hasText: 'Pocket <b>هاتف' }).waitFor();
    await page.getByText('It is now called Pocket <b>هاتف').waitFor({ state: 'attached' });
    await section(page, 'Recent activity').getByText('Device renamed').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('adds a phone beside the first, which has to agree', async () => {
    const { page, context } = await withPhone('adder');
    await page.getByRole('link', { name: 'Add a phone' }).click();
    await page.getByLabel('User Name').waitFor();
    await signIn(page, 'adder');
    await phones.approve('adder', await toNumber(page));
    await shown(page, 'Connect your phone');
    await phones.register('adder-second', await codeOn(page));
    // It has to prove itself before it counts (SEC-05).
    await phones.approve('adder-second', await toNumber(page));
    await section(page, 'Recent activity').waitFor();
    expect(await section(page, 'Phones and devices').getByRole('listitem').count()).toBe(2);
    await page.getByText('Codes left: 10').waitFor();
    await context.close();
  });

  test('shows new recovery codes once; they work, and the old ones do not', async () => {
    await addUser(suite.server, 'coder');
    const { page, context } = await openVisit(suite.browser, { acceptDownloads: true });
    await page.goto(`${suite.server.am}/login`);
    await phones.register('coder', await toSetupCode(page, 'coder'));
    await shown(page, 'Save your recovery codes');
    const old = await codesShown(page);
    await phones.approve('coder', await toNumber(page));

    await section(page, 'Recovery codes').getByRole('button', { name: 'Make new codes' }).click();
    await dialog(page).getByRole('button', { name: 'Make new codes' }).click();
    await page.getByRole('button', { name: 'I have saved these codes' }).waitFor();
    const fresh = await codesShown(page);
    expect(fresh).toHaveLength(10);
    expect(fresh.filter((code) => old.includes(code))).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    const file = readFileSync(await download.path(), 'utf8');
    for (const code of fresh) expect(file).toContain(code);
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('heading', { level: 2 }).count()).toBe(0);
    expect((await codesShown(page)).length).toBe(10);
    await keepPicture(page, 'account-codes-print');
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('button', { name: 'I have saved these codes' }).click();
    expect(await page.content()).not.toContain(fresh[0]);
    await page.reload();
    await page.getByText('Codes left: 10').waitFor();
    expect(await page.content()).not.toContain(fresh[0]);
    await context.close();

    const other = await openVisit(suite.browser);
    await other.page.goto(`${suite.server.am}/login`);
    await signIn(other.page, 'coder');
    await other.page.getByRole('button', { name: 'Lost phone? Use a recovery code' }).click();
    const enter = async (code = ''): Promise<void> => {
      await other.page.getByRole('main').getByRole('textbox').fill(code);
      await other.page.getByRole('main').getByRole('button').first().click();
    };
    await enter(old[0]);
    await other.page
      .getByText(/did not work|not accepted/)
      .first()
      .waitFor();
    await enter(fresh[0]);
    await section(other.page, 'Recent activity').waitFor();
    await other.page.getByText('Codes left: 9').waitFor();
    await section(other.page, 'Recent activity').getByText('Recovery code used').waitFor();
    await other.context.close();
  });

  test('signs out everywhere else, and tells where that was', async () => {
    await addUser(suite.server, 'traveller');
    const abroad = await withPassword('traveller', {
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0',
    });
    const { page, context } = await withPassword('traveller');
    const sessions = section(page, 'Where you are signed in');
    expect(await sessions.getByRole('listitem').count()).toBe(2);
    expect(await sessions.getByRole('listitem').first().textContent()).toContain('This one');
    expect(await sessions.getByRole('listitem').last().textContent()).toContain('Firefox · Linux · 127.0.0.1');
    await sessions.getByRole('button', { name: 'Sign out others' }).click();
    await sessions.getByRole('button', { name: 'Sign out others' }).waitFor({ state: 'detached' });
    // Its name is another one while it works.
    await expect.poll(() => sessions.getByRole('listitem').count()).toBe(1);
    await abroad.page.reload();
    await shown(abroad.page, 'You are not signed in');
    await abroad.context.close();
    await context.close();
  });

  test('K14: what was not me ends the other sessions, pauses requests, changes the password, and leads to the phones', async () => {
    await addUser(suite.server, 'robbed');
    const thief = await withPassword('robbed');
    const { page, context, complaints } = await withPassword('robbed');
    const notMe = section(page, 'Recent activity').getByRole('button', { name: /^This was not me: Signed in, / });
    await notMe.first().focus();
    await page.keyboard.press('Enter');
    const question = dialog(page);
    await question.getByText('Other places now: 1').waitFor();
    await question.getByRole('button', { name: 'Sign out others' }).press('Enter');
    await question.getByText('You are signed in nowhere else.').waitFor();
    await thief.page.reload();
    await shown(thief.page, 'You are not signed in');
    await thief.context.close();
    await question.getByRole('button', { name: 'Pause requests' }).press('Enter');
    await question.getByText('Requests are paused for an hour').waitFor();

    const change = async (current: string, next: string): Promise<void> => {
      await question.getByLabel('Current password').fill(current);
      await question.getByLabel('New password').fill(next);
      await page.keyboard.press('Enter');
    };
    await change('not the one', 'a new one that is long');
    await question.getByText('The current password is not right.').waitFor();
    await change(PASSWORD, 'short');
    await question.getByText('The new password was not accepted.').waitFor();
    await change(PASSWORD, 'a new one that is long');
    await question.getByText('Your password is changed').waitFor();
    expect(complaints.filter((it) => !it.includes('400'))).toEqual([]);

    await question.getByRole('button', { name: 'Show phones and devices' }).press('Enter');
    await question.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Phones and devices');
    await section(page, 'Recent activity').getByText('Password changed').waitFor();
    await section(page, 'Recent activity').getByText('Requests to your phones were paused for an hour').waitFor();
    await notMe.first().press('Enter');
    await question.waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await context.close();
  });

  test('asks a user with a phone for it before others are signed out, requests are paused or the password is changed', async () => {
    const other = await withPhone('guarded');
    const { page, context, complaints } = await withPassword('guarded');
    const stepUp = page.getByRole('heading', { name: 'Confirm that it is you' });
    const cancel = () => dialog(page).filter({ has: stepUp }).getByRole('button', { name: 'Go back' }).press('Enter');
    await section(page, 'Recent activity')
      .getByRole('button', { name: /^This was not me: Signed in, / })
      .first()
      .press('Enter');
    const question = dialog(page).filter({ hasText: 'Current password' });
    await question.getByRole('button', { name: 'Pause requests' }).press('Enter');
    await stepUp.waitFor();
    await cancel();
    await question.getByLabel('Current password').fill(PASSWORD);
    await question.getByLabel('New password').fill('a new one that is long');
    await page.keyboard.press('Enter');
    await stepUp.waitFor();
    await cancel();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });

    const sessions = section(page, 'Where you are signed in');
    await sessions.getByRole('button', { name: 'Sign out others' }).press('Enter');
    await stepUp.waitFor();
    await dialog(page).getByRole('link', { name: 'Confirm' }).click();
    await phones.approve('guarded', await toNumber(page));
    await sessions.getByRole('button', { name: 'Sign out others' }).press('Enter');
    await sessions.getByRole('button', { name: 'Sign out others' }).waitFor({ state: 'detached' });
    await other.page.reload();
    await shown(other.page, 'You are not signed in');
    expect(complaints.filter((it) => !it.includes('403'))).toEqual([]);
    await context.close();
    await other.context.close();
  });

  test('hands out all that is kept of the user, after the phone agreed, and nothing of anybody else', async () => {
    await (await withPhone('taker')).context.close();
    const { page, context, complaints } = await withPassword('taker', { acceptDownloads: true });
    const button = section(page, 'Your data').getByRole('button', { name: 'Download my data' });
    await button.press('Enter');
    await dialog(page).getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    await dialog(page).getByRole('link', { name: 'Confirm' }).click();
    await phones.approve('taker', await toNumber(page));

    await button.waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Download my data');
    expect(new URL(page.url()).search).toBe('');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toBe('taker.json');
    const file = readFileSync(await download.path(), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ format: 'assent-user-export/1', user: { username: 'taker' } });
    expect(file).not.toMatch(/stepper|argon2/);
    await section(page, 'Recent activity').getByText('Data downloaded').waitFor();
    expect(complaints.filter((it) => !it.includes('403'))).toEqual([]);
    await context.close();
  });

  test('hands it out after a sign-in alone to who has no phone, and says when that was too often', async () => {
    await addUser(suite.server, 'phoneless');
    const { page, context } = await withPassword('phoneless', { acceptDownloads: true });
    const button = section(page, 'Your data').getByRole('button', { name: 'Download my data' });
    for (let times = 0; times < 5; times += 1) {
      await Promise.all([page.waitForEvent('download'), button.click()]);
      await section(page, 'Recent activity').getByText('Data downloaded').nth(times).waitFor();
    }
    await button.click();
    await page.getByRole('main').getByText('You have done that often by now.').waitFor();
    await context.close();
  });

  test('shows a guest that a guest session has no account, and leads to the sign-in of a user (SEC-52)', async () => {
    const trees = `${realmPath('/')}/realm-config/authentication/authenticationtrees`;
    const node = '6c1f8a52-0000-4000-8000-00000000a007';
    const put = async (path: string, body: object): Promise<void> => {
      const answer = await asAdministrator(suite.server, 'PUT', `${trees}/${path}`, body);
      expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
    };
    await addUser(suite.server, 'anonymous');
    await put(`nodes/AnonymousUserNode/${node}`, { anonymousUserName: 'anonymous' });
    await put('trees/Guests', {
      entryNodeId: node,
      nodes: {
        [node]: {
          nodeType: 'AnonymousUserNode',
          displayName: 'Guest',
          connections: { outcome: '70e691a5-1e33-4ac3-a356-e7b6d60d92e0' },
        },
      },
    });
    const asGuest = async (): Promise<Visit> => {
      const visit = await openVisit(suite.browser);
      await visit.page.goto(`${suite.server.am}/login?service=Guests`);
      await shown(visit.page, 'Signed in as anonymous');
      await visit.page.goto(`${suite.server.am}/account`);
      await shown(visit.page, 'You are here as a guest');
      return visit;
    };
    const other = await asGuest();
    const { page, context } = await asGuest();
    await page.getByText('Sign in with an account of your own.').waitFor();
    expect(await page.getByRole('region').count()).toBe(0);
    await checksOf(page, 'light')('guest');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('User Name').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await shown(page, 'You are signed out');
    await other.page.reload();
    await shown(other.page, 'You are here as a guest');
    await context.close();
    await other.context.close();
  });

  test('says so where the server cannot be reached, and tries again', async () => {
    await addUser(suite.server, 'patient');
    const { page, context } = await withPassword('patient');
    await page.route('**/activity?*', (route) => route.abort());
    await page.reload();
    await shown(page, 'The server did not answer');
    await page.unroute('**/activity?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await section(page, 'Recent activity').waitFor();
    await context.close();
  });

  describeApplications(suite, APPEARANCES);

  test.each(APPEARANCES)('is accessible and fits in $appearance', async ({ appearance, ...options }) => {
    const { page, context, complaints } = await withPhone(`viewer-${appearance}`, options);
    const check = checksOf(page, appearance);
    await check('main');
    await page.getByRole('button', { name: /^Rename / }).click();
    await check('rename');
    await page.getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('button', { name: /^Remove / }).click();
    await check('remove-last', 'viewport');
    await dialog(page).getByRole('button', { name: 'Go back' }).click();
    await page.getByRole('button', { name: 'Make new codes' }).click();
    await dialog(page).getByRole('button', { name: 'Make new codes' }).click();
    await page.getByRole('button', { name: 'I have saved these codes' }).waitFor();
    await check('codes');
    await page.getByRole('button', { name: 'I have saved these codes' }).click();
    for (const [language, direction] of [
      ['ar', 'rtl'],
      ['de', 'ltr'],
      ['ja', 'ltr'],
    ]) {
      await page.goto(`${suite.server.am}/account?locale=${language}`);
      await page.locator('.a-section').last().waitFor();
      expect(await page.locator('html').getAttribute('dir')).toBe(direction);
      await check(`main-${language}`);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test.each(APPEARANCES)('asks who it is and tells of a denial in $appearance', async ({ appearance, ...options }) => {
    const name = `teller-${appearance}`;
    await newOwner(name);
    const { page, context, complaints } = await withPassword(name, options);
    const check = checksOf(page, appearance);

    await page.route('**/users/*?_action=export', (route) => route.fulfill({ status: 403, body: '{}' }));
    await page.getByRole('button', { name: 'Download my data' }).click();
    await page.getByRole('main').getByText('That did not work.').waitFor();
    await check('data', 'viewport');

    await page.getByRole('button', { name: /^Remove / }).click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await dialog(page).getByRole('heading', { name: 'Confirm that it is you' }).waitFor();
    await check('step-up', 'viewport');
    await dialog(page).getByRole('link', { name: 'Confirm' }).click();
    await heading(page, 'Check your phone').waitFor();
    await phones.deny(name, 'cancelled');
    await shown(page, 'The request was denied');

    await page.goto(`${suite.server.am}/account`);
    await page.getByRole('link', { name: 'Add a phone' }).click();
    await page.getByLabel('User Name').waitFor();
    await signIn(page, name);
    await phones.approve(name, await toNumber(page));
    await shown(page, 'Connect your phone');
    await check('add');

    await page.goto(`${suite.server.am}/account`);
    const activity = section(page, 'Recent activity');
    await activity.getByText('Sign-in denied on a phone').waitFor();
    await activity.evaluate((element) => element.scrollIntoView());
    await check('activity', 'viewport');
    await activity.getByRole('button', { name: /^This was not me: Sign-in denied on a phone/ }).click();
    await dialog(page).getByRole('heading', { name: 'Was it somebody else?' }).waitFor();
    await check('not-me', 'viewport');
    expect(complaints.filter((it) => !it.includes('403'))).toEqual([]);
    await context.close();
  });
});
