import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allowOrigins } from '../support/administrator.ts';
import { type AppHost, startAppHost } from '../support/app-host.ts';
import { closeVisits, openVisit, type Visit } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { addAuthenticator, type VirtualCredential } from '../support/virtual-authenticator.ts';
import type { Libraries } from './passkey-app.ts';
import { type PasskeySuite, passkeysOf } from './passkey-visit.ts';

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
  });
};
