import { fakeRequest, memoryIdentities, runNode } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { disk, type OathSetUp, oathSetUp, withoutUsers } from '../testing/oath-set-up.ts';
import { REGISTER_ID, TEST_CLAIMS, TEST_URI, testDevice, testOathDevice } from '../testing/push-doubles.ts';
import { combinedMultiFactorRegistration } from './combined-multi-factor-registration.node.ts';

type Settings = NonNullable<Parameters<typeof runNode<typeof combinedMultiFactorRegistration>>[1]['config']>;
const approved = { status: 'approved', claims: TEST_CLAIMS } as const;

const show = (it: OathSetUp, config: Settings = {}) => runNode(combinedMultiFactorRegistration, { ...it, config });

/** Shows the code, then polls once something has changed. */
const poll = async (change: (it: OathSetUp) => unknown, state: Readonly<Record<string, unknown>> = {}) => {
  const it = oathSetUp();
  const { callbacks, after } = await show(it);
  change(it);
  const given = { ...it, ...after, sent: callbacks, state: { ...after.state, ...state } };
  return { it, run: runNode(combinedMultiFactorRegistration, given) };
};

/** Shows the code, then polls once the phone has answered and something else has changed. */
const finish = (change: (it: OathSetUp) => unknown = () => undefined, state = {}) =>
  poll((it) => {
    it.ports.pushMessages.statusNow = approved;
    change(it);
  }, state);

const nothingStored = ({ ports }: OathSetUp) => {
  expect(ports.oathDevices.devices).toEqual([]);
  expect(ports.recoveryCodes.codes.size).toBe(0);
};

describe('a code that cannot be shown', () => {
  test.each([
    [{}, 'Expected username to be set.'],
    [{ username: 'nobody' }, 'Failed to get the identity object'],
  ])('with %j as state: %s', async (state, message) => {
    const run = runNode(combinedMultiFactorRegistration, { ...oathSetUp(), state });
    await expect(run).rejects.toMatchObject({ message });
  });

  test('to a user with a second factor of another kind who has shown none (design.md decision 16)', async () => {
    const it = oathSetUp();
    Object.assign(it.ports.secondFactors, { any: async () => true });
    await expect(show(it)).rejects.toMatchObject({ message: 'A second device is only added after another factor.' });
  });

  test('where users cannot be read', async () => {
    const run = show(withoutUsers(oathSetUp()));
    await expect(run).rejects.toMatchObject({ message: 'Failed to get the identity object' });
  });

  test.each(['oathDevices', 'pushDevices'] as const)('where %s cannot be read', async (port) => {
    const it = oathSetUp();
    it.ports[port].failing = disk('ofUser');
    await expect(show(it)).rejects.toMatchObject({ message: 'Unable to talk to datastore.' });
  });

  test.each([
    ['openRegistration', 'Unable to persist token in core token service.'],
    ['registrationUri', 'Unable to read service addresses for Push Notification Service.'],
  ])('where %s fails', async (method, message) => {
    const it = oathSetUp();
    it.ports.pushMessages.failing = disk(method);
    await expect(show(it)).rejects.toMatchObject({ message });
  });

  test('without a push service, or without an address', async () => {
    const message = 'Unable to read service addresses for Push Notification Service.';
    const without = oathSetUp();
    without.ports.pushMessages.service = false;
    await expect(show(without)).rejects.toMatchObject({ message });
    const nowhere = oathSetUp();
    nowhere.ports.pushMessages.uri = undefined;
    await expect(show(nowhere)).rejects.toMatchObject({ message });
  });

  test('without an algorithm, in the documented words, and opens no message', async () => {
    const it = oathSetUp();
    await expect(show(it, { algorithm: null })).rejects.toMatchObject({ message: 'No OTP algorithm selected' });
    expect(it.ports.pushMessages.opened).toEqual([]);
  });

  test.each(['[1]', '"text"', 'null', '{'])('with policies %s, which are no JSON object', async (policiesJson) => {
    await expect(show(oathSetUp(), { policiesJson })).rejects.toThrow('policiesJson');
  });
});

