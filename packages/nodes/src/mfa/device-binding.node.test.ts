import { JourneyError } from '@assent/engine';
import { runNode, TEST_CHALLENGE, testUserId } from '@assent/engine/testing';
import { BoundPhone } from '@assent/factors/testing';
import { describe, expect, test } from 'vitest';
import { type BindingSetUp, bindingSetUp, CHALLENGE_TEXT, universalId } from '../testing/binding-set-up.ts';
import { testDevice } from '../testing/push-doubles.ts';
import { deviceBinding } from './device-binding.node.ts';

type Settings = NonNullable<Parameters<typeof runNode<typeof deviceBinding>>[1]['config']>;

const APPS = { applicationIds: ['com.example.app'] };
const FAILED = (reason: string) => [{ msg: `Device Binding failed: ${reason}` }];

const ask = (it: BindingSetUp, config: Settings = {}, given: { nodeTypes?: readonly string[] } = {}) =>
  runNode(deviceBinding, { ...it, ...given, config: { ...APPS, ...config } });

/** Asks, then takes what the app says. */
const answer = async (it: BindingSetUp, config: Settings, said: Readonly<Record<string, unknown>>, given = {}) =>
  (await ask(it, config, given)).again([{ deviceId: 'installation-1', ...said }]);

const bind = (it: BindingSetUp, config: Settings = {}, given = {}) =>
  answer(it, config, { jws: it.phone.bind(it.asked()), deviceName: 'My phone' }, given);

/** The user has a bound device already. */
const withDevice = async () => {
  const it = bindingSetUp();
  await bind(it);
  it.ports.boundDevices.saved.length = 0;
  return it;
};

describe('Device Binding ends the journey', () => {
  test.each([
    ['without a user', {}],
    ['for a user who does not exist', { username: 'nobody' }],
    ['for a user who is not in use', { username: 'gone' }],
  ])('%s', async (_what, state) => {
    await expect(ask({ ...bindingSetUp(), state })).rejects.toMatchObject({ message: 'Failed to lookup user' });
  });

  test('where users cannot be read', async () => {
    const it = bindingSetUp();
    const identities = { ...it.ports.identities, find: () => Promise.reject(new Error('disk')) };
    const run = runNode(deviceBinding, { ...it, ports: { ...it.ports, identities } });
    await expect(run).rejects.toMatchObject({ message: 'Failed to lookup user' });
  });

  test.each(['a bound device', 'a phone for push'])(
    'for a user with %s who has shown no factor (§10.1, WA-18)',
    async (what) => {
      const it = what === 'a bound device' ? await withDevice() : bindingSetUp();
      if (what !== 'a bound device') it.pushDevices.devices = [testDevice()];
      const message = 'A second device is only added after another factor.';
      await expect(ask(it)).rejects.toMatchObject({ message });
      expect((await ask(it, {}, { nodeTypes: ['Binding'] })).action.kind).toBe('send');
      expect((await ask(it, {}, { nodeTypes: ['AuthenticatorPush'] })).action.kind).toBe('send');
      await expect(ask(it, {}, { nodeTypes: ['DataStore'] })).rejects.toMatchObject({ message });
    },
  );

  test('where the user has got a factor since the phone was asked (§10.1)', async () => {
    const it = bindingSetUp();
    const asked = await ask(it);
    it.pushDevices.devices = [testDevice()];
    await expect(asked.again([{ jws: it.phone.bind(it.asked()), deviceId: 'x' }])).rejects.toMatchObject({
      message: 'A second device is only added after another factor.',
    });
  });

  test('where attestation is asked for and the realm has no roots (WA-45)', async () => {
    const it = bindingSetUp();
    await expect(bind(it, { attestation: true })).rejects.toMatchObject({
      message:
        'Attestation is asked for, and the service androidKeyAttestation of the realm has no roots: set publicKeyUrl or rootCertificates.',
    });
    expect(it.ports.boundDevices.saved).toEqual([]);
  });

  test('by no error of its own on an overloaded server', async () => {
    const it = bindingSetUp();
    const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    it.ports.boundDevices.failing = { method: 'save', error: overloaded };
    await expect(bind(it)).rejects.toBe(overloaded);
  });
});

