import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { asAdministrator } from '../support/administrator.ts';
import { accessibilityFindings, closeVisits, openVisit } from '../support/browser.ts';
import { addUser, attributesOf } from '../support/people.ts';
import { heading, numberOn, signIn, toNumber, toSetupCode } from '../support/phone-visit.ts';
import { newPhones } from '../support/phones.ts';
import { realmPath } from '../support/realm-path.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';
import { fillInPasskey, keepCodes, onAccount, openJourney, type PasskeySuite, press, shown } from './passkey-visit.ts';

export const describePasskeyOffers = (suite: PasskeySuite): void => {
  describe('the offer after a push login (spec: webauthn §10.1)', () => {
    const phones = newPhones();
    const ADD = 'Add a passkey';
    const offered = (page: Page): Promise<void> => shown(page, 'Sign in faster next time');
    const said = async (name: string) => (await attributesOf(suite.server, name, '/')).passkeyOffer;
    const signedIn = (page: Page, name: string): Promise<void> => heading(page, `Signed in as ${name}`).waitFor();

    /** Up to the approval of somebody who connects a phone on the way, in a browser that keeps passkeys. */
    const firstApproval = async (name: string, prepare: (page: Page) => Promise<unknown> = async () => {}) => {
      await addUser(suite.server, name);
      const visit = await openVisit(suite.browser);
      const { page } = visit;
      const authenticator = await addAuthenticator(page);
      await prepare(page);
      await openJourney(suite, page, 'PushLogin');
      await phones.register(name, await toSetupCode(page, name));
      await phones.approve(name, await toNumber(page));
      return { ...visit, authenticator };
    };
    const approval = async (page: Page, name: string): Promise<void> => {
      await openJourney(suite, page, 'PushLogin');
      await signIn(page, name);
      await phones.approve(name, await numberOn(page));
    };

    test('is put off, and declined for good, with one click each', async () => {
      const name = 'reluctant';
      const visit = await firstApproval(name);
      const { page } = visit;
      await offered(page);
      expect(await accessibilityFindings(page)).toEqual([]);
      // By keyboard: behind the heading, which has the focus, come the three buttons.
      for (let stops = 0; stops < 2; stops += 1) await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Not now');
      await page.keyboard.press('Enter');
      await signedIn(page, name);
      expect(await said(name)).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT/)]);
      await approval(page, name);
      await signedIn(page, name);

      const path = `${realmPath('/')}/users/${name}`;
      expect((await asAdministrator(suite.server, 'PUT', path, { passkeyOffer: [] })).status).toBe(200);
      await approval(page, name);
      await offered(page);
      await press(page, 'Do not ask again');
      await signedIn(page, name);
      expect(await said(name)).toEqual(['never']);
      await approval(page, name);
      await signedIn(page, name);
      expect(await visit.authenticator.credentials()).toEqual([]);
      await closeVisits(visit);
    });

    test('is taken, also after it was taken and cancelled, which cost nobody the sign-in', async () => {
      const name = 'eager';
      const visit = await firstApproval(name);
      const { page, authenticator } = visit;
      await authenticator.verified(false);
      await offered(page);
      await press(page, ADD);
      await page.getByRole('main').getByText('No passkey was made.').waitFor();
      await press(page, 'Go on without a passkey');
      await signedIn(page, name);

      await authenticator.verified(true);
      await approval(page, name);
      await press(page, ADD);
      expect(await keepCodes(page)).toHaveLength(10);
      await signedIn(page, name);
      expect(await authenticator.credentials()).toHaveLength(1);
      await fillInPasskey(suite, page);
      await onAccount(page);
      await closeVisits(visit);
    });

    test('is no screen where the realm leaves it to the browser, whatever becomes of that (WA-30)', async () => {
      const path = `${realmPath('/')}/realm-config/services/assent`;
      const setting = async (passkeyUpgrade: string): Promise<void> => {
        expect((await asAdministrator(suite.server, 'PUT', path, { ...before, passkeyUpgrade })).status).toBe(200);
      };
      const { _id, _rev, _type, ...before } = (await asAdministrator(suite.server, 'GET', path)).body;
      await setting('quiet');
      const name = 'unasked';
      const visit = await firstApproval(name);
      const { page, authenticator } = visit;
      // Without a keeper of passwords this browser makes none, and does not say so.
      await signedIn(page, name);
      expect(await authenticator.credentials()).toEqual([]);

      // As one would that has just filled in the password.
      await page.addInitScript(() => {
        const create = navigator.credentials.create.bind(navigator.credentials);
        navigator.credentials.create = ({
          mediation,
          ...options
        }: CredentialCreationOptions & { readonly mediation?: string } = {}) => {
          if (mediation !== 'conditional') throw new TypeError('Somebody is asked.');
          return create(options);
        };
      });
      const user = `${realmPath('/')}/users/${name}`;
      expect((await asAdministrator(suite.server, 'PUT', user, { passkeyOffer: [] })).status).toBe(200);
      await approval(page, name);
      await signedIn(page, name);
      expect(await authenticator.credentials()).toHaveLength(1);
      await fillInPasskey(suite, page);
      await onAccount(page);
      await setting('offer');
      await closeVisits(visit);
    });

    test('is not made to a browser that keeps no passkeys', async () => {
      const name = 'plain';
      const visit = await firstApproval(name, async (page) => {
        await (await page.context().newCDPSession(page)).send('WebAuthn.disable');
      });
      await signedIn(visit.page, name);
      await closeVisits(visit);
    });
  });
};