describe('the code', () => {
  test.each<[Settings, object]>([
    [{}, { issuer: 'ForgeRock', account: 'demo', backgroundColor: '032b75', oath: { uuid: 'oath-1' } }],
    [{}, { oath: { parameters: { type: 'totp', digits: 6, periodSeconds: 30, hash: 'SHA1' } } }],
    [{ issuer: 'Acme' }, { issuer: 'Acme' }],
    [{ accountName: 'EMAIL_ADDRESS' }, { account: 'd@example.net' }],
    [{ accountName: 'LAST_NAME' }, { account: 'demo' }],
    [{ bgColor: '#00FF00' }, { backgroundColor: '00FF00' }],
    [{ bgColor: 'blue' }, { backgroundColor: '032b75' }],
    [{ imgUrl: ' https://example.org/logo.png ' }, { imageUrl: 'https://example.org/logo.png' }],
    [{ passwordLength: 'EIGHT_DIGITS' }, { oath: { parameters: { digits: 8 } } }],
    [{ minSharedSecretLength: 64 }, { oath: { parameters: { secret: new Uint8Array(35).fill(1) } } }],
    [{ totpTimeInterval: 60 }, { oath: { parameters: { periodSeconds: 60 } } }],
    [{ totpHashAlgorithm: 'HMAC_SHA256' }, { oath: { parameters: { hash: 'SHA256' } } }],
    [{ algorithm: 'HOTP' }, { oath: { parameters: { type: 'hotp', counter: 0, checksumDigit: false } } }],
    [{ algorithm: 'HOTP', addChecksum: true }, { oath: { parameters: { checksumDigit: true } } }],
    [{ algorithm: 'HOTP', truncationOffset: 3 }, { oath: { parameters: { truncationOffset: 3 } } }],
    [{ policiesJson: '{"biometricAvailable": {}}' }, { oath: { policies: '{"biometricAvailable": {}}' } }],
  ])('with settings %j says %j', async (config, label) => {
    const it = oathSetUp();
    await show(it, config);
    expect(it.ports.pushMessages.labels).toMatchObject([label]);
  });

  test('says neither a blank logo nor blank policies', async () => {
    const it = oathSetUp();
    await show(it, { imgUrl: ' ', policiesJson: ' ' });
    expect(it.ports.pushMessages.labels[0]).not.toHaveProperty('imageUrl');
    expect(it.ports.pushMessages.labels[0]).not.toHaveProperty('oath.policies');
  });

  test('comes in the order that clients know, worded by the settings', async () => {
    const request = fakeRequest({ locales: ['de'] });
    const config = { scanQRCodeMessage: { en: 'Scan it', de: 'Scannen' } };
    const { callbacks } = await runNode(combinedMultiFactorRegistration, { ...oathSetUp(), config, request });
    expect(callbacks).toMatchObject([
      { type: 'TextOutputCallback', output: { message: 'Scannen', messageType: 0 } },
      { type: 'TextOutputCallback', output: { messageType: 4 } },
      { type: 'HiddenValueCallback', output: { value: TEST_URI, id: 'mfaDeviceRegistration' } },
      { type: 'PollingWaitCallback', output: { waitTime: 2000 } },
    ]);
  });

  test('is open as long as the settings say, and keeps its secret out of shared state (ADR 0003)', async () => {
    const it = oathSetUp();
    const { shared } = await show(it, { issuer: 'Acme', timeout: 7 });
    expect(it.ports.pushMessages.opened).toEqual([{ issuer: 'Acme', timeoutMillis: 7_000, username: 'demo' }]);
    expect(shared).toMatchObject({ 'n1.registrationDeadline': it.ports.clock.now() + 7_000 });
    const profile = Buffer.from(String(shared.oathDeviceProfile), 'base64').toString();
    expect(JSON.parse(profile)).toMatchObject({ uuid: 'oath-1', sharedSecret: 'placeholder' });
  });

  test.each(['push', 'oath'])('is not shown to a user who has a device of the kind %s', async (kind) => {
    const it = oathSetUp();
    if (kind === 'push') it.ports.pushDevices.devices.push(testDevice());
    else it.ports.oathDevices.devices.push(testOathDevice());
    const { action } = await show(it);
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.pushMessages.opened).toEqual([]);
  });

  test('closes the request that an earlier node left open', async () => {
    const it = oathSetUp();
    await show({ ...it, state: { username: 'demo', pushMessageId: 'AUTHENTICATE:old' } });
    expect(it.ports.pushMessages.closed).toEqual([['AUTHENTICATE:old', 'cleanup']]);
  });
});

