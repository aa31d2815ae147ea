import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Device, WebAuthnBody } from '@forgerock/javascript-sdk/device-client/types';
import type { NameCallback, PasswordCallback } from '@forgerock/journey-client';
import type { Frame } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allowOrigins } from '../support/administrator.ts';
import { type AppHost, startAppHost } from '../support/app-host.ts';
import { closeVisits, openVisit, type Visit } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { addAuthenticator, type VirtualCredential } from '../support/virtual-authenticator.ts';
import type { Libraries } from './passkey-app.ts';
import { type PasskeySuite, passkeysOf, press } from './passkey-visit.ts';
import { importFromPingAm } from './passkeys-of-pingam.ts';

// The unmodified npm packages, on pages of another origin (spec: webauthn §6, §14 A7, A8).

const WIDGET_PAGE = new URL('../../docs/guides/examples/login-widget.html', import.meta.url);

declare global {
  /** Of the page of the app. */
  var libraries: Libraries;
  var takeToHand: (key: number) => Promise<void>;
}

/** A page that has the packages in `libraries`. */
const startApp = async (directory: string): Promise<AppHost> => {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('passkey-app.ts', import.meta.url)),
    platform: 'browser',
  });
  await bundle.write({ file: join(directory, 'app.js') });
  await bundle.close();
  return startAppHost(() => '<title>App</title><script type="module" src="/app.js"></script>', directory);
};

