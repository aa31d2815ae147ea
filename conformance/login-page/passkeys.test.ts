import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { closeVisits, describeInBrowser, openVisit } from '../support/browser.ts';
import { letPageAsk } from '../support/first-step.ts';
import { startServerProcess } from '../support/server-process.ts';
import { addAuthenticator } from '../support/virtual-authenticator.ts';

// Passkeys on the login page, with an authenticator of the browser's own (spec: webauthn §10.2, §14 A4, A6; ux P).

interface Callback {
  readonly type: string;
  readonly output: readonly { readonly name: string; readonly value: unknown }[];
  readonly input?: readonly { readonly name: string; readonly value: unknown }[];
}
interface Step {
  readonly callbacks: readonly Callback[];
  readonly assent?: object;
}

/** The values of each submit. */
type Sent = readonly (readonly unknown[])[];

const callback = (type: string, output: Readonly<Record<string, unknown>>, input?: unknown): Callback => ({
  type,
  output: Object.entries(output).map(([name, value]) => ({ name, value })),
  ...(input !== undefined && { input: [{ name: 'IDToken1', value: input }] }),
});
const name = callback('NameCallback', { prompt: 'User Name' }, '');
const password = callback('PasswordCallback', { prompt: 'Password' }, '');
const metadata = callback('MetadataCallback', { data: { relyingPartyId: '' } });
/** Of another visit, with a challenge of its own. */
const another = callback('MetadataCallback', { data: { relyingPartyId: '', challenge: 'x' } });
const outcome = callback('HiddenValueCallback', { value: 'false', id: 'webAuthnOutcome' }, 'webAuthnOutcome');
const recovery = callback('ConfirmationCallback', { options: ['Use Recovery Code'], optionType: -1 }, 100);
const goOn = callback('ConfirmationCallback', { options: ['Next', 'Not now'], optionType: -1 }, 0);

const challenge = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const creation = {
  challenge,
  rp: { id: 'localhost', name: 'Example' },
  user: { id: 'ZXhhbXBsZQ', name: 'demo', displayName: 'Demo' },
  pubKeyCredParams: [-7, -257].map((alg) => ({ type: 'public-key', alg })),
  authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  excludeCredentials: [],
  timeout: 60_000,
  attestation: 'none',
  extensions: {},
};
const request = {
  challenge,
  rpId: 'localhost',
  allowCredentials: [],
  userVerification: 'required',
  timeout: 60_000,
  extensions: {},
};
const create = (more: object = {}) => ({ webauthn: { kind: 'create', options: { ...creation, ...more } } });
const get = (more: object = {}) => ({ webauthn: { kind: 'get', options: { ...request, ...more } } });
const registration: Step = { callbacks: [metadata, outcome], assent: create() };
const authentication: Step = { callbacks: [metadata, outcome, recovery], assent: get() };
const question: Step = { callbacks: [goOn] };
/** Name, password or a passkey, on one page. */
const together = (mediation?: 'conditional'): Step => ({
  callbacks: [name, password, metadata, outcome],
  assent: { webauthn: { kind: 'get', options: request, ...(mediation && { mediation }) } },
});

const offer = (goOnIn: number): Step => ({
  callbacks: [
    callback('TextOutputCallback', { message: 'Faster?', messageType: '0' }),
    callback('ConfirmationCallback', { prompt: 'Faster', options: ['Add', 'Not now', 'Never'] }, 100),
  ],
  assent: { webauthn: { kind: 'offer', options: { goOnIn } } },
});

