import { runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { disk, type OathSetUp, oathSetUp, profileText, withoutUsers } from '../testing/oath-set-up.ts';
import { testDevice, testOathDevice } from '../testing/push-doubles.ts';
import { oathDeviceStorage } from './oath-device-storage.node.ts';
import { oathRegistration } from './oath-registration.node.ts';
import { oathTokenVerifier } from './oath-token-verifier.node.ts';

/** Storage after a registration that left its device, once something has changed. */
const storeAfter = async (change: (it: OathSetUp) => unknown = () => undefined, settings = {}, written = {}) => {
  const it = oathSetUp();
  const config = { postponeDeviceProfileStorage: true, ...settings };
  const first = await runNode(oathRegistration, { ...it, config });
  const { after } = await first.again([undefined, undefined, undefined, 0]);
  change(it);
  return { it, run: runNode(oathDeviceStorage, { ...it, ...after, state: { ...after.state, ...written } }) };
};

describe('OATH Device Storage fails', () => {
  test.each([
    [{}, 'Expected username to be set.'],
    [{ username: 'nobody' }, 'Failed to get the identity object'],
  ])('with %j as state: %s', async (state, message) => {
    await expect(runNode(oathDeviceStorage, { ...oathSetUp(), state })).rejects.toMatchObject({ message });
  });

  test('where users cannot be read', async () => {
    const run = runNode(oathDeviceStorage, withoutUsers(oathSetUp()));
    await expect(run).rejects.toMatchObject({ message: 'Failed to get the identity object' });
  });

  test('where the device cannot be stored', async () => {
    const { run } = await storeAfter(({ ports }) => {
      ports.oathDevices.failing = disk('save');
    });
    await expect(run).rejects.toMatchObject({ message: 'Unable to store device profile' });
  });

  test('where codes cannot be made', async () => {
    const { run } = await storeAfter(({ ports }) => {
      ports.recoveryCodes.failing = new Error('entropy');
    });
    await expect(run).rejects.toMatchObject({ message: 'Failed to generate recovery codes' });
  });
});

describe('OATH Device Storage goes to Failure', () => {
  const uuid = 'oath-1';
  test.each([{}, { oathDeviceProfile: profileText('{"uuid":"oath-1"}') }, { oathPendingDevice: { uuid } }])(
    'with %j in state, where scripts write, and nothing handed over (WA-18)',
    async (left) => {
      const it = oathSetUp();
      const { action } = await runNode(oathDeviceStorage, { ...it, state: { ...it.state, ...left } });
      expect(action).toMatchObject({ outcome: 'failureOutcome' });
      expect(it.log.lines).toMatchObject([{ msg: 'No device profile found on shared state' }]);
    },
  );

  test.each<[string, (it: OathSetUp) => unknown]>([
    ['the limit of devices', ({ ports }) => (ports.oathDevices.saving = { status: 'limit' })],
    ['a phone that appeared meanwhile', ({ ports }) => ports.pushDevices.devices.push(testDevice())],
  ])('for %s, and leaves nothing to try again with', async (_what, change) => {
    const { it, run } = await storeAfter(change);
    const { action, state } = await run;
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: 'Failed to save device to user profile' }]);
    expect(it.ports.oathDevices.devices).toEqual([]);
    expect(Object.keys(state)).toEqual(['username']);
  });
});

describe('OATH Device Storage', () => {
  test('stores a postponed device once, with ten codes', async () => {
    const { it, run } = await storeAfter();
    const { action, after, transient } = await run;
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.oathDevices.devices).toMatchObject([{ uuid: 'oath-1' }]);
    expect(transient.recoveryCodes).toHaveLength(10);
    expect(transient.recoveryCodeDeviceName).toBe('OATH Device');
    const again = await runNode(oathDeviceStorage, { ...it, ...after });
    expect(again.action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.ports.oathDevices.devices).toHaveLength(1);
  });

  test.each(['%', profileText('{"uuid":"other"}'), undefined])(
    'stores what was registered, also where a script has made the profile %s (WA-18)',
    async (oathDeviceProfile) => {
      const { it, run } = await storeAfter(undefined, {}, { oathDeviceProfile, oathPendingDevice: { uuid: 'mine' } });
      expect((await run).action).toMatchObject({ outcome: 'successOutcome' });
      expect(it.ports.oathDevices.devices).toMatchObject([{ uuid: 'oath-1' }]);
    },
  );

  test('makes no codes where the registration wanted none', async () => {
    const { it, run } = await storeAfter(undefined, { generateRecoveryCodes: false });
    const { action, state } = await run;
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(Object.keys(state)).toEqual(['username']);
    expect(it.ports.recoveryCodes.codes.size).toBe(0);
  });

  test.each([
    ['counts one whose password was shown as a factor', true, ['AuthenticatorOATH']],
    ['counts one whose password nobody has seen as none', false, []],
  ])('%s', async (_what, isShown, nodeTypes) => {
    const it = oathSetUp();
    const config = { postponeDeviceProfileStorage: true };
    let { after } = await runNode(oathRegistration, { ...it, config });
    if (isShown) {
      it.ports.oathDevices.check = { status: 'accepted', device: testOathDevice() };
      const asked = await runNode(oathTokenVerifier, { ...it, ...after, config: {} });
      after = (await asked.again(['123456', 0])).after;
    }
    const { action, journey } = await runNode(oathDeviceStorage, { ...it, ...after });
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(journey.nodeTypes).toEqual(nodeTypes);
  });

  test('keeps the codes of a user who adds a generator after another factor', async () => {
    const it = oathSetUp();
    it.ports.oathDevices.devices.push(testOathDevice());
    it.ports.recoveryCodes.codes.add('kept');
    const config = { postponeDeviceProfileStorage: true };
    const first = await runNode(oathRegistration, { ...it, config, nodeTypes: ['AuthenticatorOATH'] });
    const { after } = await first.again([undefined, undefined, undefined, 0]);
    const stored = await runNode(oathDeviceStorage, { ...it, ...after });
    expect(stored.action).toMatchObject({ outcome: 'successOutcome' });
    expect(stored.transient).not.toHaveProperty('recoveryCodes');
    expect(it.ports.oathDevices.devices).toHaveLength(2);
    expect([...it.ports.recoveryCodes.codes]).toEqual(['kept']);
  });
});
