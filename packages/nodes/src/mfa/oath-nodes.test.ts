import { memoryIdentities, memoryLog, runNode, simulatedClock } from '@assent/engine/testing';
import { parseCombinedUri, parseOathUri } from '@assent/push/protocol';
import { describe, expect, test } from 'vitest';
import {
  MemoryCodes,
  MemoryDevices,
  MemoryMessages,
  MemoryOathDevices,
  TEST_CLAIMS,
  testDevice,
  testOathDevice,
} from '../testing/push-doubles.ts';
import { combinedMultiFactorRegistration } from './combined-multi-factor-registration.node.ts';
import { oathDeviceStorage } from './oath-device-storage.node.ts';
import { oathRegistration } from './oath-registration.node.ts';
import { oathTokenVerifier } from './oath-token-verifier.node.ts';

const setUp = () => {
  const log = memoryLog();
  const ports = {
    clock: simulatedClock(),
    identities: memoryIdentities({ demo: { mail: ['d@example.net'] } }),
    oathDevices: new MemoryOathDevices(),
    pushDevices: new MemoryDevices(),
    pushMessages: new MemoryMessages(),
    recoveryCodes: new MemoryCodes(),
  };
  return { log, ports, state: { username: 'demo' } };
};
const uriIn = (callbacks: readonly { readonly output: unknown }[]): string =>
  /(?:otpauth|mfauth):\/\/[^"]+/.exec(
    JSON.stringify(callbacks.map(({ output }) => output)).replaceAll('\\', ''),
  )?.[0] ?? '';

describe('OATH Registration', () => {
  test.each([
    [{ username: ' ' }, 'Expected username to be set.'],
    [{ username: 'nobody' }, 'Failed to get the identity object'],
  ])('fails with %j as state: %s', async (state, message) => {
    await expect(runNode(oathRegistration, { ...setUp(), state })).rejects.toThrow(message);
  });

  test('fails without an algorithm, in the documented words', async () => {
    const run = runNode(oathRegistration, { ...setUp(), config: { algorithm: null } });
    await expect(run).rejects.toThrow('No OTP algorithm selected');
  });

  test('adds nothing to the devices of a user on a password alone (design.md decision 16)', async () => {
    for (const add of ['push', 'oath']) {
      const it = setUp();
      if (add === 'push') it.ports.pushDevices.devices.push(testDevice());
      else it.ports.oathDevices.devices.push(testOathDevice());
      await expect(runNode(oathRegistration, it)).rejects.toThrow('another factor');
      await expect(runNode(oathRegistration, { ...it, nodeTypes: ['AuthenticatorPush'] })).resolves.toBeDefined();
    }
  });

  test('goes to Failure when state was lost, and when the user got a device meanwhile', async () => {
    const it = setUp();
    const first = await runNode(oathRegistration, it);
    const lost = runNode(oathRegistration, {
      ...it,
      sent: first.callbacks,
      answers: [undefined, undefined, undefined, 0],
    });
    expect((await lost).action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: 'No device profile found on shared state' }]);
    it.ports.pushDevices.devices.push(testDevice());
    expect((await first.again([undefined, undefined, undefined, 0])).action).toMatchObject({
      outcome: 'failureOutcome',
    });
    expect(it.ports.oathDevices.devices).toEqual([]);
  });

  test('fails where the device cannot be stored', async () => {
    const it = setUp();
    const first = await runNode(oathRegistration, it);
    it.ports.oathDevices.failing = { method: 'save', error: new Error('disk') };
    await expect(first.again([undefined, undefined, undefined, 0])).rejects.toThrow('Unable to store device profile');
  });

  test('shows what the settings say, keeps the secret out of shared state, and stores the device with codes', async () => {
    const it = setUp();
    const config = { passwordLength: 'EIGHT_DIGITS', algorithm: 'HOTP', minSharedSecretLength: 64 } as const;
    const first = await runNode(oathRegistration, { ...it, config });
    const scanned = parseOathUri(uriIn(first.callbacks));
    expect(scanned).toMatchObject({ value: { oath: { type: 'hotp', digits: 8, secret: new Uint8Array(35).fill(1) } } });
    const shared = Buffer.from(String(first.shared.oathDeviceProfile), 'base64').toString();
    expect(JSON.parse(shared)).toMatchObject({ sharedSecret: 'placeholder', uuid: 'oath-1' });
    expect(first.shared).not.toHaveProperty('oathPendingDevice');
    const next = await first.again([undefined, undefined, undefined, 0]);
    expect(next.action).toMatchObject({ outcome: 'successOutcome' });
    expect(next.transient.recoveryCodes).toHaveLength(10);
    expect(next.state).not.toHaveProperty('oathPendingDevice');
    expect(it.ports.oathDevices.devices).toMatchObject([{ uuid: 'oath-1', digits: 8 }]);
  });
});

