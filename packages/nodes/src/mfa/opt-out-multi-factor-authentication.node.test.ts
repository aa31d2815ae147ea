import { memoryIdentities, runNode } from '@assent/engine/testing';
import type { SkipSetting } from '@assent/factors';
import { describe, expect, test } from 'vitest';
import { passkeySetUp } from '../testing/passkey-set-up.ts';
import {
  MemoryBoundDevices,
  MemoryDevices,
  MemoryOathDevices,
  memorySkipSettings,
  secondFactorsAmong,
  testBoundDevice,
  testDevice,
  testOathDevice,
} from '../testing/push-doubles.ts';
import { optOutMultiFactorAuthentication } from './opt-out-multi-factor-authentication.node.ts';

const setUp = (stored: SkipSetting = 'NOT_SET', ...devices: ReturnType<typeof testDevice>[]) => {
  const pushDevices = new MemoryDevices(...devices);
  const skipSettings = memorySkipSettings(pushDevices, stored);
  const oathDevices = new MemoryOathDevices();
  const boundDevices = new MemoryBoundDevices();
  const withPasskeys = passkeySetUp();
  const { passkeys } = withPasskeys.ports;
  const ports = {
    identities: memoryIdentities({ demo: {} }),
    oathDevices,
    passkeys,
    pushDevices,
    secondFactors: secondFactorsAmong(pushDevices, oathDevices, passkeys, boundDevices),
    skipSettings,
  };
  return {
    boundDevices,
    withPasskeys,
    oathDevices,
    pushDevices,
    skipSettings,
    ports,
    given: { ports, state: { username: 'demo', mfaMethod: 'push' } },
  };
};
const run = (it: ReturnType<typeof setUp>, state: object = it.given.state, config: object = {}) =>
  runNode(optOutMultiFactorAuthentication, { ports: it.ports, state: { ...state }, config });

/** How a user gets a factor of each kind. */
const FACTORS: Readonly<Record<string, (it: ReturnType<typeof setUp>) => unknown>> = {
  phone: (it) => it.pushDevices.devices.push(testDevice()),
  app: (it) => it.oathDevices.devices.push(testOathDevice()),
  passkey: (it) => it.withPasskeys.add(),
  'bound device': (it) => it.boundDevices.devices.push(testBoundDevice()),
};

describe('considers all factors (SEC-88)', () => {
  const considersAllFactors = true;

  test.each(
    ['push', 'oath', 'webauthn'].flatMap((method) => Object.keys(FACTORS).map((kind) => [method, kind] as const)),
  )('and refuses to opt out of %s for a user who has a %s', async (mfaMethod, kind) => {
    const it = setUp();
    await FACTORS[kind]?.(it);
    const state = { username: 'demo', mfaMethod };
    await expect(run(it, state, { considersAllFactors })).rejects.toThrow('opting out is refused');
    expect(it.skipSettings.written).toEqual([]);
  });

  test('and notes the wish of a user who has none', async () => {
    const it = setUp();
    await run(it, it.given.state, { considersAllFactors });
    expect(it.skipSettings.written).toEqual([['demo', 'push', 'SKIPPABLE']]);
  });

  test('only where the setting is on: it is off in an import, and on in a new node', async () => {
    expect(optOutMultiFactorAuthentication.template).toMatchObject({ considersAllFactors });
    const it = setUp();
    await FACTORS.passkey?.(it);
    await run(it);
    expect(it.skipSettings.written).toEqual([['demo', 'push', 'SKIPPABLE']]);
  });
});

describe('ends the journey', () => {
  test('for a user who opts out of passkeys and has one', async () => {
    const it = setUp();
    await it.withPasskeys.add();
    await expect(run(it, { username: 'demo', mfaMethod: 'webauthn' })).rejects.toThrow('opting out is refused');
    expect(it.skipSettings.written).toEqual([]);
  });

  test('for a user who has a generator of one-time passwords (SEC-50, A120)', async () => {
    const it = setUp();
    it.oathDevices.devices.push(testOathDevice());
    await expect(run(it, { username: 'demo', mfaMethod: 'oath' })).rejects.toThrow('opting out is refused');
    expect(it.skipSettings.written).toEqual([]);
  });

  test.each([
    [{ mfaMethod: 'push' }, 'Expected username to be set.'],
    [{ username: ' ', mfaMethod: 'push' }, 'Expected username to be set.'],
    [{ username: 'demo' }, 'Expected MFA method to be set.'],
    [{ username: 'demo', mfaMethod: ' ' }, 'Expected MFA method to be set.'],
    [{ username: 'demo', mfaMethod: 'sms' }, 'Unsupported MFA method has been set.'],
    [{ username: 'nobody', mfaMethod: 'push' }, 'Failed to get the identity object'],
  ])('with %j as state: %s', async (state, message) => {
    await expect(run(setUp(), state)).rejects.toMatchObject({ message });
  });

  test.each(['NOT_SET', 'SKIPPABLE', 'NOT_SKIPPABLE'] as const)(
    'for a user with a device and the setting %s, and writes nothing (SEC-50)',
    async (setting) => {
      const it = setUp(setting, testDevice());
      await expect(run(it)).rejects.toThrow('has a registered device');
      expect(it.skipSettings.written).toEqual([]);
    },
  );

  test('where the choice cannot be stored, instead of going on as if it had been', async () => {
    const it = setUp();
    it.skipSettings.failing = new Error('disk');
    await expect(run(it)).rejects.toThrow(/^Unable to talk to datastore\.$/);
  });
});

test.each([
  ['NOT_SET', 'push', [['demo', 'push', 'SKIPPABLE']]],
  ['NOT_SET', 'oath', [['demo', 'oath', 'SKIPPABLE']]],
  ['NOT_SET', 'webauthn', [['demo', 'webauthn', 'SKIPPABLE']]],
  ['SKIPPABLE', 'push', []],
  // Walk R: no effect, and the user is asked again.
  ['NOT_SKIPPABLE', 'push', []],
  ['NOT_SKIPPABLE', 'oath', []],
] as const)('with the setting %s for %s writes %j and goes on', async (setting, mfaMethod, written) => {
  const it = setUp(setting);
  const { action } = await run(it, { username: 'demo', mfaMethod });
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
  expect(it.skipSettings.written).toEqual(written);
});
