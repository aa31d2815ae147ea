import { runNode, testUserId } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { authenticationData, type PasskeySetUp, passkeySetUp, TEST_ORIGIN } from '../testing/passkey-set-up.ts';
import { webAuthnAuthentication } from './web-authn-authentication.node.ts';

type Config = NonNullable<Parameters<typeof runNode<typeof webAuthnAuthentication>>[1]['config']>;
type Given = Omit<Parameters<typeof runNode<typeof webAuthnAuthentication>>[1], 'ports' | 'config'>;
type Options = Parameters<PasskeySetUp['authenticator']['signIn']>[2];

const show = (it: PasskeySetUp, config: Config = {}, given: Given = {}) =>
  runNode(webAuthnAuthentication, {
    log: it.log,
    ports: it.ports,
    state: it.state,
    config: { asScript: false, ...config },
    ...given,
  });

/** Shows the step and answers as the authenticator does, or as the test says. */
const signIn = async (
  it: PasskeySetUp,
  config: Config = {},
  { origin = TEST_ORIGIN, given, ...options }: Options & { origin?: string; given?: Given } = {},
) => {
  const shown = await show(it, config, given);
  const { text } = it.authenticator.signIn(authenticationData(shown), origin, options);
  return shown.again([undefined, text]);
};

const USERNAMELESS = { requiresResidentKey: true };
const nobody = { state: {} };

describe('before anybody is asked', () => {
  test.each([
    ['nobody is named', {}],
    ['the name is nobody’s', { username: 'nobody' }],
  ])('it is a failure where %s', async (_what, state) => {
    expect((await show(passkeySetUp(), {}, { state })).action).toMatchObject({ outcome: 'failure' });
  });

  test('a user without a passkey takes a path of its own, be there an answer or not', async () => {
    const it = passkeySetUp();
    const { action, state } = await show(it);
    expect(action).toMatchObject({ outcome: 'noDevice' });
    expect(state.mfaMethod).toBe('webauthn');
    await it.add();
    const shown = await show(it);
    Object.assign(it.stored, { ofUser: async () => [] });
    expect((await shown.again([undefined, 'x'])).action).toMatchObject({ outcome: 'failure' });
  });

  test('it is an error where passkeys cannot be read, or a script asks for extensions that are none', async () => {
    const it = passkeySetUp();
    await it.add();
    const extensions = show(it, {}, { state: { username: 'demo', webAuthnExtensions: 'x' } });
    await expect(extensions).rejects.toMatchObject({ message: 'Extensions must be a map' });
    const broken = passkeySetUp();
    Object.assign(broken.stored, { ofUser: () => Promise.reject(new Error('disk')) });
    await expect(show(broken)).rejects.toMatchObject({ message: 'Unable to read existing device profiles' });
  });

  test('at an IP address it goes on without a passkey, and the log says why (WA-04)', async () => {
    const it = passkeySetUp();
    const at = { relyingPartyDomain: '192.0.2.1' };
    expect((await show(it, at)).action).toMatchObject({ outcome: 'noDevice' });
    await it.add();
    for (const config of [at, { ...at, ...USERNAMELESS }])
      expect((await show(it, config)).action).toMatchObject({ outcome: 'unsupported' });
    expect(it.log.lines.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^Passkeys cannot be made for an IP/),
      expect.stringMatching(/^Passkeys cannot be made for an IP/),
    ]);
  });

  test('who has no passkey looks like who has one where that is to be hidden, and fails (WA-17)', async () => {
    const it = passkeySetUp();
    const shapeOf = async (username: string) => {
      const { callbacks } = await show(it, { hideNoDevice: true }, { state: { username } });
      const data = authenticationData({ callbacks });
      expect(data._allowCredentials.length).toBeGreaterThan(0);
      return { shown: Object.keys(data), types: callbacks.map(({ type }) => type), ids: data._allowCredentials };
    };
    const [none, unknown, again] = [await shapeOf('demo'), await shapeOf('nobody'), await shapeOf('nobody')];
    await it.add('other');
    const has = await shapeOf('other');
    expect(none.shown).toEqual(has.shown);
    expect([none.types, unknown.types]).toEqual([has.types, has.types]);
    expect(again.ids).toEqual(unknown.ids);
    for (const username of ['demo', 'nobody']) {
      const done = await signIn(
        it,
        { hideNoDevice: true },
        { given: { state: { username } }, credentialId: it.authenticator.passkeys[0]?.credentialId ?? '' },
      );
      expect(done.action).toMatchObject({ outcome: 'failure' });
    }
  });

  test('nothing is hidden from somebody who has proved to be the user', async () => {
    const { action } = await show(passkeySetUp(), { hideNoDevice: true }, { identified: testUserId('demo') });
    expect(action).toMatchObject({ outcome: 'noDevice' });
  });

  test('all is hidden from somebody who has proved to be another user (SEC-59)', async () => {
    for (const username of ['demo', 'nobody']) {
      const given = { state: { username }, identified: testUserId('other') };
      expect((await show(passkeySetUp(), { hideNoDevice: true }, given)).action).toMatchObject({ kind: 'send' });
    }
  });
});