describe('Device Binding goes to Failure', () => {
  test('for each app while none is listed (WA-42)', async () => {
    const it = bindingSetUp();
    const { action, journey } = await bind(it, { applicationIds: [] });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
    expect(it.log.lines).toMatchObject(FAILED('issuer'));
    expect(it.ports.boundDevices.refusals).toEqual([[testUserId('demo'), 'issuer']]);
  });

  test.each([
    ['something else than the challenge', { challenge: 'x' }, 'challenge'],
    ['another user', { sub: universalId('other') }, 'subject'],
    ['an end that never comes', { exp: undefined }, 'time'],
  ])('for %s', async (_what, claims, reason) => {
    const it = bindingSetUp();
    const { action } = await answer(it, {}, { jws: it.phone.bind(it.asked(), { claims }) });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject(FAILED(reason));
    expect(it.ports.boundDevices.saved).toEqual([]);
  });

  test('for an answer to a step of which this visit knows no challenge (WA-41)', async () => {
    const it = bindingSetUp();
    const { callbacks } = await ask(it);
    const answers = [{ jws: it.phone.bind(it.asked()), deviceId: 'x' }];
    const { action } = await runNode(deviceBinding, { ...it, config: APPS, sent: callbacks, answers });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject(FAILED('challenge'));
  });

  test.each([
    ['limit', 'The user has as many bound devices as the realm allows.'],
    ['taken', 'A bound device of the realm has that key id already: key-1'],
  ] as const)('where it cannot be stored: %s', async (status, msg) => {
    const it = bindingSetUp();
    it.ports.boundDevices.saving = { status };
    expect((await bind(it)).action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject([{ msg }]);
  });

  test.each(['ofUser', 'save'])('where %s of its devices fails', async (method) => {
    const it = bindingSetUp();
    const asked = await ask(it);
    it.ports.boundDevices.failing = { method, error: new Error('disk') };
    const { action } = await asked.again([{ jws: it.phone.bind(it.asked()), deviceId: 'x' }]);
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject([{ msg: 'Unable to read the bound devices of the user.' }]);
  });

  test.each(['success', 'failure', 'abort', 'Other'])('for an app that says %s (WA-40)', async (clientError) => {
    const it = bindingSetUp();
    const { action } = await answer(it, {}, { clientError });
    expect(action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject([{ msg: 'The app reports an error that the settings do not list.' }]);
  });

  test('for a key that is not attested, be it that nobody can tell (WA-45)', async () => {
    const it = bindingSetUp();
    it.attestation = { status: 'refused', reason: 'revoked' };
    expect((await bind(it, { attestation: true })).action).toMatchObject({ outcome: 'failure' });
    it.attestation = { status: 'unknown', cause: new Error('nobody there') };
    expect((await bind(it, { attestation: true })).action).toMatchObject({ outcome: 'failure' });
    expect(it.log.lines).toMatchObject([
      { msg: 'Key Attestation Failed. revoked' },
      { msg: 'The roots of attestation, or the list of what is revoked, cannot be read.' },
    ]);
    expect(it.ports.boundDevices.saved).toEqual([]);
  });
});

describe('Device Binding', () => {
  test('asks the app by all that it reads, in AM’s order', async () => {
    const { callbacks } = await ask(bindingSetUp(), { title: { en: 'Connect' }, timeout: 5, attestation: true });
    expect(callbacks).toEqual([
      {
        type: 'DeviceBindingCallback',
        output: {
          userId: universalId('demo'),
          username: 'demo',
          authenticationType: 'BIOMETRIC_ALLOW_FALLBACK',
          challenge: CHALLENGE_TEXT,
          title: 'Connect',
          subtitle: 'Cryptography device binding',
          description: 'Please complete with biometric to proceed',
          timeout: 5,
          attestation: true,
        },
        input: { jws: '', deviceName: '', deviceId: '', clientError: '' },
      },
    ]);
    expect(Object.keys(callbacks[0]?.output ?? {})).toEqual(
      'userId username authenticationType challenge title subtitle description timeout attestation'.split(' '),
    );
  });

  test.each([
    ['nothing', {}],
    ['no id of the device', { jws: 'x', deviceId: '' }],
  ])('asks the same again where the app says %s', async (_what, said) => {
    const it = bindingSetUp();
    const asked = await ask(it);
    const again = await asked.again([said]);
    expect(again.callbacks).toEqual(asked.callbacks);
    expect(it.ports.boundDevices.refusals).toEqual([]);
  });

  test.each(['Unsupported', 'Abort', 'Timeout', 'Custom'])(
    'goes where the app says that it cannot: %s',
    async (clientError) => {
      const config = { clientErrorOutcomes: ['Unsupported', 'Abort', 'Timeout', 'Custom'] };
      expect((await answer(bindingSetUp(), config, { clientError })).action).toMatchObject({ outcome: clientError });
    },
  );

  test.each(['android', 'ios'] as const)('binds a phone of %s, and says so in NodeType', async (platform) => {
    const it = bindingSetUp();
    const phone = new BoundPhone({ platform });
    const { action, journey, shared } = await answer(it, {}, { jws: phone.bind(it.asked()), deviceName: 'My phone' });
    expect(action).toMatchObject({ outcome: 'success', detail: { device: phone.kid } });
    expect(it.ports.boundDevices.saved).toMatchObject([
      {
        device: {
          uuid: phone.kid,
          userId: testUserId('demo'),
          key: phone.jwk,
          deviceName: 'My phone',
          deviceId: 'installation-1',
          applicationId: 'com.example.app',
          authenticationType: 'BIOMETRIC_ALLOW_FALLBACK',
          attested: false,
        },
        maxDevices: 0,
        isFirst: true,
      },
    ]);
    expect(journey).toMatchObject({ nodeTypes: ['Binding'], proven: [], identified: undefined });
    // Nothing of the challenge is anywhere that a script reads (docs/adr/0120).
    expect(shared).toEqual({ username: 'demo' });
  });

  test('binds a phone of the user whom the journey has identified, where state names none', async () => {
    const it = { ...bindingSetUp(), state: {}, identified: testUserId('demo') };
    const asked = await runNode(deviceBinding, { ...it, config: APPS });
    expect(asked.callbacks[0]?.output).toMatchObject({ username: 'demo' });
  });

  test('calls a phone that has no name so in the language of the reader', async () => {
    const it = bindingSetUp();
    await answer(it, {}, { jws: it.phone.bind(it.asked()), deviceName: ' ' });
    expect(it.ports.boundDevices.saved[0]?.device.deviceName).toBe('Device Name');
  });

  test('adds one more after another factor', async () => {
    const it = await withDevice();
    expect((await bind(it, {}, { nodeTypes: ['Binding'] })).action).toMatchObject({ outcome: 'success' });
    expect(it.ports.boundDevices.saved).toMatchObject([{ isFirst: false }]);
  });

  test('has an outcome for the limit only where there is one, and looks at every visit', async () => {
    const it = await withDevice();
    const outcomes = (config: object) => Object.keys(deviceBinding.outcomesOf(deviceBinding.config.parse(config), []));
    expect(outcomes({})).toEqual(['success', 'failure', 'Unsupported', 'Abort', 'Timeout']);
    expect(outcomes({ maxSavedDevices: 1, clientErrorOutcomes: ['Custom'] })).toEqual([
      'success',
      'failure',
      'exceedDeviceLimit',
      'Custom',
    ]);
    expect((await ask(it, { maxSavedDevices: 1 })).action).toMatchObject({ outcome: 'exceedDeviceLimit' });
    const late = bindingSetUp();
    const asked = await ask(late, { maxSavedDevices: 1 });
    late.ports.boundDevices.devices = it.ports.boundDevices.devices;
    expect((await asked.again([{ jws: 'x', deviceId: 'x' }])).action).toMatchObject({ outcome: 'exceedDeviceLimit' });
  });

  test('has the hardware of Android vouch for the key, but not for apps that are exempt (WA-45)', async () => {
    const it = bindingSetUp();
    const description = {
      attestationVersion: 4,
      attestationSecurityLevel: 'STRONG_BOX',
      keymasterVersion: 41,
      keymasterSecurityLevel: 'STRONG_BOX',
      challenge: new Uint8Array(Buffer.from(TEST_CHALLENGE, 'base64url')),
      packages: ['com.example.app'],
      isGenerated: true,
      isForSigning: true,
    } as const;
    it.attestation = { status: 'attested', description };
    // That it says of itself to be one of iOS changes nothing.
    const { transient } = await bind(it, { attestation: true });
    expect(it.attested).toMatchObject([
      { applicationId: 'com.example.app', key: it.phone.jwk, challenge: description.challenge },
    ]);
    expect(it.ports.boundDevices.saved).toMatchObject([{ device: { attested: true } }]);
    expect(transient['DeviceBindingNode.ATTESTATION']).toEqual({
      attestationVersion: 4,
      attestationSecurityLevel: 'STRONG_BOX',
      keymasterVersion: 41,
      keymasterSecurityLevel: 'STRONG_BOX',
      attestationChallenge: CHALLENGE_TEXT,
      packages: ['com.example.app'],
    });
    const other = bindingSetUp();
    await bind(other, { attestation: true, attestationExempt: ['com.example.app'] });
    expect(other.attested).toEqual([]);
    expect(other.ports.boundDevices.saved).toMatchObject([{ device: { attested: false } }]);
  });

  test('leaves the phone to another node where it is told to, and is then no factor yet (§9 row 19)', async () => {
    const it = bindingSetUp();
    const config = { postponeDeviceProfileStorage: true, maxSavedDevices: 3 };
    const { action, transient, journey } = await bind(it, config);
    expect(action).toMatchObject({ outcome: 'success' });
    expect(it.ports.boundDevices.saved).toEqual([]);
    expect(journey.nodeTypes).toEqual([]);
    expect(transient['DeviceBinding.DEVICE']).toMatchObject({
      uuid: 'key-1',
      recoveryCodes: [],
      deviceName: 'My phone',
      deviceId: 'installation-1',
      key: it.phone.jwk,
    });
    const value = { device: { uuid: 'key-1' }, maxDevices: 3 };
    expect(journey.handedOver.boundDevice).toMatchObject({ username: 'demo', value });
  });

  test.each(['success', 'failure', 'exceedDeviceLimit', 'noDeviceRegistered', 'keyNotFound', ''])(
    'takes no error of an app called %j (WA-40)',
    async (name) => {
      await expect(ask(bindingSetUp(), { clientErrorOutcomes: [name] })).rejects.toThrow('clientErrorOutcomes');
    },
  );
});

test('the app is told how to ask, and what to say to its user', async () => {
  const { callbacks } = await ask(bindingSetUp(), {
    authenticationType: 'APPLICATION_PIN',
    title: { en: 'Bind' },
    subtitle: { en: 'This phone' },
    description: { en: 'Once' },
  });
  expect(callbacks[0]?.output).toMatchObject({
    authenticationType: 'APPLICATION_PIN',
    title: 'Bind',
    subtitle: 'This phone',
    description: 'Once',
  });
});
