import { runNode, testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { type PasskeySetUp, passkeySetUp, registrationData, TEST_ORIGIN } from '../testing/passkey-set-up.ts';
import { webAuthnDeviceStorage } from './web-authn-device-storage.node.ts';
import { webAuthnRegistration } from './web-authn-registration.node.ts';

type Config = NonNullable<Parameters<typeof runNode<typeof webAuthnDeviceStorage>>[1]['config']>;

/** What a registration with postponed storage leaves. */
const made = async (it: PasskeySetUp) => {
  const config = { asScript: false, postponeDeviceProfileStorage: true };
  const shown = await runNode(webAuthnRegistration, { ports: it.ports, state: it.state, config });
  const { text } = it.authenticator.register(registrationData(shown), TEST_ORIGIN);
  return (await shown.again([undefined, text])).after;
};
type Left = Partial<Awaited<ReturnType<typeof made>>>;
const store = (it: PasskeySetUp, left: Left, config: Config = {}) =>
  runNode(webAuthnDeviceStorage, { log: it.log, ports: it.ports, config, ...left });
const storedOf = (it: PasskeySetUp, username: string) => it.ports.passkeys.ofUser(testUserId(username));

test('is a failure with nothing handed over, whatever a script has put into state (WA-18)', async () => {
  const it = passkeySetUp();
  const { state, handedOver } = await made(it);
  const webauthnPendingPasskey = handedOver.passkey?.value;
  for (const planted of [it.state, state, { ...state, webauthnPendingPasskey }]) {
    expect((await store(it, { state: planted })).action).toMatchObject({ outcome: 'failure' });
  }
  expect(it.log.lines.map(({ msg }) => msg)).toEqual(Array(3).fill('No device profile found in state'));
  expect(await storedOf(it, 'demo')).toEqual([]);
});

test.each([
  ['deletes', undefined],
  ['overwrites', '{"uuid":"x","key":{"kty":"EC"}}'],
  ['breaks', 'x'],
])('stores what was verified, also where a script %s the documented profile (WA-18)', async (_what, text) => {
  const it = passkeySetUp();
  const { state, handedOver } = await made(it);
  const changed = { ...state, webauthnDeviceData: text, webauthnPendingPasskey: { uuid: 'x', attestation: 'CA' } };
  expect((await store(it, { state: changed, handedOver })).action).toMatchObject({ outcome: 'success' });
  expect(await storedOf(it, 'demo')).toEqual([handedOver.passkey?.value]);
});

test('is a failure for another user, who leaves nothing to the one it was made for (WA-14)', async () => {
  const it = passkeySetUp();
  const left = await made(it);
  const other = await store(it, { ...left, state: { ...left.state, username: 'other' } });
  expect(other.action).toMatchObject({ outcome: 'failure' });
  expect((await store(it, { ...left, handedOver: other.after.handedOver })).action).toMatchObject({
    outcome: 'failure',
  });
  const nobody = { ...left, state: { ...left.state, username: 'nobody' } };
  expect((await store(it, nobody)).action).toMatchObject({ outcome: 'failure' });
  expect(it.log.lines.at(-1)?.msg).toBe('No such user, or one who may not sign in.');
  expect([await storedOf(it, 'demo'), await storedOf(it, 'other')]).toEqual([[], []]);
});

test.each([null, 'x', {}, { attestation: 'CA' }])(
  'is a failure where the row says %j of the passkey',
  async (value) => {
    const it = passkeySetUp();
    const left = await made(it);
    const handedOver = { passkey: { user: testUserId('demo'), username: 'demo', value } };
    expect((await store(it, { ...left, handedOver })).action).toMatchObject({ outcome: 'failure' });
  },
);

test('adds nothing beside a second factor that came meanwhile (WA-18)', async () => {
  const it = passkeySetUp();
  const left = await made(it);
  it.factors.add(testUserId('demo'));
  expect((await store(it, left)).action).toMatchObject({ outcome: 'failure' });
  expect(await it.ports.passkeys.ofUser(testUserId('demo'))).toEqual([]);
});

test('keeps the limit, which has an outcome of its own (WA-19)', async () => {
  const it = passkeySetUp();
  const left = await made(it);
  await it.add();
  const given = { log: it.log, ports: it.ports, ...left, nodeTypes: ['WebAuthnAuthentication'] };
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
  expect((await store(it, done.after)).action).toMatchObject({ outcome: 'failure' });
});

test('is an error without a name, and where what the user has cannot be read', async () => {
  const it = passkeySetUp();
  const left = await made(it);
  const { username: _, ...nameless } = left.state;
  await expect(store(it, { ...left, state: nameless })).rejects.toMatchObject({
    message: 'Expected username to be set.',
  });
  Object.assign(it.ports.secondFactors, { any: () => Promise.reject(new Error('disk')) });
  await expect(store(it, left)).rejects.toMatchObject({ message: 'Unable to read existing device profiles' });
});

test('makes no codes where none are wanted', async () => {
  const it = passkeySetUp();
  const done = await store(it, await made(it), { generateRecoveryCodes: false });
  expect(done.action).toMatchObject({ outcome: 'success' });
  expect(done.state).not.toHaveProperty('recoveryCodes');
});