describe('an answer is refused', () => {
  test.each<[string, Options & { origin?: string }]>([
    ['of another page (WA-03)', { origin: 'https://evil.example' }],
    ['of a page whose address only begins alike (WA-03)', { origin: `${TEST_ORIGIN}.evil.example` }],
    ['for another relying party (WA-04)', { rpId: 'evil.example' }],
    ['to another challenge (WA-01)', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['from a frame in another page (WA-06)', { clientData: { crossOrigin: true } }],
    ['that made a passkey (WA-05)', { clientData: { type: 'webauthn.create' } }],
    ['with nobody there (WA-07)', { flags: { UP: false } }],
    ['of an authenticator that has not made sure of its user (WA-07)', { flags: { UV: false } }],
    ['of a passkey that may be synced by now (WA-12)', { flags: { BE: true } }],
    ['that names another user (WA-13)', { userHandle: Buffer.from('other').toString('base64url') }],
  ])('%s, and nothing of the passkey is in state (WA-16)', async (_what, options) => {
    const it = passkeySetUp();
    await it.add();
    const done = await signIn(it, { userVerificationRequirement: 'REQUIRED' }, options);
    expect(done.action).toMatchObject({ outcome: 'failure' });
    expect(done.journey).toMatchObject({ identified: undefined, proven: [] });
    expect(Object.keys(done.state)).toEqual(['username']);
  });

  test('with a passkey of another user, whoever that is (WA-14)', async () => {
    const it = passkeySetUp();
    await it.add();
    const { credentialId } = await it.add('other');
    expect((await signIn(it, {}, { credentialId })).action).toMatchObject({ outcome: 'failure' });
    const done = await signIn(it, USERNAMELESS, { credentialId, given: { state: {}, identified: testUserId('demo') } });
    expect(done.action).toMatchObject({ outcome: 'failure' });
  });

  test('without a name of the user where nobody has given one (WA-13)', async () => {
    const it = passkeySetUp();
    await it.add();
    const done = await signIn(it, USERNAMELESS, { userHandle: '', given: nobody });
    expect(done.action).toMatchObject({ outcome: 'failure' });
  });

  test('of a user who was locked after the step was shown (WA-15)', async () => {
    const it = passkeySetUp();
    await it.add();
    for (const config of [{}, USERNAMELESS]) {
      const shown = await show(it, config);
      const { text } = it.authenticator.signIn(authenticationData(shown), TEST_ORIGIN);
      await it.ports.identities.setActive('demo', false);
      expect((await shown.again([undefined, text])).action).toMatchObject({ outcome: 'failure' });
      await it.ports.identities.setActive('demo', true);
    }
  });

  test('of a passkey that its provider may copy, where only others are wanted', async () => {
    const it = passkeySetUp();
    await it.add('demo', { BE: true, BS: true });
    const synced = { flags: { BE: true, BS: true } };
    expect((await signIn(it, { requireDeviceBound: true }, synced)).action).toMatchObject({ outcome: 'failure' });
    expect((await signIn(it, {}, synced)).action).toMatchObject({ outcome: 'success' });
  });

  test('the second time, since a visit ends with its answer (WA-01)', async () => {
    const it = passkeySetUp();
    await it.add();
    const shown = await show(it);
    const { text } = it.authenticator.signIn(authenticationData(shown), TEST_ORIGIN);
    const { challenge: _, ...given } = { challenge: undefined, sent: shown.callbacks, answers: [undefined, text] };
    expect((await show(it, {}, given)).action).toMatchObject({ outcome: 'failure' });
  });
});

describe('what a client says in the place of a passkey', () => {
  test.each([
    ['unsupported', { outcome: 'unsupported' }],
    ['ERROR::NotSupportedError:', { outcome: 'unsupported' }],
    ['ERROR::NotAllowedError:timed out', { outcome: 'error' }],
    ['rubbish', { outcome: 'failure' }],
  ])('%s leads on', async (text, action) => {
    const it = passkeySetUp();
    await it.add();
    expect((await (await show(it)).again([undefined, text])).action).toMatchObject(action);
  });

  test.each(['', 'false', 'webAuthnOutcome'])('%j shows the same step again, with the same challenge', async (text) => {
    const shown = await show(passkeySetUp(), USERNAMELESS, nobody);
    expect((await shown.again([undefined, text])).callbacks).toEqual(shown.callbacks);
  });

  test('a recovery code is another way where it is offered, whatever the browser says beside', async () => {
    const it = passkeySetUp();
    await it.add();
    const shown = await show(it, { isRecoveryCodeAllowed: true });
    expect(shown.callbacks[2]).toMatchObject({ output: { options: ['Use Recovery Code'] }, input: { '': 100 } });
    expect((await shown.again([undefined, 'ERROR::NotAllowedError:', 0])).action).toMatchObject({
      outcome: 'recoveryCode',
    });
    expect((await shown.again([undefined, 'unsupported', 100])).action).toMatchObject({ outcome: 'unsupported' });
  });
});

describe('somebody is signed in', () => {
  test('by name and passkey, with what it proves and what scripts may know (WA-33)', async () => {
    const it = passkeySetUp();
    const { uuid, deviceName } = await it.add();
    const done = await signIn(it);
    expect(done.action).toMatchObject({ outcome: 'success', detail: { registeredDeviceUuid: uuid, deviceName } });
    expect(done.journey).toMatchObject({
      identified: testUserId('demo'),
      nodeTypes: ['WebAuthnAuthentication'],
      proven: [{ user: testUserId('demo'), method: 'passkey', device: { kind: 'webauthn', uuid } }],
    });
    expect(done.state).toMatchObject({
      webauthnDeviceUuid: uuid,
      webauthnDeviceName: deviceName,
      webauthnAssertionInfo: { flags: { UP: true, UV: true } },
    });
  });

  test('by the passkey alone, which says who it is', async () => {
    const it = passkeySetUp();
    await it.add('other');
    const shown = await show(it, USERNAMELESS, nobody);
    expect(authenticationData(shown)).toMatchObject({ allowCredentials: '', _allowCredentials: [] });
    const { text } = it.authenticator.signIn(authenticationData(shown), TEST_ORIGIN);
    const done = await shown.again([undefined, text]);
    expect(done.action).toMatchObject({ outcome: 'success' });
    expect(done.state.username).toBe('other');
    expect(done.journey.identified).toBe(testUserId('other'));
  });

  test.each([
    ['synced', { BE: true, BS: true }, 'syncedPasskey'],
    ['only touched', { UV: false }, 'touchedPasskey'],
    ['only touched, and synced', { UV: false, BE: true }, 'touchedPasskey'],
  ])('with a passkey that was %s, which proves less', async (_what, flags, method) => {
    const it = passkeySetUp();
    const { uuid } = await it.add('demo', flags);
    const done = await signIn(it, {}, { flags });
    const device = { kind: 'webauthn', uuid };
    expect(done.journey.proven).toEqual([{ user: testUserId('demo'), method, device }]);
  });

  test('also where the passkey counts less than before, on a path of its own where that is wanted (WA-11)', async () => {
    const it = passkeySetUp();
    const { credentialId } = await it.add();
    const used = { credentialId };
    expect((await signIn(it, {}, { ...used, signCount: 5 })).action).toMatchObject({ outcome: 'success' });
    const told = await signIn(it, { detectSignCountMismatch: true }, { ...used, signCount: 5 });
    expect(told.action).toMatchObject({ outcome: 'successSignCountMismatch' });
    expect((await signIn(it, {}, { ...used, signCount: 4 })).action).toMatchObject({ outcome: 'success' });
    expect(it.log.lines.at(-1)?.msg).toMatch(/counts less than before/);
  });
});

test('the settings say from which pages a passkey may be used, and how long the browser waits (WA-03)', async () => {
  const it = passkeySetUp();
  await it.add();
  const app = 'https://app.example.com';
  const shown = await show(it, { origins: [app], timeout: 30 });
  expect(authenticationData(shown).timeout).toBe('30000');
  expect((await signIn(it, { origins: [app] })).action).toMatchObject({ outcome: 'failure' });
  expect((await signIn(it, { origins: [app] }, { origin: app })).action).toMatchObject({ outcome: 'success' });
});

test('a script is sent where the settings say so, and the data of our own pages beside it', async () => {
  const it = passkeySetUp();
  await it.add();
  const { callbacks } = await show(it, { asScript: true, isRecoveryCodeAllowed: true });
  expect(callbacks.map(({ type }) => type)).toEqual([
    'TextOutputCallback',
    'TextOutputCallback',
    'HiddenValueCallback',
    'ConfirmationCallback',
  ]);
  expect(callbacks[0]?.output.message).toContain('allowCredentials');
  expect(callbacks[2]).toMatchObject({ forPages: { webauthn: { kind: 'get', options: { rpId: 'localhost' } } } });
});

describe('version 2.0: where names are filled in (spec: webauthn §10.7)', () => {
  const CONDITIONAL = { mediation: 'conditional' };
  const browserOf = ({ callbacks }: { readonly callbacks: readonly object[] }) =>
    callbacks.find((it) => 'forPages' in it) as { readonly forPages: { readonly webauthn: object } };

  test('any passkey is asked for, whoever is named, and says whose it is', async () => {
    const it = passkeySetUp();
    await it.add('other');
    const shown = await show(it, CONDITIONAL);
    expect(authenticationData(shown)).toMatchObject({ mediation: 'conditional', _allowCredentials: [] });
    expect(browserOf(shown).forPages.webauthn).toMatchObject({ kind: 'get', mediation: 'conditional' });
    expect(browserOf(shown).forPages.webauthn).not.toHaveProperty('button');
    const done = await signIn(it, CONDITIONAL);
    expect(done.action).toMatchObject({ outcome: 'success' });
    expect(done.state.username).toBe('other');
  });

  test('and never that of somebody else than the journey is about (WA-14)', async () => {
    const it = passkeySetUp();
    await it.add('other');
    const done = await signIn(it, CONDITIONAL, { given: { identified: testUserId('demo') } });
    expect(done.action).toMatchObject({ outcome: 'failure' });
  });

  test('a script asks for it as well', async () => {
    const { callbacks } = await show(passkeySetUp(), { ...CONDITIONAL, asScript: true }, nobody);
    expect(callbacks[0]?.output.message).toContain('mediation: "conditional"');
  });

  test.each([
    ['in version 1.0', { version: '1.0' }, CONDITIONAL],
    ['without a mediation', {}, {}],
    ['with another one', {}, { mediation: 'optional' }],
  ])('%s the passkeys of the user are asked for, without a button', async (_what, given, config) => {
    const it = passkeySetUp();
    await it.add();
    const shown = await show(it, { ...config, conditionalManualButton: true }, given);
    expect(authenticationData(shown)).not.toHaveProperty('mediation');
    expect(authenticationData(shown)._allowCredentials).toHaveLength(1);
    expect(shown.callbacks.map(({ type }) => type)).toEqual(['MetadataCallback', 'HiddenValueCallback']);
  });

  test('a button asks by the browser’s own question, with another challenge and without the button', async () => {
    const it = passkeySetUp();
    await it.add();
    const config = { ...CONDITIONAL, conditionalManualButton: true };
    const shown = await show(it, config, nobody);
    expect(shown.callbacks[2]).toMatchObject({ output: { options: ['Use a passkey'] }, input: { '': 100 } });
    expect(browserOf(shown).forPages.webauthn).toMatchObject({ button: 0 });
    const asked = await shown.again([undefined, 'webAuthnOutcome', 0]);
    expect(authenticationData(asked)).not.toHaveProperty('mediation');
    expect(asked.callbacks).toHaveLength(2);
    expect((await asked.again([undefined, 'false'])).callbacks).toEqual(asked.callbacks);
    const { text } = it.authenticator.signIn(authenticationData(asked), TEST_ORIGIN);
    expect((await asked.again([undefined, text])).action).toMatchObject({ outcome: 'success' });
  });

  test('the button comes behind the recovery code, and a passkey that comes with a press on it is taken', async () => {
    const it = passkeySetUp();
    await it.add();
    const config = { ...CONDITIONAL, conditionalManualButton: true, isRecoveryCodeAllowed: true };
    const shown = await show(it, config, nobody);
    expect(shown.callbacks[2]?.output.options).toEqual(['Use Recovery Code', 'Use a passkey']);
    expect(browserOf(shown).forPages.webauthn).toMatchObject({ button: 1 });
    expect((await shown.again([undefined, 'false', 0])).action).toMatchObject({ outcome: 'recoveryCode' });
    expect((await shown.again([undefined, 'false', 1])).callbacks[2]?.output.options).toEqual(['Use Recovery Code']);
    const { text } = it.authenticator.signIn(authenticationData(shown), TEST_ORIGIN);
    expect((await shown.again([undefined, text, 1])).action).toMatchObject({ outcome: 'success' });
  });
});