describe('a poll', () => {
  test.each([
    ['Unable to find push message ID', { pushMessageId: undefined }],
    ['No device profile found on shared state', { pushDeviceProfile: undefined }],
    [
      'The push message corresponds to AUTHENTICATE message type which is not registered in the / realm',
      { pushMessageId: 'AUTHENTICATE:1' },
    ],
  ])('fails: %s, with %j', async (message, state) => {
    const { it, run } = await finish(undefined, state);
    await expect(run).rejects.toMatchObject({ message });
    nothingStored(it);
  });

  test.each<[string, (ports: OathSetUp['ports']) => unknown]>([
    ['Could not get messageId', ({ pushMessages }) => (pushMessages.service = false)],
    [
      'An unexpected error occurred while verifying the push result',
      ({ pushMessages }) => (pushMessages.failing = disk('status')),
    ],
    [
      'Unable initialise push notification service.',
      ({ pushMessages }) => (pushMessages.failing = disk('registrationUri')),
    ],
    [
      'Unrecognized push message status: lost',
      ({ pushMessages }) => (pushMessages.statusNow = { status: 'lost' } as never),
    ],
  ])('fails: %s', async (message, change) => {
    const { it, run } = await poll(({ ports }) => change(ports));
    await expect(run).rejects.toMatchObject({ message });
    nothingStored(it);
  });

  test('before any answer shows the same code again, and changes no state', async () => {
    const it = oathSetUp();
    const first = await show(it);
    it.ports.clock.advance(59_999);
    const again = await first.again();
    expect(again.action).toEqual(first.action);
    expect(again.shared).toEqual(first.shared);
    expect(it.ports.pushMessages.labels[1]).toEqual(it.ports.pushMessages.labels[0]);
  });

  test.each<[string, (it: OathSetUp) => unknown]>([
    ['the time of the settings is over', ({ ports }) => ports.clock.advance(60_000)],
    ['the message is gone', ({ ports }) => (ports.pushMessages.statusNow = { status: 'expired' })],
    ['the message has no address any more', ({ ports }) => (ports.pushMessages.uri = undefined)],
  ])('times out when %s, and leaves nothing', async (_when, change) => {
    const { it, run } = await poll(change);
    const { action, state } = await run;
    expect(action).toMatchObject({ outcome: 'timeoutOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: `The push message with ID ${REGISTER_ID} has timed out` }]);
    expect(it.ports.pushMessages.closed).toEqual([[REGISTER_ID, 'timeout']]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test('goes to Failure for a refusal on the phone, which is taken once', async () => {
    const { it, run } = await poll(({ ports }) => {
      ports.pushMessages.statusNow = { status: 'denied', reason: 'denied' };
    });
    const { action, state } = await run;
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.ports.pushMessages.consumed).toEqual([[REGISTER_ID, 'denied']]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test.each<[string, (ports: OathSetUp['ports']) => unknown]>([
    ['the limit of phones', ({ pushDevices }) => (pushDevices.registration = { status: 'limit' })],
    ['an answer without contents', ({ pushMessages }) => (pushMessages.statusNow = { status: 'approved' })],
    ['a phone that appeared meanwhile', ({ pushDevices }) => pushDevices.devices.push(testDevice())],
    ['a generator that appeared meanwhile', ({ oathDevices }) => oathDevices.devices.push(testOathDevice())],
  ])('goes to Failure for %s, and stores neither half', async (_what, change) => {
    const { it, run } = await finish(({ ports }) => change(ports));
    const { action, state } = await run;
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: 'Failed to save device to user profile' }]);
    expect(it.ports.pushMessages.closed).toEqual([[REGISTER_ID, 'cleanup']]);
    expect(it.ports.oathDevices.devices.filter(({ uuid }) => uuid === 'oath-1')).toEqual([]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test('stores nothing for another user than saw the code', async () => {
    const it = oathSetUp();
    const { callbacks, after } = await show(it);
    it.ports.pushMessages.statusNow = approved;
    const ports = { ...it.ports, identities: memoryIdentities({ demo: {}, eve: {} }) };
    const given = { ...it, ...after, ports, sent: callbacks, state: { ...after.state, username: 'eve' } };
    const message = 'No device profile found on shared state';
    await expect(runNode(combinedMultiFactorRegistration, given)).rejects.toMatchObject({ message });
    expect(it.ports.pushDevices.registered).toEqual([]);
    nothingStored(it);
  });

  test.each<[string, (ports: OathSetUp['ports']) => unknown]>([
    ['Unable to store device profile', ({ pushDevices }) => (pushDevices.failing = disk('register'))],
    ['Unable to store device profile', ({ oathDevices }) => (oathDevices.failing = disk('save'))],
    ['Failed to generate recovery codes', ({ recoveryCodes }) => (recoveryCodes.failing = new Error('entropy'))],
    // An error, not an outcome: it takes back the phone that would have been stored alone.
    ['Failed to save device to user profile', ({ oathDevices }) => (oathDevices.saving = { status: 'limit' })],
  ])('with an approval fails: %s', async (message, change) => {
    const { run } = await finish(({ ports }) => change(ports));
    await expect(run).rejects.toMatchObject({ message });
  });

  test('stores both with the same ten codes, once the phone has answered', async () => {
    const { it, run } = await finish();
    const { action, shared, transient } = await run;
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.pushDevices.registered).toEqual([{ issuer: 'ForgeRock', messageId: REGISTER_ID }]);
    expect(it.ports.oathDevices.devices).toMatchObject([{ uuid: 'oath-1', issuer: 'ForgeRock', digits: 6 }]);
    expect(shared).toEqual({ username: 'demo' });
    expect(transient).toEqual({ recoveryCodes: expect.any(Array), recoveryCodeDeviceName: 'Pixel 8' });
    const codes = transient.recoveryCodes as string[];
    const user = it.ports.oathDevices.devices[0]?.userId;
    expect([...it.ports.recoveryCodes.codes].sort()).toEqual(
      codes.flatMap((code) => [`${user} oath ${code}`, `${user} push ${code}`]).sort(),
    );
  });

  test('makes no codes where the settings want none', async () => {
    const it = oathSetUp();
    const first = await show(it, { generateRecoveryCodes: false });
    it.ports.pushMessages.statusNow = approved;
    const { action, state } = await first.again();
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(Object.keys(state)).toEqual(['username']);
    expect(it.ports.recoveryCodes.codes.size).toBe(0);
  });
});
