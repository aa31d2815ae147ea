import { runNode, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { type PasskeySetUp, passkeySetUp, registrationData, TEST_ORIGIN } from '../testing/passkey-set-up.ts';
import { webAuthnDeviceStorage } from './web-authn-device-storage.node.ts';
import { webAuthnRegistration } from './web-authn-registration.node.ts';

type Config = NonNullable<Parameters<typeof runNode<typeof webAuthnDeviceStorage>>[1]['config']>;

/** The state that a registration with postponed storage leaves. */
const made = async (it: PasskeySetUp) => {
  const config = { asScript: false, postponeDeviceProfileStorage: true };
  const shown = await runNode(webAuthnRegistration, { ports: it.ports, state: it.state, config });
  const { text } = it.authenticator.register(registrationData(shown), TEST_ORIGIN);
  return (await shown.again([undefined, text])).state;
};
const store = (it: PasskeySetUp, state: Readonly<Record<string, unknown>>, config: Config = {}) =>
  runNode(webAuthnDeviceStorage, { log: it.log, ports: it.ports, state, config });

test.each([
  ['nothing', {}],
  ['a profile alone, which a script may have written', { webauthnDeviceData: '{"uuid":"x"}' }],
  ['a text that is no profile', { webauthnDeviceData: 'x' }],
])('is a failure with %s in state', async (_what, state) => {
  const it = passkeySetUp();
  expect((await store(it, { ...it.state, ...state })).action).toMatchObject({ outcome: 'failure' });
});

test('is a failure where the profile is of another passkey, or the passkey of another user (WA-14)', async () => {
  const it = passkeySetUp();
  const state = await made(it);
  expect((await store(it, { ...state, webauthnDeviceData: '{"uuid":"x"}' })).action).toMatchObject({
    outcome: 'failure',
  });
  expect((await store(it, { ...state, username: 'other' })).action).toMatchObject({ outcome: 'failure' });
  expect((await store(it, { ...state, username: 'nobody' })).action).toMatchObject({ outcome: 'failure' });
});

test('adds nothing beside a second factor that came meanwhile (WA-18)', async () => {
  const it = passkeySetUp();
  const state = await made(it);
  it.factors.add(testUserId('demo'));
  expect((await store(it, state)).action).toMatchObject({ outcome: 'failure' });
  expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toEqual([]);
});

test('keeps the limit, which has an outcome of its own (WA-19)', async () => {
  const it = passkeySetUp();
  const state = await made(it);
  await it.add();
  const given = { log: it.log, ports: it.ports, state, nodeTypes: ['WebAuthnAuthentication'] };
  const { action } = await runNode(webAuthnDeviceStorage, { ...given, config: { maxSavedDevices: 1 } });
  expect(action).toMatchObject({ outcome: 'exceedDeviceLimit' });
});

test('stores the passkey once, with codes and the name of the factor', async () => {
  const it = passkeySetUp();
  const done = await store(it, await made(it));
  expect(done.action).toMatchObject({ outcome: 'success' });
  expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toHaveLength(1);
  expect(done.state.recoveryCodes).toHaveLength(10);
  expect(done.journey.nodeTypes).toEqual(['WebAuthnAuthentication']);
  expect((await store(it, done.state)).action).toMatchObject({ outcome: 'failure' });
});

test('is an error without a name, and where what the user has cannot be read', async () => {
  const it = passkeySetUp();
  const state = await made(it);
  const { username: _, ...nameless } = state;
  await expect(store(it, nameless)).rejects.toMatchObject({ message: 'Expected username to be set.' });
  Object.assign(it.ports.secondFactors, { any: () => Promise.reject(new Error('disk')) });
  await expect(store(it, state)).rejects.toMatchObject({ message: 'Unable to read existing device profiles' });
});

test('makes no codes where none are wanted', async () => {
  const it = passkeySetUp();
  const done = await store(it, await made(it), { generateRecoveryCodes: false });
  expect(done.action).toMatchObject({ outcome: 'success' });
  expect(done.state).not.toHaveProperty('recoveryCodes');
});
