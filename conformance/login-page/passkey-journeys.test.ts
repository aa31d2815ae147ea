import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type * as Sdk from '@forgerock/javascript-sdk';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dialog, section, withPassword } from '../account-page/account-visit.ts';
import { allowOrigins, asAdministrator } from '../support/administrator.ts';
import { type AppHost, startAppHost } from '../support/app-host.ts';
import { closeVisits, describeInBrowser, openVisit, type Visit } from '../support/browser.ts';
import { addUser, PASSWORD } from '../support/people.ts';
import { realmPath } from '../support/realm-path.ts';
import { startServerProcess } from '../support/server-process.ts';
import { addAuthenticator, type VirtualAuthenticator } from '../support/virtual-authenticator.ts';

// The shipped journeys of passkeys, from our own pages to a started server and back (spec: webauthn §10.1, §10.2, §14 A4).

/** The unmodified npm package, for an app of another origin. */
const SDK = dirname(createRequire(import.meta.url).resolve('@forgerock/javascript-sdk'));
/** Modules of it, by what each is called outside: the whole has a client with libraries of others, which no passkey needs. */
const SDK_MODULES = {
  Config: 'config/index.js',
  FRAuth: 'fr-auth/index.js',
  FRStep: 'fr-auth/fr-step.js',
  FRWebAuthn: 'fr-webauthn/index.js',
};
type SdkOnPage = Pick<typeof Sdk, keyof typeof SDK_MODULES | 'CallbackType'>;
const SDK_PAGE = `<title>App</title><script type="module">
import { CallbackType } from "/auth/enums.js";
${Object.entries(SDK_MODULES)
  .map(([name, path]) => `import ${name} from "/${path}";`)
  .join('\n')}
globalThis.sdk = { CallbackType, ${Object.keys(SDK_MODULES).join(', ')} };
</script>`;

interface Owner extends Visit {
  readonly name: string;
  readonly authenticator: VirtualAuthenticator;
  readonly codes: readonly string[];
}