export const describePasskeysInApps = (suite: PasskeySuite): void => {
  describe('in apps', () => {
    let app: AppHost;
    let widget: AppHost;
    beforeAll(async () => {
      const { am, scratch } = suite.server;
      const page = readFileSync(WIDGET_PAGE, 'utf8')
        .replace('https://login.example.com/am/', `${am}/`)
        .replaceAll("journey: 'PushLogin'", 'journey: location.hash.slice(1)');
      [app, widget] = await Promise.all([startApp(scratch), startAppHost(() => page)]);
      await allowOrigins(suite.server, [app.origin, widget.origin]);
    });
    afterAll(async () => {
      await Promise.all([app?.close(), widget?.close()]);
    });

    const openApp = async (): Promise<Visit> => {
      const visit = await openVisit(suite.browser);
      await visit.page.goto(app.origin);
      await visit.page.waitForFunction(() => 'libraries' in globalThis);
      return visit;
    };
    const namesOf = async (name: string): Promise<readonly string[]> =>
      (await passkeysOf(suite, name)).result.map(({ deviceName }) => deviceName);

    test.each([
      { prefix: '', mode: 'metadata' },
      { prefix: 'Scripted', mode: 'script' },
    ])('javascript-sdk makes three and signs in by each (A7, $mode)', async ({ prefix, mode }) => {
      const name = `user of ${mode}`;
      await addUser(suite.server, name);
      const visit = await openApp();
      const { page } = visit;
      const authenticator = await addAuthenticator(page);
      const keys: VirtualCredential[] = [];
      let inHand = 0;
      /** Somebody lays one key aside and takes another to hand, which is new where it was never held. */
      await page.exposeFunction('takeToHand', async (key: number) => {
        for (const held of await authenticator.credentials()) {
          keys[inHand] = held;
          await authenticator.forget(held.credentialId);
        }
        inHand = key;
        const taken = keys[key];
        if (taken !== undefined) await authenticator.take(taken);
      });
      /** Goes through a journey: with the old key where a passkey is asked for, and with the new one where one is made. */
      const walk = (tree: string, { old = 0, made = 0, called = '' } = {}) =>
        page.evaluate(
          async ({ am, username, password, ...asked }) => {
            const { CallbackType, Config, FRAuth, FRStep, FRWebAuthn } = libraries;
            Config.set({ serverConfig: { baseUrl: `${am}/`, timeout: 20_000 }, realmPath: 'root' });
            const did: string[] = [];
            let answer = await FRAuth.start({ tree: asked.tree, query: { ForceAuth: 'true' } });
            while (answer instanceof FRStep) {
              const kind = FRWebAuthn.getWebAuthnStepType(answer);
              const said = ['', 'used', 'made'][kind] ?? '';
              if (said !== '') {
                const by = answer.getCallbacksOfType(CallbackType.MetadataCallback).length > 0 ? 'metadata' : 'script';
                did.push(`${said} by ${by}`);
                await takeToHand(kind === 1 ? asked.old : asked.made);
              }
              if (kind === 1) await FRWebAuthn.authenticate(answer);
              if (kind === 2) await FRWebAuthn.register(answer, asked.called);
              if (answer.getCallbacksOfType(CallbackType.PasswordCallback).length > 0) {
                answer.setCallbackValue(CallbackType.NameCallback, username);
                answer.setCallbackValue(CallbackType.PasswordCallback, password);
              }
              answer = await FRAuth.next(answer);
            }
            return [...did, answer?.type];
          },
          {
            am: suite.server.am,
            username: name,
            password: PASSWORD,
            tree: `${prefix}${tree}`,
            old,
            made,
            called,
          },
        );
      for (const [made, called] of ['First', 'Second', 'Third'].entries()) {
        const asked = made === 0 ? [] : [`used by ${mode}`];
        expect(await walk('AddPasskey', { made, called })).toEqual([...asked, `made by ${mode}`, 'LoginSuccess']);
      }
      expect([...(await namesOf(name))].sort()).toEqual(['First', 'Second', 'Third']);
      // The user is known by the session, and each of the three is asked for.
      for (const old of [0, 1, 2]) expect(await walk('StepUp', { old })).toEqual([`used by ${mode}`, 'LoginSuccess']);
      expect(await walk('PasskeyLogin', { old: 2 })).toEqual([`used by ${mode}`, 'LoginSuccess']);
      await closeVisits(visit);
    });

    test('journey-client makes one, signs in by it, and leads on where its page ends the request (A8)', async () => {
      await addUser(suite.server, 'journeyer');
      const visit = await openApp();
      const { page } = visit;
      const authenticator = await addAuthenticator(page);
      /** Goes through a journey up to its end, or to the password where that is not given. */
      const walk = (tree: string, given: { readonly password?: string; readonly isEnded?: true } = {}) =>
        page.evaluate(
          async ({ am, username, tree: name, password, isEnded }) => {
            const { WebAuthn, callbackType, journey } = libraries;
            const wellknown = `${am}/oauth2/realms/root/.well-known/openid-configuration`;
            const client = await journey({ config: { serverConfig: { wellknown } } });
            const did: string[] = [];
            let answer = await client.start({ journey: name, query: { ForceAuth: 'true' } });
            while ('type' in answer && answer.type === 'Step') {
              const kind = WebAuthn.getWebAuthnStepType(answer);
              if (kind === 2) did.push(await WebAuthn.register(answer, 'Key of a journey').then(() => 'made'));
              if (kind === 1) {
                const ends = new AbortController();
                const used = WebAuthn.authenticate(answer, ends.signal);
                if (isEnded) ends.abort();
                did.push(await used.then(() => 'used').catch((error: unknown) => (error as Error).name));
              }
              const [passwordField] = answer.getCallbacksOfType<PasswordCallback>(callbackType.PasswordCallback);
              // On one page with a passkey, the form stays empty where that was used.
              if (passwordField !== undefined && did.at(-1) !== 'used') {
                if (password === undefined) return [...did, 'password'];
                answer.getCallbackOfType<NameCallback>(callbackType.NameCallback).setName(username);
                passwordField.setPassword(password);
              }
              answer = await client.next(answer);
            }
            return [...did, answer.type];
          },
          { am: suite.server.am, username: 'journeyer', tree, ...given },
        );
      expect(await walk('AddPasskey', { password: PASSWORD })).toEqual(['made', 'LoginSuccess']);
      expect(await namesOf('journeyer')).toEqual(['Key of a journey']);
      expect(await walk('PasskeyLogin')).toEqual(['used', 'LoginSuccess']);
      await authenticator.present(false);
      expect(await walk('PasskeyLogin', { isEnded: true })).toEqual(['AbortError', 'password']);
      await closeVisits(visit);
    });

    test('an app inside a page of somebody else signs in nobody (WA-06, A5)', async () => {
      const passkey = await importFromPingAm(suite, 'framed');
      const visit = await openVisit(suite.browser);
      const { page } = visit;
      await (await addAuthenticator(page)).take(passkey);
      await page.goto(`${widget.origin}/callback`);
      await page.setContent(`<iframe src="${app.origin}" allow="publickey-credentials-get *"></iframe>`);
      await page.frameLocator('iframe').locator('title').waitFor({ state: 'attached' });
      /** What the app comes to in this window. */
      const signIn = (frame: Frame | undefined) =>
        frame?.evaluate(async (am) => {
          const { CallbackType, Config, FRAuth, FRStep, FRWebAuthn } = libraries;
          Config.set({ serverConfig: { baseUrl: `${am}/`, timeout: 20_000 }, realmPath: 'root' });
          const step = await FRAuth.start({ tree: 'PasskeyLogin' });
          if (!(step instanceof FRStep)) throw new Error('No step.');
          const answer = await FRAuth.next(await FRWebAuthn.authenticate(step));
          const asksForPassword =
            answer instanceof FRStep && answer.getCallbacksOfType(CallbackType.PasswordCallback).length > 0;
          return asksForPassword ? 'password' : answer?.type;
        }, suite.server.am);
      expect(await signIn(page.frames()[1])).toBe('password');
      await page.goto(app.origin);
      await page.waitForFunction(() => 'libraries' in globalThis);
      expect(await signIn(page.mainFrame())).toBe('LoginSuccess');
      await closeVisits(visit);
    });

    test('login-widget makes one, and signs in by it (A8)', async () => {
      await addUser(suite.server, 'widget');
      const { page, context } = await openVisit(suite.browser);
      // The widget calls a service of its vendor when it is loaded; a test calls nobody.
      await context.route(
        ({ hostname }) => hostname !== 'localhost',
        (route) => route.abort(),
      );
      await addAuthenticator(page);
      await page.goto(`${widget.origin}/#AddPasskey`);
      await page.getByLabel('Username').fill('widget');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await press(page, 'Next');
      await page.getByLabel('Optionally name your device').fill('Key of the widget');
      await press(page, 'Next');
      await page.getByText('Use one of these codes').waitFor();
      expect(await page.getByRole('listitem').count()).toBe(10);
      await press(page, 'Next');
      await page.getByText('Signed in').waitFor();
      expect(await namesOf('widget')).toEqual(['Key of the widget']);
      await press(page, 'Sign out');
      await page.getByText('Signed out').waitFor();

      await page.goto('about:blank');
      await page.goto(`${widget.origin}/#PasskeyLogin`);
      await page.getByText('Signed in').waitFor();
      await context.close();
    });

    test('device-client lists, renames and removes a passkey and a bound device (A8)', async () => {
      const passkey = await importFromPingAm(suite, 'mover');
      const visit = await openApp();
      const { page } = visit;
      await (await addAuthenticator(page)).take(passkey);
      const answers = await page.evaluate(async (am) => {
        const { Config, FRAuth, FRStep, FRWebAuthn, deviceClient } = libraries;
        const config = { serverConfig: { baseUrl: `${am}/`, timeout: 20_000 }, realmPath: 'root' };
        Config.set(config);
        const step = await FRAuth.start({ tree: 'PasskeyLogin' });
        if (!(step instanceof FRStep)) throw new Error('No step.');
        await FRAuth.next(await FRWebAuthn.authenticate(step));

        const client = deviceClient(config);
        const userId = 'mover';
        // A client keeps the list of passkeys that it has read once.
        const read = async () => {
          const { webAuthn, bound } = deviceClient(config);
          return { passkeys: await webAuthn.get({ userId }), bound: await bound.get({ userId }) };
        };
        const before = await read();
        const [passkey] = before.passkeys as readonly WebAuthnBody[];
        const [bound] = before.bound as readonly Device[];
        if (passkey === undefined || bound === undefined) throw new Error('There are no devices.');
        const renamed = { ...passkey, deviceName: 'My key' };
        await client.webAuthn.update({ userId, device: renamed });
        await client.bound.update({ userId, device: { ...bound, deviceName: 'My app' } });
        const after = await read();
        await client.webAuthn.delete({ userId, device: renamed });
        await client.bound.delete({ userId, device: bound });
        return { before, after, last: await read() };
      }, suite.server.am);
      expect(answers).toMatchObject({
        before: {
          passkeys: [{ deviceName: 'Key of PingAM' }],
          bound: [{ deviceName: 'App of PingAM', deviceId: 'installation' }],
        },
        after: { passkeys: [{ deviceName: 'My key' }], bound: [{ deviceName: 'My app' }] },
        last: { passkeys: [], bound: [] },
      });
      await closeVisits(visit);
    });
  });
};
