import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { withPassword } from '../account-page/account-visit.ts';
import { closeVisits, openVisit } from '../support/browser.ts';
import { addUser } from '../support/people.ts';
import { type AuthenticatorOptions, addAuthenticator, type BrokenAnswers } from '../support/virtual-authenticator.ts';
import {
  addJourneys,
  checkLooks,
  devices,
  fillInNothing,
  fillInPasskey,
  givePassword,
  keepCodes,
  onAccount,
  openJourney,
  type PasskeySuite,
  passkeysOf,
  press,
  pressForPasskey,
  shown,
  signOut,
  withPasskey,
} from './passkey-visit.ts';
import { importFromPingAm } from './passkeys-of-pingam.ts';

/** Authenticators of every kind, and such as are broken, copied or of another server (spec: webauthn §14 A4, A5, A14). */
export const describeKeys = (suite: PasskeySuite): void => {
  beforeAll(() =>
    addJourneys(suite, {
      AddSecurityKey: {
        from: 'AddPasskey',
        settings: {
          requiresResidentKey: false,
          authenticatorAttachment: 'CROSS_PLATFORM',
          userVerificationRequirement: 'DISCOURAGED',
        },
      },
      AddOnlyPasskey: {
        from: 'AddPasskey',
        settings: { maxSavedDevices: 1 },
        outcomesAs: { exceedDeviceLimit: 'failure' },
      },
      QuickPasskeyLogin: { from: 'PasskeyLogin', settings: { timeout: 1 } },
      WatchfulPasskeyLogin: {
        from: 'PasskeyLogin',
        settings: { detectSignCountMismatch: true },
        outcomesAs: { successSignCountMismatch: 'failure' },
      },
    }),
  );

  /** The journey has not taken the passkey, and asks for the password. */
  const asksForPassword = (page: Page): Promise<void> => page.locator('input[autocomplete="username"]').waitFor();

  /** The page would go on with the journey that was begun. */
  const forgetJourney = (page: Page): Promise<void> => page.evaluate(() => sessionStorage.clear());

  describe('by the kind of authenticator', () => {
    test.each<{ kind: string; options: AuthenticatorOptions }>([
      { kind: 'a security key that keeps nothing', options: { keepsPasskeys: false, verifiesUsers: false } },
      {
        kind: 'a security key of the first kind',
        options: { protocol: 'u2f', keepsPasskeys: false, verifiesUsers: false },
      },
    ])('$kind is asked for after the password, and signs nobody in alone (A4)', async ({ kind, options }) => {
      await addUser(suite.server, kind);
      const visit = await openVisit(suite.browser);
      const { page } = visit;
      await fillInNothing(page);
      await addAuthenticator(page, { transport: 'usb', ...options });
      await openJourney(suite, page, 'AddSecurityKey');
      await givePassword(page, kind);
      await keepCodes(page);
      await onAccount(page);
      // What a key is called its browser does not say.
      expect((await passkeysOf(suite, kind)).result).toMatchObject([{ deviceName: 'New Security Key' }]);
      await signOut(page);

      await openJourney(suite, page, 'StepUp');
      await givePassword(page, kind);
      await onAccount(page);
      await signOut(page);
      await pressForPasskey(suite, page);
      await page.getByRole('main').getByText('No passkey was used.').waitFor();
      await closeVisits(visit);
    });

    test('a security key with a PIN signs in without a name (A4: roaming, resident, UV)', async () => {
      const owner = await withPasskey(suite, 'roaming', { transport: 'usb' });
      const { page } = owner;
      await signOut(page);
      await fillInNothing(page);
      await pressForPasskey(suite, page);
      await page.getByText('Signed in as roaming').waitFor();
      await closeVisits(owner);
    });

    test('one that cannot tell who touches it counts under PREFERRED, and not under REQUIRED (A4)', async () => {
      const owner = await withPasskey(suite, 'touching', { verifiesUsers: false });
      const { page } = owner;
      await signOut(page);
      await openJourney(suite, page, 'StepUp');
      await givePassword(page, 'touching');
      await onAccount(page);
      await signOut(page);
      await fillInNothing(page);
      await pressForPasskey(suite, page);
      await page.getByRole('main').getByText('No passkey was used.').waitFor();
      await closeVisits(owner);
    });

    test('where nobody touches it in time the page says so, and leads on (A4: timed out)', async () => {
      const owner = await withPasskey(suite, 'asleep');
      const { page, authenticator } = owner;
      await signOut(page);
      await fillInNothing(page);
      await authenticator.present(false);
      await pressForPasskey(suite, page);
      await page.locator('button[aria-disabled]').waitFor();
      await checkLooks(page, 'passkey-waiting');
      await pressForPasskey(suite, page, 'QuickPasskeyLogin');
      await page.getByRole('main').getByText('The time ran out before your device answered.').waitFor();
      await checkLooks(page, 'passkey-timed-out');
      await authenticator.present(true);
      await press(page, 'Use your passkey');
      await page.getByText('Signed in as asleep').waitFor();
      await closeVisits(owner);
    });
  });

  test('in a browser that has none the password is left (A4: unsupported)', async () => {
    await addUser(suite.server, 'old browser');
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
    await openJourney(suite, page, 'PasskeyLogin');
    await press(page, 'Use your passkey');
    await page.getByRole('main').getByText('cannot use passkeys here').waitFor();
    await givePassword(page, 'old browser');
    await shown(page, 'Use a recovery code');
    await closeVisits(visit);
  });

  test('a saved code stands in for it, and beyond what a journey allows none is made (A4: recovery code, limit)', async () => {
    const owner = await withPasskey(suite, 'limited');
    const { page, authenticator, codes } = owner;
    await signOut(page);
    await authenticator.present(false);
    await openJourney(suite, page, 'StepUp');
    await givePassword(page, 'limited');
    await press(page, 'Use Recovery Code');
    await shown(page, 'Use a recovery code');
    await page.getByRole('textbox').fill(codes[0] ?? '');
    await press(page, 'Continue');
    await page.getByText('Codes left: 9').waitFor();

    await authenticator.present(true);
    await openJourney(suite, page, 'AddOnlyPasskey');
    await givePassword(page, 'limited');
    await shown(page, 'You are still signed in');
    await page.getByText('as many devices of this kind as are allowed').first().waitFor();
    await page.getByRole('link', { name: 'Go back to where you came from' }).waitFor();
    expect(await authenticator.credentials()).toHaveLength(1);
    await closeVisits(owner);
  });

  describe('that lie', () => {
    test('a signature of another key, nobody there, nobody verified: nobody is signed in (WA-07, WA-10, A5)', async () => {
      const owner = await withPasskey(suite, 'misled');
      const { page, authenticator } = owner;
      await signOut(page);
      const lies: readonly BrokenAnswers[] = [{ isBogusSignature: true }, { isBadUP: true }, { isBadUV: true }];
      for (const lie of lies) {
        await authenticator.breaks(lie);
        await fillInPasskey(suite, page);
        await asksForPassword(page);
        await forgetJourney(page);
      }
      await authenticator.breaks({});
      await fillInPasskey(suite, page);
      await page.getByText('Signed in as misled').waitFor();
      await closeVisits(owner);
    });

    test('nobody there: no passkey is made (WA-07, A5)', async () => {
      await addUser(suite.server, 'absent');
      const visit = await withPassword(suite, 'absent');
      const { page } = visit;
      const authenticator = await addAuthenticator(page);
      await authenticator.breaks({ isBadUP: true });
      await devices(page).getByRole('link', { name: 'Add a passkey' }).click();
      await givePassword(page, 'absent');
      await shown(page, 'No passkey was added');
      expect((await passkeysOf(suite, 'absent')).result).toEqual([]);
      await closeVisits(visit);
    });

    test('a copy that counts less is told to its user, and let in nowhere that watches for copies (WA-11, A5)', async () => {
      const owner = await withPasskey(suite, 'copied');
      const { page, authenticator } = owner;
      const [made] = await authenticator.credentials();
      if (made === undefined) throw new Error('There is no passkey to copy.');
      await signOut(page);
      await fillInPasskey(suite, page);
      await onAccount(page);
      expect(await devices(page).textContent()).not.toContain('counted less');
      await signOut(page);

      const putBack = async (): Promise<void> => {
        await authenticator.forget(made.credentialId);
        await authenticator.take(made);
      };
      await putBack();
      await fillInPasskey(suite, page, 'WatchfulPasskeyLogin');
      await asksForPassword(page);
      await putBack();
      await fillInPasskey(suite, page);
      await devices(page).getByText('counted less than before').waitFor();
      await closeVisits(owner);
    });

    test('one that was bound to its device stays so: as a copy it is none of the user’s (WA-12, A5)', async () => {
      const owner = await withPasskey(suite, 'bound');
      const { page, authenticator } = owner;
      const [made] = await authenticator.credentials();
      if (made === undefined) throw new Error('There is no passkey to copy.');
      await signOut(page);
      for (const backup of [
        { backupEligibility: true, backupState: true },
        { backupEligibility: true, backupState: false },
        { backupEligibility: false, backupState: true },
      ]) {
        await authenticator.says(made.credentialId, backup);
        await fillInPasskey(suite, page);
        await asksForPassword(page);
        await forgetJourney(page);
      }
      await authenticator.says(made.credentialId, { backupEligibility: false, backupState: false });
      await fillInPasskey(suite, page);
      await page.getByText('Signed in as bound').waitFor();
      await closeVisits(owner);
    });
  });

  test('one that was made at PingAM signs in after the import, and counts on (A14)', async () => {
    const username = 'from.pingam';
    const passkey = await importFromPingAm(suite, username);
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    const authenticator = await addAuthenticator(page);
    await authenticator.take(passkey);
    for (const _time of ['first', 'second']) {
      await fillInPasskey(suite, page);
      await page.getByText(`Signed in as ${username}`).waitFor();
      await devices(page).getByText('Key of PingAM').waitFor();
      await signOut(page);
    }
    await closeVisits(visit);
  });
};
