import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { dialog } from '../account-page/account-visit.ts';
import { asAdministrator } from '../support/administrator.ts';
import { closeVisits, describeInBrowser, keepPicture, openVisit } from '../support/browser.ts';
import { addUser } from '../support/people.ts';
import { startServerProcess } from '../support/server-process.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';
import { describeKeys } from './passkey-keys.ts';
import { describePasskeyOffers } from './passkey-offers.ts';
import {
  addJourneys,
  checkLooks,
  devices,
  fillInPasskey,
  givePassword,
  ignorePasskey,
  keepCodes,
  onAccount,
  openJourney,
  passkeysOf,
  press,
  shown,
  signOut,
  withPasskey,
} from './passkey-visit.ts';
import { describePasskeysInApps } from './passkeys-in-apps.ts';

// The shipped journeys of passkeys, from our own pages to a started server and back (spec: webauthn §10.1, §10.2, §14 A4).

const GUIDE = new URL('../../docs/guides/passkeys.md', import.meta.url);

describeInBrowser('passkeys of a started server', { start: startServerProcess }, (suite) => {
  beforeAll(async () => {
    const scripted = ['AddPasskey', 'PasskeyLogin', 'StepUp'].map((from) => [
      `Scripted${from}`,
      { from, settings: { asScript: true } },
    ]);
    await addJourneys(suite, Object.fromEntries(scripted));
  });

  const factorsOf = async (page: Page): Promise<string> => (await devices(page).textContent()) ?? '';

  test('a newcomer adds one as the guide says, signs in by it without a name, and it is forgotten when it is removed', async () => {
    const [, user = '', password = ''] = /^ {2}Sign in +\S+ +(\S+) \/ (\S+)$/m.exec(suite.server.firstScreen()) ?? [];
    const [making = '', signingIn = ''] = [...readFileSync(GUIDE, 'utf8').matchAll(/http:[^\s`]+Passkey\w*/g)].map(
      ([address]) => address.replace('http://localhost:8080', suite.server.origin),
    );
    const visit = await openVisit(suite.browser, { viewport: { width: 900, height: 460 } });
    const { page } = visit;
    const authenticator = await addAuthenticator(page);
    await page.goto(making);
    await givePassword(page, user, password);
    expect(await keepCodes(page)).toHaveLength(10);
    await devices(page).getByText('Passkey · on one device only').waitFor();
    expect(await factorsOf(page)).toContain('never used');
    expect(await authenticator.credentials()).toHaveLength(1);
    await signOut(page);

    await authenticator.present(false);
    await page.goto(signingIn);
    await page.locator('input[autocomplete="username webauthn"]').waitFor();
    await keepPicture(page, 'passkey-1-sign-in');
    await authenticator.present(true);
    await page.goto(signingIn);
    await onAccount(page);
    await page.getByText(`Signed in as ${user}`).waitFor();
    expect(await factorsOf(page)).toContain('last used');
    await keepPicture(page, 'passkey-2-account', 'viewport');

    // The passkey is another factor: nothing is asked before the change.
    await devices(page).getByRole('button', { name: 'Remove Linux' }).click();
    await dialog(page).getByText('It is your last one.').waitFor();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No phone is connected').waitFor();
    await expect.poll(authenticator.credentials).toEqual([]);
    await closeVisits(visit);
  });

  test('one that was removed elsewhere leads to the password, and without its codes no further (WA-32)', async () => {
    const owner = await withPasskey(suite, 'robbed');
    const { page, authenticator, codes } = owner;
    const { path, result } = await passkeysOf(suite, 'robbed');
    expect((await asAdministrator(suite.server, 'DELETE', `${path}/${result[0]?.uuid}`)).status).toBe(200);

    await fillInPasskey(suite, page);
    await page.locator('input[autocomplete="username"]').waitFor();
    await givePassword(page, 'robbed');
    await shown(page, 'Use a recovery code');
    await page.getByRole('textbox').fill(codes[0] ?? '');
    await press(page, 'Continue');
    await page.getByRole('main').getByText('That code did not work.').waitFor();
    expect(await authenticator.credentials()).toHaveLength(1);
    await closeVisits(owner);
  });

  test('after a password alone it is asked for before a change, which is taken up again (SEC-51)', async () => {
    const owner = await withPasskey(suite, 'careful');
    const { page } = owner;
    await signOut(page);
    await openJourney(suite, page, 'Login');
    await givePassword(page, 'careful');
    await devices(page).getByRole('button', { name: 'Remove Linux' }).click();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await dialog(page).getByRole('link', { name: 'Confirm' }).click();
    await press(page, 'Use your passkey');
    await dialog(page).getByText('It is your last one.').waitFor();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No phone is connected').waitFor();
    // The browser reports the refusal that led there.
    expect(owner.complaints.filter((it) => !it.includes('403'))).toEqual([]);
    await owner.context.close();
  });

  test('whoever cancels goes on by the password and a recovery code', async () => {
    const owner = await withPasskey(suite, 'hesitant');
    const { page, authenticator, codes } = owner;
    await signOut(page);
    await ignorePasskey(suite, owner);
    await authenticator.verified(false);
    await authenticator.present(true);
    await press(page, 'Use your passkey');
    await page.getByRole('main').getByText('No passkey was used.').waitFor();
    await checkLooks(page, 'passkey-cancelled');
    await givePassword(page, 'hesitant');
    await shown(page, 'Use a recovery code');
    await page.getByRole('textbox').fill(codes[0] ?? '');
    await press(page, 'Continue');
    await onAccount(page);
    await page.getByText('Codes left: 9').waitFor();
    await closeVisits(owner);
  });

  test('whoever has a passkey here already and wants another is told that none was added, and goes back signed in', async () => {
    const owner = await withPasskey(suite, 'collector');
    const { page, authenticator } = owner;
    await devices(page).getByRole('link', { name: 'Add a passkey' }).click();
    await givePassword(page, 'collector');
    await page.getByRole('main').getByText('This device has a passkey').waitFor();
    await checkLooks(page, 'passkey-exists');
    await press(page, 'Go on without a passkey');
    await shown(page, 'No passkey was added');
    await checkLooks(page, 'passkey-not-added');
    await page.getByRole('link', { name: 'Go back to where you came from' }).click();
    await onAccount(page);
    await page.getByText('Signed in as collector').waitFor();
    expect(await authenticator.credentials()).toHaveLength(1);
    await closeVisits(owner);
  });

  test('two tabs have a journey each, and both sign in (WA-01)', async () => {
    const owner = await withPasskey(suite, 'twice');
    const { page, context, authenticator } = owner;
    await signOut(page);
    const other = await context.newPage();
    const [passkey] = await authenticator.credentials();
    if (passkey === undefined) throw new Error('There is no passkey to take over.');
    // Each page has an authenticator of its own; what is in both counts on where the first tab ends, so the first tab answers first.
    await (await addAuthenticator(other)).take({ ...passkey, signCount: passkey.signCount + 1 });
    let letGo = (): void => undefined;
    const firstIsDone = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await other.route('**/authenticate**', async (route) => {
      if (route.request().postData()?.includes('authId') === true) await firstIsDone;
      await route.continue();
    });
    await Promise.all([fillInPasskey(suite, page), fillInPasskey(suite, other)]);
    await onAccount(page);
    letGo();
    await onAccount(other);
    await closeVisits(owner);
  });

  test('a password may be typed in its place, and ends what the browser offers there (A6, WA-27)', async () => {
    const owner = await withPasskey(suite, 'typist');
    const { page, authenticator, codes } = owner;
    await signOut(page);
    await ignorePasskey(suite, owner);
    await givePassword(page, 'typist');
    // The phone or a code is asked for now: had the browser gone on offering the passkey, it would be taken here.
    await shown(page, 'Use a recovery code');
    await authenticator.present(true);
    await page.getByRole('textbox').fill(codes[0] ?? '');
    await press(page, 'Continue');
    await onAccount(page);
    expect(await factorsOf(page)).toContain('never used');
    await closeVisits(owner);
  });

  test('a button asks for it at once, in place of what the browser offers in the field (A6, WA-27)', async () => {
    const owner = await withPasskey(suite, 'presser');
    const { page, authenticator } = owner;
    await signOut(page);
    await ignorePasskey(suite, owner);
    // The node's own option for it is the button's: it is shown once.
    expect(await page.getByRole('button', { name: 'Use a passkey' }).count()).toBe(0);
    await page.getByLabel('User Name').fill('somebody else');
    await authenticator.present(true);
    await press(page, 'Use your passkey');
    await onAccount(page);
    await page.getByText('Signed in as presser').waitFor();
    await closeVisits(owner);
  });

  test('a journey in script mode is no other one on our own page', async () => {
    await addUser(suite.server, 'scripted');
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    const authenticator = await addAuthenticator(page);
    await openJourney(suite, page, 'ScriptedAddPasskey');
    await givePassword(page, 'scripted');
    await keepCodes(page);
    await onAccount(page);
    await signOut(page);

    await ignorePasskey(suite, { page, authenticator }, 'ScriptedPasskeyLogin');
    expect(await page.getByRole('main').textContent()).not.toContain('navigator');
    await authenticator.present(true);
    await fillInPasskey(suite, page, 'ScriptedPasskeyLogin');
    await onAccount(page);
    await closeVisits(visit);
  });

  describeKeys(suite);
  describePasskeyOffers(suite);
  describePasskeysInApps(suite);
});
