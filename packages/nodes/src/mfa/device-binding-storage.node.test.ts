import { runNode, testUserId } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { bindingSetUp } from '../testing/binding-set-up.ts';
import { testDevice } from '../testing/push-doubles.ts';
import { deviceBinding } from './device-binding.node.ts';
import { deviceBindingStorage } from './device-binding-storage.node.ts';

/** A phone that a Device Binding node has left. */
const setUp = async () => {
  const it = bindingSetUp();
  const config = { applicationIds: ['com.example.app'], postponeDeviceProfileStorage: true, maxSavedDevices: 2 };
  const asked = await runNode(deviceBinding, { ...it, config });
  const { after } = await asked.again([{ jws: it.phone.bind(it.asked()), deviceId: 'x' }]);
  return { ...it, ...after };
};
type SetUp = Awaited<ReturnType<typeof setUp>>;
const store = (it: SetUp, given: { nodeTypes?: readonly string[] } = {}) =>
  runNode(deviceBindingStorage, { ...it, ...given });

describe('Device Binding Storage goes to Failure', () => {
  test.each([
    ['without a user', { username: undefined }, 'Failed to get the AMIdentity object in the realm /'],
    ['for nobody', { username: 'nobody' }, 'Failed to get the AMIdentity object in the realm /'],
    ['for a user who is not in use', { username: 'gone' }, 'Failed to get the AMIdentity object in the realm /'],
    ['for a phone of another user (§9 row 16)', { username: 'other' }, 'Cannot find Device data.'],
  ])('%s', async (_what, change, msg) => {
    const it = await setUp();
    const { action, journey } = await store({ ...it, state: { ...it.state, ...change } });
    expect(action).toMatchObject({ outcome: 'false' });
    expect(journey.nodeTypes).toEqual([]);
    expect(it.log.lines).toMatchObject([{ msg }]);
    expect(it.ports.boundDevices.saved).toEqual([]);
  });

  test('for a phone that a script made, or that the row does not tell (WA-18)', async () => {
    const it = await setUp();
    const { user = '', username = '', value } = it.handedOver.boundDevice ?? {};
    const state = { ...it.state, boundPendingDevice: value };
    const rows = [null, 'x', { device: {}, maxDevices: 0 }].map((told) => ({
      boundDevice: { user, username, value: told },
    }));
    for (const handedOver of [{}, ...rows]) {
      expect((await store({ ...it, handedOver, state })).action).toMatchObject({ outcome: 'false' });
      expect(it.log.lines.at(-1)?.msg).toBe('Cannot find Device data.');
    }
    expect(it.ports.boundDevices.saved).toEqual([]);
  });

  test.each(['limit', 'taken'] as const)('where it cannot be stored: %s', async (status) => {
    const it = await setUp();
    it.ports.boundDevices.saving = { status };
    expect((await store(it)).action).toMatchObject({ outcome: 'false' });
    expect(it.log.lines).toMatchObject([{ msg: 'Failed to store Device Binding data' }]);
  });

  test.each(['ofUser', 'save'])('where %s of the devices fails', async (method) => {
    const it = await setUp();
    it.ports.boundDevices.failing = { method, error: new Error('disk') };
    expect((await store(it)).action).toMatchObject({ outcome: 'false' });
  });

  test('where users cannot be read', async () => {
    const it = await setUp();
    const identities = { ...it.ports.identities, find: () => Promise.reject(new Error('disk')) };
    expect((await store({ ...it, ports: { ...it.ports, identities } })).action).toMatchObject({ outcome: 'false' });
  });
});

test('Device Binding Storage asks again whether a factor was shown (§10.1, WA-18)', async () => {
  const it = await setUp();
  it.pushDevices.devices = [testDevice()];
  await expect(store(it)).rejects.toMatchObject({ message: 'A second device is only added after another factor.' });
  expect((await store(it, { nodeTypes: ['AuthenticatorPush'] })).action).toMatchObject({ outcome: 'true' });
  expect(it.ports.boundDevices.saved).toMatchObject([{ isFirst: false }]);
});

test('Device Binding Storage stores the phone by the limit of the node that has bound it, once (§9 row 16)', async () => {
  const it = await setUp();
  const stored = await store(it);
  expect(stored.action).toMatchObject({ outcome: 'true', detail: { device: 'key-1' } });
  expect(it.ports.boundDevices.saved).toMatchObject([
    { device: { uuid: 'key-1', userId: testUserId('demo') }, maxDevices: 2, isFirst: true },
  ]);
  expect(stored.journey.nodeTypes).toEqual(['Binding']);
  expect(stored.after).toEqual({ state: { username: 'demo' }, handedOver: {} });
});

test.each([undefined, { uuid: 'other' }, 'x'])(
  'Device Binding Storage stores what was verified, also where a script has made the profile %j (WA-18)',
  async (profile) => {
    const it = await setUp();
    const state = { ...it.state, 'DeviceBinding.DEVICE': profile, boundPendingDevice: { device: { uuid: 'mine' } } };
    expect((await store({ ...it, state })).action).toMatchObject({ outcome: 'true' });
    expect(it.ports.boundDevices.saved).toMatchObject([{ device: { uuid: 'key-1', key: it.phone.jwk } }]);
  },
);
