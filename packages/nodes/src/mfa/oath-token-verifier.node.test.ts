import { identities } from '@assent/engine';
import { Bindings, FAILURE, SUCCESS } from '@assent/engine/host';
import { journeyHarness, memoryIdentities, runNode, testUserId } from '@assent/engine/testing';
import { oathDevices as oathDevicesPort } from '@assent/factors';
import { describe, expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { disk, type OathSetUp, oathSetUp, withoutUsers } from '../testing/oath-set-up.ts';
import { MemoryOathDevices, testDevice, testOathDevice } from '../testing/push-doubles.ts';
import { oathRegistration } from './oath-registration.node.ts';
import { oathTokenVerifier } from './oath-token-verifier.node.ts';

type Settings = NonNullable<Parameters<typeof runNode<typeof oathTokenVerifier>>[1]['config']>;

/** With a generator, whose passwords are good unless the test says otherwise. */
const setUp = (): OathSetUp => {
  const it = oathSetUp();
  it.ports.oathDevices.devices = [testOathDevice()];
  it.ports.oathDevices.check = { status: 'accepted', device: testOathDevice({ counter: 1 }) };
  return it;
};

/** Asks, then takes what was entered. */
const enter = async (it: OathSetUp, config: Settings = {}, password = '123456', index = 0) =>
  (await runNode(oathTokenVerifier, { ...it, config })).again([password, index]);

describe('OATH Token Verifier fails', () => {
  test('without a user name in state', async () => {
    const message = 'Expected username to be set.';
    await expect(runNode(oathTokenVerifier, { ...setUp(), state: {} })).rejects.toMatchObject({ message });
  });

  test('where users, devices or the last password cannot be read', async () => {
    const message = 'Unable to talk to datastore.';
    await expect(runNode(oathTokenVerifier, withoutUsers(setUp()))).rejects.toMatchObject({ message });
    const devices = setUp();
    devices.ports.oathDevices.failing = disk('ofUser');
    await expect(runNode(oathTokenVerifier, devices)).rejects.toMatchObject({ message });
    const passwords = setUp();
    passwords.ports.oathDevices.failing = disk('verify');
    await expect(enter(passwords)).rejects.toMatchObject({ message });
  });

  test('without an algorithm, in the documented words, and checks nothing', async () => {
    const it = setUp();
    await expect(enter(it, { algorithm: null })).rejects.toMatchObject({ message: 'No OTP algorithm selected' });
    expect(it.ports.oathDevices.verified).toEqual([]);
  });

  test('for an option that it did not offer (nodes-mfa §8.2, 2)', async () => {
    const it = setUp();
    const offered = await runNode(oathTokenVerifier, { ...it, config: { isRecoveryCodeAllowed: true } });
    const run = runNode(oathTokenVerifier, { ...it, sent: offered.callbacks, answers: ['', 1] });
    await expect(run).rejects.toMatchObject({ message: 'Unrecognized option: 1' });
  });

  test('while entry is locked, which ends the journey (SEC-46)', async () => {
    const it = setUp();
    it.ports.oathDevices.check = { status: 'locked' };
    const message = 'Too many wrong one-time passwords: entry is locked for a while, and the journey ends.';
    await expect(enter(it)).rejects.toMatchObject({ message });
  });
});

describe('OATH Token Verifier says that nothing is registered', () => {
  test.each([
    ['to a user without a generator', { username: 'demo' }],
    ['to a user who does not exist', { username: 'nobody' }],
  ])('%s', async (_whom, state) => {
    const { action, shared } = await runNode(oathTokenVerifier, { ...oathSetUp(), state });
    expect(action).toMatchObject({ outcome: 'notRegisteredOutcome' });
    expect(shared.mfaMethod).toBe('oath');
  });

  test('when the generator is gone by the time of the answer', async () => {
    const it = setUp();
    it.ports.oathDevices.check = { status: 'noDevice' };
    expect((await enter(it)).action).toMatchObject({ outcome: 'notRegisteredOutcome' });
  });
});

test('where nothing registered only fails, everybody is asked for a code until somebody has proved to be the user (SEC-59)', async () => {
  const it = journeyHarness({
    nodes: [usernameCollector, oathTokenVerifier],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'code' } },
          code: {
            type: 'OathTokenVerifierNode',
            config: { algorithm: 'TOTP' },
            to: { successOutcome: SUCCESS, failureOutcome: 'code', notRegisteredOutcome: FAILURE },
          },
        },
      },
    },
    users: { demo: {}, bare: {} },
    bindings: new Bindings()
      .bind(identities, () => memoryIdentities({ demo: {}, bare: {} }))
      .bind(oathDevicesPort, () => devices),
  });
  const devices = new MemoryOathDevices(testOathDevice());
  devices.check = { status: 'refused', refusal: { reason: 'wrong' } };
  for (const name of ['demo', 'bare', 'nobody']) {
    const asked = await it.step(await it.begin(), name);
    expect(
      asked.callbacks.map(({ type }) => type),
      name,
    ).toEqual(['NameCallback', 'ConfirmationCallback']);
    const again = await it.step(asked, '123456', 0);
    expect(
      again.callbacks.map(({ type }) => type),
      name,
    ).toEqual(['NameCallback', 'ConfirmationCallback']);
  }
  expect(devices.verified.map(({ identity }) => identity.username)).toEqual(['demo']);
  expect(devices.inVain.map(({ username }) => username)).toEqual(['bare', 'nobody']);
});