describe('OATH Device Storage', () => {
  test('goes to Failure without a device, and stores a postponed one once', async () => {
    const it = setUp();
    expect((await runNode(oathDeviceStorage, it)).action).toMatchObject({ outcome: 'failureOutcome' });
    const first = await runNode(oathRegistration, { ...it, config: { postponeDeviceProfileStorage: true } });
    const { state, action } = await first.again([undefined, undefined, undefined, 0]);
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.oathDevices.devices).toEqual([]);
    const stored = await runNode(oathDeviceStorage, { ...it, state });
    expect(stored.action).toMatchObject({ outcome: 'successOutcome' });
    expect(stored.transient.recoveryCodes).toHaveLength(10);
    expect(it.ports.oathDevices.devices).toHaveLength(1);
    const again = await runNode(oathDeviceStorage, { ...it, state: stored.state });
    expect(again.action).toMatchObject({ outcome: 'failureOutcome' });
  });
});

describe('OATH Token Verifier', () => {
  const enter = async (it = setUp(), password = '123456', index = 0, config = {}) => {
    it.ports.oathDevices.devices = [testOathDevice()];
    return (await runNode(oathTokenVerifier, { ...it, config })).again([password, index]);
  };

  test('says that nothing is registered', async () => {
    const { action, shared } = await runNode(oathTokenVerifier, setUp());
    expect(action).toMatchObject({ outcome: 'notRegisteredOutcome' });
    expect(shared.mfaMethod).toBe('oath');
  });

  test.each([
    [{ reason: 'length' }, 'Password length should be 6 or 8.'],
    [{ reason: 'secret' }, 'Secret key is not a valid value'],
    [{ reason: 'lastLogin' }, 'Invalid login time value'],
    [{ reason: 'outOfSync' }, 'OTP is out of sync.'],
    [{ reason: 'wrong' }, 'The one-time password is wrong.'],
    [{ reason: 'sameStep', step: 7 }, 'Login failed attempting to use the same OTP in same Time Step: 7'],
  ] as const)('goes to Failure for %j, and logs why', async (refusal, msg) => {
    const it = setUp();
    it.ports.oathDevices.check = { status: 'refused', refusal };
    expect((await enter(it)).action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg }]);
  });

  test('ends the journey while locked (SEC-46)', async () => {
    const it = setUp();
    it.ports.oathDevices.check = { status: 'locked' };
    await expect(enter(it)).rejects.toThrow('Too many wrong one-time passwords');
  });

  test('takes the way of a recovery code only where it was offered (nodes-mfa §8.2, 2)', async () => {
    await expect(enter(setUp(), '', 1)).rejects.toThrow();
    const { action } = await enter(setUp(), '', 1, { isRecoveryCodeAllowed: true });
    expect(action).toMatchObject({ outcome: 'recoveryCodeOutcome' });
  });

  test('passes a good one on with its settings, and notes the factor', async () => {
    const it = setUp();
    it.ports.oathDevices.check = { status: 'accepted', device: testOathDevice() };
    const config = { totpHashAlgorithm: 'HMAC_SHA512', totpTimeInterval: 60, totpTimeSteps: 1 } as const;
    const { action, effects } = await enter(it, '123456', 0, config);
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(effects.nodeTypes).toEqual(['AuthenticatorOATH']);
    expect(it.ports.oathDevices.verified[0]?.rules).toMatchObject({ hash: 'SHA512', intervalSeconds: 60, steps: 1 });
  });
});

describe('Combined MFA Registration', () => {
  test('refuses policies that are no JSON object, and passes by a user who has a device of either kind', async () => {
    const config = { policiesJson: '[1]' };
    await expect(runNode(combinedMultiFactorRegistration, { ...setUp(), config })).rejects.toThrow('policiesJson');
    const it = setUp();
    it.ports.oathDevices.devices.push(testOathDevice());
    expect((await runNode(combinedMultiFactorRegistration, it)).action).toMatchObject({ outcome: 'successOutcome' });
  });

  test('stores both with the same codes, once the phone has answered', async () => {
    const it = setUp();
    const config = { policiesJson: '{"biometricAvailable": {}}' };
    const first = await runNode(combinedMultiFactorRegistration, { ...it, config });
    expect(it.ports.pushMessages.labels).toMatchObject([
      { oath: { parameters: { type: 'totp' }, ...{ policies: config.policiesJson } } },
    ]);
    const waiting = await first.again();
    expect(waiting.callbacks).toHaveLength(4);
    it.ports.pushMessages.statusNow = { status: 'approved', claims: TEST_CLAIMS };
    const done = await waiting.again();
    expect(done.action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.oathDevices.devices).toHaveLength(1);
    expect(it.ports.pushDevices.registered).toHaveLength(1);
    expect(it.ports.recoveryCodes.codes.size).toBe(20);
    expect(done.state).not.toHaveProperty('oathPendingDevice');
    expect(parseCombinedUri('pushauth://push/x')).toMatchObject({ ok: false });
  });
});