describeInBrowser('passkeys on the login page', { start: startServerProcess }, (suite) => {
  /** The login page of a server that asks for these, one after the other; `sent` has the values of each submit. */
  const pageOf = async (...steps: readonly (Step | ((sent: Sent) => Step))[]) => {
    const visit = await openVisit(suite.browser);
    const authenticator = await addAuthenticator(visit.page);
    const sent: (readonly unknown[])[] = [];
    await visit.page.route('**/authenticate**', async (route) => {
      const { callbacks } = route.request().postDataJSON() as { readonly callbacks?: readonly Callback[] };
      if (callbacks !== undefined) sent.push(callbacks.map(({ input }) => input?.[0]?.value));
      const step = steps[Math.min(sent.length, steps.length - 1)];
      const asked = typeof step === 'function' ? step(sent) : step;
      await route.fulfill({ json: { authId: `step-${sent.length}`, ...asked } });
    });
    await letPageAsk(visit.context, suite.server.am);
    await visit.page.goto(`${suite.server.am}/login`);
    return { ...visit, authenticator, sent };
  };
  const button = (page: Page, label: string) => page.getByRole('button', { name: label });
  const press = (page: Page, label: string): Promise<void> => button(page, label).click();
  const answered = (sent: Sent, count: number) => expect.poll(() => sent.length).toBe(count);
  const legacyOf = (value: unknown): readonly string[] =>
    (JSON.parse(String(value)) as { readonly legacyData: string }).legacyData.split('::');

  test('one is made at a press, and answered in the JSON form (A4)', async () => {
    const visit = await pageOf(registration, question);
    await press(visit.page, 'Create a passkey');
    await answered(visit.sent, 1);
    const value = visit.sent[0]?.[1];
    const [clientData = '{}', attestation = '', id = '', device] = legacyOf(value);
    expect(JSON.parse(clientData)).toMatchObject({ type: 'webauthn.create', challenge });
    expect(attestation).toMatch(/^-?\d+(,-?\d+)+$/);
    const [kept] = await visit.authenticator.credentials();
    expect(Buffer.from(id, 'base64url').toString('base64')).toBe(kept?.credentialId);
    expect(device).toBe('Linux');
    expect(JSON.parse(String(value))).toMatchObject({ authenticatorAttachment: 'platform' });
    await closeVisits(visit);
  });

  test('an offer that nobody answers goes on by itself, and has chosen nothing', async () => {
    const visit = await pageOf(offer(1_000), question);
    await visit.page.getByRole('heading', { name: 'Faster' }).waitFor();
    await answered(visit.sent, 1);
    expect(visit.sent).toEqual([[undefined, 100]]);
    await closeVisits(visit);
  });

  test('one is used by itself right after a press, and never on the first step (WA-27)', async () => {
    const visit = await pageOf(registration, authentication, authentication, question);
    await button(visit.page, 'Create a passkey').waitFor();
    expect(visit.sent).toHaveLength(0);
    await press(visit.page, 'Create a passkey');
    await answered(visit.sent, 3);
    const [, made] = legacyOf(visit.sent[0]?.[1]).slice(1);
    for (const values of visit.sent.slice(1)) {
      const [clientData = '{}', data = '', signature = '', id, handle = ''] = legacyOf(values[1]);
      expect(JSON.parse(clientData)).toMatchObject({ type: 'webauthn.get', challenge });
      expect([id, Buffer.from(handle, 'base64url').toString()]).toEqual([made, 'example']);
      expect([data, signature].every((bytes) => /^-?\d+(,-?\d+)+$/.test(bytes))).toBe(true);
      // The other way out was not taken.
      expect(values[2]).toBe(100);
    }
    await button(visit.page, 'Next').waitFor();
    await closeVisits(visit);
  });

  test('one that is refused stays on the screen, says so, and can be tried again (A4: UV off under REQUIRED)', async () => {
    const visit = await pageOf(registration, question, authentication, question);
    await press(visit.page, 'Create a passkey');
    await button(visit.page, 'Next').waitFor();
    await visit.authenticator.verified(false);
    await press(visit.page, 'Next');
    await visit.page.getByRole('main').getByText('No passkey was used.').waitFor();
    expect(await visit.page.getByRole('alert').textContent()).toContain('No passkey was used.');
    expect(visit.sent).toHaveLength(2);
    await press(visit.page, 'Try again');
    await visit.page.getByRole('main').getByText('No passkey was used.').waitFor();
    expect(await visit.page.evaluate(() => document.activeElement?.textContent)).toBe('Try again');
    await visit.authenticator.verified(true);
    await press(visit.page, 'Try again');
    await answered(visit.sent, 3);
    await closeVisits(visit);
  });

  test('where nobody touches the authenticator the other way is open, and ends the request', async () => {
    const visit = await pageOf(authentication, question);
    await visit.authenticator.present(false);
    await press(visit.page, 'Use your passkey');
    await visit.page.locator('button[aria-disabled]').waitFor();
    await press(visit.page, 'Use Recovery Code');
    await answered(visit.sent, 1);
    expect(visit.sent[0]?.slice(1)).toEqual(['webAuthnOutcome', 0]);
    await button(visit.page, 'Next').waitFor();
    await closeVisits(visit);
  });

  test('a device that has one already says so, and the journey learns it when its user goes on (A4: InvalidStateError)', async () => {
    const again = (sent: Sent): Step => {
      const id = legacyOf(sent[0]?.[1])[2];
      return { callbacks: [another, outcome], assent: create({ excludeCredentials: [{ type: 'public-key', id }] }) };
    };
    const visit = await pageOf(registration, again, question);
    await press(visit.page, 'Create a passkey');
    await visit.page.getByRole('main').getByText('This device has a passkey for you already.').waitFor();
    expect(visit.sent).toHaveLength(1);
    await button(visit.page, 'Try again').waitFor();
    await press(visit.page, 'Go on without a passkey');
    await answered(visit.sent, 2);
    expect(visit.sent[1]?.[1]).toMatch(/^ERROR::InvalidStateError:./);
    await closeVisits(visit);
  });

  test('an address that is not that of the passkeys is no use trying again (SecurityError)', async () => {
    const elsewhere = { callbacks: [metadata, outcome], assent: get({ rpId: 'login.example.com' }) };
    const visit = await pageOf(elsewhere, question);
    await press(visit.page, 'Use your passkey');
    await visit.page.getByRole('main').getByText('Passkeys do not work at the address of this page.').waitFor();
    expect(await button(visit.page, 'Try again').count()).toBe(0);
    await press(visit.page, 'Go on without a passkey');
    await answered(visit.sent, 1);
    expect(visit.sent[0]?.[1]).toMatch(/^ERROR::SecurityError:./);
    await closeVisits(visit);
  });

  test('a browser without passkeys says so, and the journey goes its way for that', async () => {
    const visit = await pageOf(authentication, question);
    await visit.page.evaluate(() => Reflect.deleteProperty(globalThis, 'PublicKeyCredential'));
    await press(visit.page, 'Use your passkey');
    await visit.page.getByRole('main').getByText('cannot use passkeys here').waitFor();
    await press(visit.page, 'Go on without a passkey');
    await answered(visit.sent, 1);
    expect(visit.sent[0]?.[1]).toBe('unsupported');
    await closeVisits(visit);
  });

  test('a browser that does not know the JSON of options is asked all the same', async () => {
    const visit = await pageOf(registration, authentication, question);
    await visit.page.evaluate(() => {
      Reflect.deleteProperty(PublicKeyCredential, 'parseCreationOptionsFromJSON');
      Reflect.deleteProperty(PublicKeyCredential, 'parseRequestOptionsFromJSON');
    });
    await press(visit.page, 'Create a passkey');
    await answered(visit.sent, 2);
    for (const values of visit.sent) expect(JSON.parse(legacyOf(values[1])[0] ?? '{}')).toMatchObject({ challenge });
    await closeVisits(visit);
  });

  test('beside a password it waits for its button, and the password goes alone (WA-27)', async () => {
    const visit = await pageOf(together(), question);
    expect(await visit.page.getByLabel('User Name').getAttribute('autocomplete')).toBe('username');
    await button(visit.page, 'Use your passkey').waitFor();
    await visit.page.getByLabel('User Name').fill('demo');
    await visit.page.getByLabel('Password', { exact: true }).fill('secret');
    await press(visit.page, 'Sign in');
    await answered(visit.sent, 1);
    expect(visit.sent[0]).toEqual(['demo', 'secret', undefined, 'webAuthnOutcome']);
    await closeVisits(visit);
  });

  test('where names are filled in it is offered there, and a password ends the request (A6)', async () => {
    const visit = await pageOf(together('conditional'), question);
    await visit.authenticator.present(false);
    expect(await visit.page.getByLabel('User Name').getAttribute('autocomplete')).toBe('username webauthn');
    await expect.poll(() => button(visit.page, 'Use your passkey').count()).toBe(0);
    await visit.page.getByLabel('User Name').fill('demo');
    await visit.page.getByLabel('Password', { exact: true }).fill('secret');
    await press(visit.page, 'Sign in');
    await answered(visit.sent, 1);
    expect(visit.sent[0]?.[3]).toBe('webAuthnOutcome');
    await button(visit.page, 'Next').waitFor();
    await closeVisits(visit);
  });

  test('one that is filled in signs in by itself (A6)', async () => {
    const visit = await pageOf(registration, together('conditional'), question);
    await press(visit.page, 'Create a passkey');
    await answered(visit.sent, 2);
    expect(JSON.parse(legacyOf(visit.sent[1]?.[3])[0] ?? '{}')).toMatchObject({ type: 'webauthn.get', challenge });
    await closeVisits(visit);
  });
});