describe('OATH Token Verifier', () => {
  test.each([
    [{ reason: 'length' }, 'Password length should be 6 or 8.'],
    [{ reason: 'otherLength' }, 'The one-time password has another length than the device was registered with.'],
    [{ reason: 'secret' }, 'Secret key is not a valid value'],
    [{ reason: 'lastLogin' }, 'Invalid login time value'],
    [{ reason: 'outOfSync' }, 'OTP is out of sync.'],
    [{ reason: 'wrong' }, 'The one-time password is wrong.'],
    [{ reason: 'sameStep', step: 7 }, 'Login failed attempting to use the same OTP in same Time Step: 7'],
  ] as const)('goes to Failure for %j, and logs reason', async (refusal, msg) => {
    const it = setUp();
    it.ports.oathDevices.check = { status: 'refused', refusal };
    const { action, journey } = await enter(it);
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
    expect(it.log.lines).toMatchObject([{ msg }]);
  });

  test('asks again for nothing, without a check', async () => {
    const it = setUp();
    const { action } = await enter(it, {}, '  ');
    expect(action.kind).toBe('send');
    expect(it.ports.oathDevices.verified).toEqual([]);
  });

  test.each([
    [false, ['Submit']],
    [true, ['Submit', 'Use recovery code']],
  ])('with isRecoveryCodeAllowed %j offers %j', async (isRecoveryCodeAllowed, options) => {
    const { callbacks } = await runNode(oathTokenVerifier, { ...setUp(), config: { isRecoveryCodeAllowed } });
    expect(callbacks).toMatchObject([
      { type: 'NameCallback', output: { prompt: 'Enter verification code' } },
      { type: 'ConfirmationCallback', output: { options } },
    ]);
  });

  test('takes the way of a recovery code where it was offered, whatever else was entered', async () => {
    const it = setUp();
    const { action } = await enter(it, { isRecoveryCodeAllowed: true }, '123456', 1);
    expect(action).toMatchObject({ outcome: 'recoveryCodeOutcome' });
    expect(it.ports.oathDevices.verified).toEqual([]);
  });

  test.each<[Settings, object]>([
    [{}, { algorithm: 'TOTP', hash: 'SHA1', intervalSeconds: 30, steps: 2, maxDriftSteps: 5 }],
    [{ totpTimeInterval: 60 }, { intervalSeconds: 60 }],
    [{ totpTimeSteps: 1 }, { steps: 1 }],
    [{ totpHashAlgorithm: 'HMAC_SHA512' }, { hash: 'SHA512' }],
    [{ maximumAllowedClockDrift: 9 }, { maxDriftSteps: 9 }],
    [{ algorithm: 'HOTP' }, { algorithm: 'HOTP', windowSize: 100 }],
    [{ algorithm: 'HOTP', hotpWindowSize: 10 }, { windowSize: 10 }],
  ])('with settings %j checks by %j', async (config, rules) => {
    const it = setUp();
    await enter(it, config);
    expect(it.ports.oathDevices.verified).toMatchObject([
      { password: '123456', identity: { username: 'demo' }, rules },
    ]);
  });

  test('notes the factor of a good password', async () => {
    const { action, journey } = await enter(setUp());
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(journey.nodeTypes).toEqual(['AuthenticatorOATH']);
    expect(journey.proven).toEqual([
      { user: testUserId('demo'), method: 'oath', device: { kind: 'oath', uuid: expect.any(String) } },
    ]);
  });

  describe('with a generator that is not stored yet', () => {
    /** After a registration that leaves storing to another node. */
    const afterRegistration = async (it: OathSetUp) => {
      const config = { postponeDeviceProfileStorage: true };
      return (await runNode(oathRegistration, { ...it, config })).after;
    };

    test('checks that one, and moves it on (nodes-mfa §8.2, 17)', async () => {
      const it = oathSetUp();
      const left = await afterRegistration(it);
      const next = testOathDevice({ uuid: 'oath-1', lastLoginSeconds: 60, counter: 4 });
      it.ports.oathDevices.check = { status: 'accepted', device: next };
      const done = await enter({ ...it, ...left });
      expect(it.ports.oathDevices.verified).toMatchObject([{ pending: { uuid: 'oath-1', counter: 0 } }]);
      expect(done.action).toMatchObject({ outcome: 'successOutcome' });
      const value = { counter: 4, lastLoginSeconds: 60, isAuthorized: false, isShown: true };
      expect(done.after.handedOver.oathDevice).toMatchObject({ value });
      // It is none of the user's yet, so it proves nothing to others (OIDC-12), and opens no way to other devices (WA-18, SEC-51).
      expect(done.journey).toMatchObject({ nodeTypes: [], proven: [] });
      const profile = Buffer.from(String(done.shared.oathDeviceProfile), 'base64').toString();
      expect(JSON.parse(profile)).toMatchObject({ counter: 4, lastLogin: 60, sharedSecret: 'placeholder' });
    });

    test('lets nobody add another device by it that the user got meanwhile (WA-18)', async () => {
      const it = oathSetUp();
      it.ports.oathDevices.check = { status: 'accepted', device: testOathDevice() };
      const shown = await enter({ ...it, ...(await afterRegistration(it)) });
      expect(shown.action).toMatchObject({ outcome: 'successOutcome' });
      it.ports.pushDevices.devices.push(testDevice());
      const { nodeTypes } = shown.journey;
      const another = runNode(oathRegistration, { ...it, ...shown.after, config: {}, nodeTypes });
      await expect(another).rejects.toThrow('A second device is only added after another factor.');
    });

    test('does not take that of another user, nor one that a script has put into state (WA-18)', async () => {
      const it = oathSetUp();
      const { handedOver, state } = await afterRegistration(it);
      const ports = { ...it.ports, identities: memoryIdentities({ demo: {}, other: {} }) };
      const ofOther = { ...it, ports, handedOver, state: { ...state, username: 'other' } };
      expect((await runNode(oathTokenVerifier, ofOther)).action).toMatchObject({ outcome: 'notRegisteredOutcome' });
      const oathPendingDevice = {
        ...testOathDevice({ userId: testUserId('demo') }),
        secret: 'AAAA',
        isAuthorized: true,
      };
      const planted = { ...it, state: { ...state, oathPendingDevice } };
      expect((await runNode(oathTokenVerifier, planted)).action).toMatchObject({ outcome: 'notRegisteredOutcome' });
    });
  });
});