describeInBrowser('passkeys of a started server', { start: startServerProcess }, (suite) => {
  const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
  const shown = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name, level: 1 }).waitFor();
  const devices = (page: Page) => section(page, 'Phones and devices');
  const onAccount = (page: Page): Promise<void> => section(page, 'Recent activity').waitFor();
  const open = (page: Page, journey: string) => page.goto(`${suite.server.am}/login?service=${journey}&ForceAuth=true`);
  const givePassword = async (page: Page, name: string): Promise<void> => {
    await page.getByLabel('User Name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
  };
  const usePasskey = async (page: Page): Promise<void> => {
    await open(page, 'PasskeyLogin');
    await press(page, 'Use your passkey');
  };
  const signOut = async (page: Page): Promise<void> => {
    await press(page, 'Sign out');
    await shown(page, 'You are signed out');
  };
  const keepCodes = async (page: Page): Promise<readonly string[]> => {
    await shown(page, 'Save your recovery codes');
    const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents();
    await page.getByLabel('I have saved these codes').check();
    await press(page, 'Continue');
    return codes;
  };

  /** Copies of the shipped journeys whose nodes of passkeys send scripts. */
  const addScriptedJourneys = async (): Promise<void> => {
    const trees = `${realmPath('/')}/realm-config/authentication/authenticationtrees`;
    const administer = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
      const answer = await asAdministrator(suite.server, method, `${trees}/${path}`, body);
      if (answer.status >= 300) throw new Error(`${path} was refused: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    for (const journey of ['AddPasskey', 'PasskeyLogin']) {
      const { nodes } = await administer('POST', `trees/${journey}?_action=clone`, { newId: `Scripted${journey}` });
      for (const [id, { nodeType }] of Object.entries(
        nodes as Readonly<Record<string, { readonly nodeType: string }>>,
      )) {
        if (!nodeType.startsWith('WebAuthn')) continue;
        const path = `nodes/${nodeType}/${id}`;
        await administer('PUT', path, { ...(await administer('GET', path)), asScript: true });
      }
    }
  };
  let app: AppHost;
  beforeAll(async () => {
    await addScriptedJourneys();
    app = await startAppHost(() => SDK_PAGE, SDK);
    await allowOrigins(suite.server, [app.origin]);
  });
  afterAll(async () => {
    await app?.close();
  });

  /** Somebody who has made a passkey by the way that the account page offers, and is back there. */
  const withPasskey = async (name: string): Promise<Owner> => {
    await addUser(suite.server, name);
    const visit = await withPassword(suite, name);
    const { page } = visit;
    const authenticator = await addAuthenticator(page);
    await devices(page).getByRole('link', { name: 'Add a passkey' }).click();
    // The authenticator is asked right after the password: that was a press.
    await givePassword(page, name);
    const codes = await keepCodes(page);
    await devices(page).getByText('Passkey · on one device only').waitFor();
    return { ...visit, name, authenticator, codes };
  };
  const factorsOf = async (page: Page): Promise<string> => (await devices(page).textContent()) ?? '';

  test('one is added from the account page, signs in without a name, and is forgotten when it is removed', async () => {
    const owner = await withPasskey('keyholder');
    const { page, authenticator, codes } = owner;
    expect(codes).toHaveLength(10);
    expect(await factorsOf(page)).toContain('never used');
    expect(await authenticator.credentials()).toHaveLength(1);
    await signOut(page);

    await usePasskey(page);
    await onAccount(page);
    await page.getByText('Signed in as keyholder').waitFor();
    expect(await factorsOf(page)).toContain('last used');

    // The passkey is another factor: nothing is asked before the change.
    await devices(page).getByRole('button', { name: 'Remove Linux' }).click();
    await dialog(page).getByText('It is your last one.').waitFor();
    await dialog(page).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No phone is connected').waitFor();
    await expect.poll(authenticator.credentials).toEqual([]);
    await closeVisits(owner);
  });

  test('one that was removed elsewhere leads to the password, and without its codes no further (WA-32)', async () => {
    const owner = await withPasskey('robbed');
    const { page, authenticator, codes } = owner;
    const path = `${realmPath('/')}/users/robbed/devices/2fa/webauthn`;
    const { body } = await asAdministrator(suite.server, 'GET', `${path}?_queryFilter=true`);
    const [device] = body.result as readonly { readonly uuid: string }[];
    expect((await asAdministrator(suite.server, 'DELETE', `${path}/${device?.uuid}`)).status).toBe(200);

    await usePasskey(page);
    await givePassword(page, 'robbed');
    await shown(page, 'Use a recovery code');
    await page.getByRole('textbox').fill(codes[0] ?? '');
    await press(page, 'Continue');
    await page.getByRole('main').getByText('That code did not work.').waitFor();
    expect(await authenticator.credentials()).toHaveLength(1);
    await closeVisits(owner);
  });

  test('after a password alone it is asked for before a change, which is taken up again (SEC-51)', async () => {
    const owner = await withPasskey('careful');
    const { page } = owner;
    await signOut(page);
    await open(page, 'Login');
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
    const owner = await withPasskey('hesitant');
    const { page, authenticator, codes } = owner;
    await signOut(page);
    await authenticator.verified(false);
    await usePasskey(page);
    await page.getByRole('main').getByText('No passkey was used.').waitFor();
    await press(page, 'Go on without a passkey');
    await givePassword(page, 'hesitant');
    await shown(page, 'Use a recovery code');
    await page.getByRole('textbox').fill(codes[0] ?? '');
    await press(page, 'Continue');
    await onAccount(page);
    await page.getByText('Codes left: 9').waitFor();
    await closeVisits(owner);
  });

  test('whoever has a passkey here already and wants another is told that none was added, and goes back signed in', async () => {
    const owner = await withPasskey('collector');
    const { page, authenticator } = owner;
    await devices(page).getByRole('link', { name: 'Add a passkey' }).click();
    await givePassword(page, 'collector');
    await page.getByRole('main').getByText('This device has a passkey').waitFor();
    await press(page, 'Go on without a passkey');
    await shown(page, 'No passkey was added');
    await page.getByRole('link', { name: 'Go back to where you came from' }).click();
    await onAccount(page);
    await page.getByText('Signed in as collector').waitFor();
    expect(await authenticator.credentials()).toHaveLength(1);
    await closeVisits(owner);
  });

  test('two tabs have a journey each, and both sign in (WA-01)', async () => {
    const owner = await withPasskey('twice');
    const { page, context, authenticator } = owner;
    await signOut(page);
    const other = await context.newPage();
    const [passkey] = await authenticator.credentials();
    if (passkey === undefined) throw new Error('There is no passkey to take over.');
    // Each page has an authenticator of its own; what is in both counts on where the first tab ends.
    await (await addAuthenticator(other)).take({ ...passkey, signCount: passkey.signCount + 1 });
    await Promise.all([open(page, 'PasskeyLogin'), open(other, 'PasskeyLogin')]);
    for (const tab of [page, other]) {
      await press(tab, 'Use your passkey');
      await onAccount(tab);
    }
    await closeVisits(owner);
  });

  test('a journey in script mode is no other one on our own page', async () => {
    await addUser(suite.server, 'scripted');
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    await addAuthenticator(page);
    await open(page, 'ScriptedAddPasskey');
    await givePassword(page, 'scripted');
    await keepCodes(page);
    await onAccount(page);
    await signOut(page);

    await open(page, 'ScriptedPasskeyLogin');
    await shown(page, 'Use your passkey');
    expect(await page.getByRole('main').textContent()).not.toContain('navigator');
    await press(page, 'Use your passkey');
    await onAccount(page);
    await closeVisits(visit);
  });

  test.each([
    { prefix: '', mode: 'metadata' },
    { prefix: 'Scripted', mode: 'script' },
  ])('javascript-sdk makes one and signs in by it (A7, $mode)', async ({ prefix, mode }) => {
    const name = `user of ${mode}`;
    await addUser(suite.server, name);
    const visit = await openVisit(suite.browser);
    const { page } = visit;
    const authenticator = await addAuthenticator(page);
    await page.goto(app.origin);
    await page.waitForFunction(() => 'sdk' in globalThis);
    const answers = await page.evaluate(
      async ({ am, username, password, prefix: of }) => {
        const { Config, FRAuth, FRStep, FRWebAuthn, CallbackType } = (globalThis as unknown as { sdk: SdkOnPage }).sdk;
        const isStep = (answer: unknown): Sdk.FRStep => {
          if (answer instanceof FRStep) return answer;
          throw new Error(`No step: ${JSON.stringify(answer)}`);
        };
        Config.set({ serverConfig: { baseUrl: `${am}/`, timeout: 20_000 }, realmPath: 'root' });
        const signIn = isStep(await FRAuth.start({ tree: `${of}AddPasskey` }));
        signIn.setCallbackValue(CallbackType.NameCallback, username);
        signIn.setCallbackValue(CallbackType.PasswordCallback, password);
        const registration = isStep(await FRAuth.next(signIn));
        const kinds = [FRWebAuthn.getWebAuthnStepType(registration)];
        const hasMetadata = registration.getCallbacksOfType(CallbackType.MetadataCallback).length > 0;
        const codes = isStep(await FRAuth.next(await FRWebAuthn.register(registration, 'Key of a test')));
        const made = await FRAuth.next(codes);
        const authentication = isStep(await FRAuth.start({ tree: `${of}PasskeyLogin`, query: { ForceAuth: 'true' } }));
        kinds.push(FRWebAuthn.getWebAuthnStepType(authentication));
        const used = await FRAuth.next(await FRWebAuthn.authenticate(authentication));
        return { kinds, hasMetadata, types: [made?.type, used?.type] };
      },
      { am: suite.server.am, username: name, password: PASSWORD, prefix },
    );
    expect(answers.types).toEqual(['LoginSuccess', 'LoginSuccess']);
    expect(answers.hasMetadata).toBe(mode === 'metadata');
    // Registration, then authentication.
    expect(answers.kinds).toEqual([2, 1]);
    expect(await authenticator.credentials()).toHaveLength(1);
    const path = `${realmPath('/')}/users/${encodeURIComponent(name)}/devices/2fa/webauthn?_queryFilter=true`;
    const { body } = await asAdministrator(suite.server, 'GET', path);
    expect(body.result).toMatchObject([{ deviceName: 'Key of a test' }]);
    await closeVisits(visit);
  });
});
