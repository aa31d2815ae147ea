import { fakeRequest, memoryIdentities, runNode } from '@assent/engine/testing';
import { parseOathUri } from '@assent/push/protocol';
import { describe, expect, test } from 'vitest';
import { disk, type OathSetUp, oathSetUp, profileText, withoutUsers } from '../testing/oath-set-up.ts';
import { testDevice, testOathDevice } from '../testing/push-doubles.ts';
import { oathRegistration } from './oath-registration.node.ts';

const NEXT = [undefined, undefined, undefined, 0];
type Settings = NonNullable<Parameters<typeof runNode<typeof oathRegistration>>[1]['config']>;

/** Shows the code with these settings. */
const show = (it: OathSetUp, config: Settings = {}) => runNode(oathRegistration, { ...it, config });

/** What the phone reads from the code. */
const scan = async (config: Settings) => {
  const { callbacks } = await show(oathSetUp(), config);
  const read = parseOathUri(String(callbacks[2]?.output.value));
  if (!read.ok) throw new Error(read.reason);
  return read.value;
};

describe('a code that cannot be shown', () => {
  test.each([
    [{}, 'Expected username to be set.'],
    [{ username: ' ' }, 'Expected username to be set.'],
    [{ username: 'nobody' }, 'Failed to get the identity object'],
  ])('with %j as state: %s', async (state, message) => {
    await expect(runNode(oathRegistration, { ...oathSetUp(), state })).rejects.toMatchObject({ message });
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

  test('without an algorithm, in the documented words', async () => {
    const run = show(oathSetUp(), { algorithm: null });
    await expect(run).rejects.toMatchObject({ message: 'No OTP algorithm selected' });
  });

  test('to a user with a device who gave only a password (design.md decision 16)', async () => {
    for (const kind of ['push', 'oath']) {
      const it = oathSetUp();
      if (kind === 'push') it.ports.pushDevices.devices.push(testDevice());
      else it.ports.oathDevices.devices.push(testOathDevice());
      const message = 'A second device is only added after another factor.';
      await expect(runNode(oathRegistration, it)).rejects.toMatchObject({ message });
      await expect(runNode(oathRegistration, { ...it, nodeTypes: ['Anonymous'] })).rejects.toThrow(message);
      const { action } = await runNode(oathRegistration, { ...it, nodeTypes: ['AuthenticatorPush'] });
      expect(action.kind).toBe('send');
    }
  });
});

describe('the code', () => {
  test.each<[Settings, object]>([
    [{}, { issuer: 'ForgeRock', account: 'demo', userId: 'demo', oathUuid: 'oath-1', backgroundColor: '032b75' }],
    [{}, { oath: { type: 'totp', digits: 6, periodSeconds: 30, hash: 'SHA1', secret: new Uint8Array(20).fill(1) } }],
    [{ issuer: 'Acme' }, { issuer: 'Acme' }],
    [{ accountName: 'EMAIL_ADDRESS' }, { account: 'd@example.net' }],
    [{ accountName: 'COMMON_NAME' }, { account: 'demo' }],
    [{ bgColor: '#00FF00' }, { backgroundColor: '00FF00' }],
    [{ bgColor: 'blue' }, { backgroundColor: '032b75' }],
    [{ imgUrl: ' https://example.org/logo.png ' }, { imageUrl: 'https://example.org/logo.png' }],
    [{ passwordLength: 'EIGHT_DIGITS' }, { oath: { digits: 8 } }],
    [{ minSharedSecretLength: 1 }, { oath: { secret: new Uint8Array(20).fill(1) } }],
    [{ minSharedSecretLength: 64 }, { oath: { secret: new Uint8Array(35).fill(1) } }],
    [{ totpTimeInterval: 60 }, { oath: { periodSeconds: 60 } }],
    [{ totpHashAlgorithm: 'HMAC_SHA256' }, { oath: { hash: 'SHA256' } }],
    [{ totpHashAlgorithm: 'HMAC_SHA512' }, { oath: { hash: 'SHA512' } }],
    [{ algorithm: 'HOTP' }, { oath: { type: 'hotp', counter: 0 } }],
    [{ algorithm: 'HOTP', addChecksum: true }, { oath: { checksumDigit: true } }],
    [{ algorithm: 'HOTP', truncationOffset: 3 }, { oath: { truncationOffset: 3 } }],
  ])('with settings %j says %j', async (config, said) => {
    expect(await scan(config)).toMatchObject(said);
  });

  test('says neither a blank logo, nor what only HOTP has', async () => {
    const { oath, ...account } = await scan({ imgUrl: ' ', addChecksum: true, truncationOffset: 3 });
    expect(account).not.toHaveProperty('imageUrl');
    expect(Object.keys(oath).sort()).toEqual(['digits', 'hash', 'periodSeconds', 'secret', 'type']);
  });

  test('comes in the order that clients know, worded by the settings', async () => {
    const request = fakeRequest({ locales: ['de'] });
    const config = { scanQRCodeMessage: { en: 'Scan it', de: 'Scannen' } };
    const { callbacks } = await runNode(oathRegistration, { ...oathSetUp(), config, request });
    expect(callbacks).toMatchObject([
      { type: 'TextOutputCallback', output: { message: 'Scannen', messageType: 0 } },
      { type: 'TextOutputCallback', output: { messageType: 4, message: expect.stringContaining('otpauth\\x3A') } },
      { type: 'HiddenValueCallback', output: { id: 'mfaDeviceRegistration' } },
      { type: 'ConfirmationCallback', output: { options: ['Next'] } },
    ]);
  });

  test('keeps its secret out of shared state (ADR 0003)', async () => {
    const { shared, state, after } = await show(oathSetUp());
    const profile = JSON.parse(Buffer.from(String(shared.oathDeviceProfile), 'base64').toString());
    expect(profile).toMatchObject({ sharedSecret: 'placeholder', uuid: 'oath-1' });
    const secret = Buffer.alloc(20, 1).toString('base64url');
    expect(after.handedOver.oathDevice).toMatchObject({ value: { secret } });
    expect(JSON.stringify(state)).not.toContain(secret);
  });
});

describe('the answer', () => {
  test('goes to Failure where nothing waits to be stored, and leaves nothing', async () => {
    const it = oathSetUp();
    const { callbacks, state } = await show(it);
    const {
      action,
      log,
      state: after,
    } = await runNode(oathRegistration, {
      ...it,
      state: { ...state, oathPendingDevice: testOathDevice() },
      sent: callbacks,
      answers: NEXT,
    });
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(log).toMatchObject([{ msg: 'No device profile found on shared state' }]);
    expect(Object.keys(after)).toEqual(['username', 'oathPendingDevice']);
    expect(it.ports.oathDevices.devices).toEqual([]);
  });

  test.each(['%', profileText('{"uuid":"other","sharedSecret":"MINE"}'), undefined])(
    'stores what was shown, also where a script has made the profile %s (WA-18)',
    async (oathDeviceProfile) => {
      const it = oathSetUp();
      const { callbacks, after } = await show(it);
      const { action } = await runNode(oathRegistration, {
        ...it,
        ...after,
        state: { ...after.state, oathDeviceProfile },
        sent: callbacks,
        answers: NEXT,
      });
      expect(action).toMatchObject({ outcome: 'successOutcome' });
      expect(it.ports.oathDevices.devices).toMatchObject([{ uuid: 'oath-1', secret: new Uint8Array(20).fill(1) }]);
    },
  );

  test.each<[string, (it: OathSetUp) => unknown]>([
    ['the limit of devices', (it) => (it.ports.oathDevices.saving = { status: 'limit' })],
    ['a phone that appeared meanwhile', (it) => it.ports.pushDevices.devices.push(testDevice())],
  ])('goes to Failure for %s, with the documented words in the log', async (_what, change) => {
    const it = oathSetUp();
    const first = await show(it);
    change(it);
    const { action, state } = await first.again(NEXT);
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: 'Failed to save device to user profile' }]);
    expect(it.ports.oathDevices.devices).toEqual([]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test('shows no secret to a user who has as many code apps as the realm allows', async () => {
    const it = oathSetUp();
    it.ports.oathDevices.devices.push(testOathDevice());
    const { action, state } = await runNode(oathRegistration, {
      ...it,
      realm: { maxDevices: 1 },
      nodeTypes: ['AuthenticatorPush'],
    });
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: 'Failed to save device to user profile' }]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test('stores nothing for another user than saw the code', async () => {
    const it = oathSetUp();
    const first = await show(it);
    const identities = memoryIdentities({ demo: {}, eve: {} });
    const { action } = await runNode(oathRegistration, {
      ...it,
      ports: { ...it.ports, identities },
      ...first.after,
      sent: first.callbacks,
      answers: NEXT,
      state: { ...first.state, username: 'eve' },
    });
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.ports.oathDevices.devices).toEqual([]);
  });

  test('fails where the device cannot be stored', async () => {
    const it = oathSetUp();
    const first = await show(it);
    it.ports.oathDevices.failing = disk('save');
    await expect(first.again(NEXT)).rejects.toMatchObject({ message: 'Unable to store device profile' });
  });

  test('fails where codes cannot be made', async () => {
    const it = oathSetUp();
    const first = await show(it);
    it.ports.recoveryCodes.failing = new Error('entropy');
    await expect(first.again(NEXT)).rejects.toMatchObject({ message: 'Failed to generate recovery codes' });
  });

  test('stores the device as the settings say, with ten codes for whoever displays them', async () => {
    const it = oathSetUp();
    const config = {
      issuer: 'Acme',
      algorithm: 'HOTP',
      passwordLength: 'EIGHT_DIGITS',
      addChecksum: true,
      truncationOffset: 3,
    } as const;
    const { action, transient, shared } = await (await show(it, config)).again(NEXT);
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.oathDevices.devices).toMatchObject([
      { uuid: 'oath-1', issuer: 'Acme', digits: 8, checksumDigit: true, truncationOffset: 3 },
    ]);
    expect(transient).toEqual({
      recoveryCodes: expect.toSatisfy((codes: unknown[]) => codes.length === 10),
      recoveryCodeDeviceName: 'OATH Device',
    });
    expect(shared).toEqual({ username: 'demo' });
  });

  test('makes no codes where the settings want none', async () => {
    const it = oathSetUp();
    const { action, state } = await (await show(it, { generateRecoveryCodes: false })).again(NEXT);
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(Object.keys(state)).toEqual(['username']);
    expect(it.ports.recoveryCodes.codes.size).toBe(0);
  });

  test('stores nothing yet where an OATH Device Storage node is to do so', async () => {
    const it = oathSetUp();
    const { action, after } = await (await show(it, { postponeDeviceProfileStorage: true })).again(NEXT);
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.oathDevices.devices).toEqual([]);
    expect(after.state).toMatchObject({ oathEnableRecoveryCode: true });
    expect(after.handedOver.oathDevice).toMatchObject({ username: 'demo', value: { uuid: 'oath-1' } });
  });
});
