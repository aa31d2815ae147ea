import { JourneyError, type SentCallback } from '@assent/engine';
import {
  fakeRequest,
  memoryIdentities,
  memoryLog,
  runNode,
  simulatedClock,
  type TestUsers,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import {
  MemoryCodes,
  MemoryDevices,
  MemoryMessages,
  REGISTER_ID,
  secondFactorsAmong,
  TEST_CLAIMS,
  TEST_URI,
  testDevice,
} from '../testing/push-doubles.ts';
import { pushRegistration } from './push-registration.node.ts';

const setUp = (users: TestUsers = { demo: { mail: ['demo@example.org'], cn: [' '] } }) => {
  const clock = simulatedClock();
  const pushMessages = new MemoryMessages();
  const pushDevices = new MemoryDevices();
  const recoveryCodes = new MemoryCodes();
  const log = memoryLog();
  const secondFactors = secondFactorsAmong(pushDevices);
  const ports = { clock, identities: memoryIdentities(users), pushDevices, pushMessages, recoveryCodes, secondFactors };
  return {
    clock,
    pushMessages,
    pushDevices,
    recoveryCodes,
    log,
    ports,
    given: { ports, log, state: { username: 'demo' } },
  };
};
const approved = { status: 'approved', claims: TEST_CLAIMS } as const;
const PENDING_KEYS = ['pushMessageId', 'pushDeviceProfile', 'pushChallengeKey', 'n1.registrationDeadline'];
const messagesOf = ({ lines }: ReturnType<typeof memoryLog>) => lines.map(({ msg }) => msg);

describe('settings', () => {
  test.each([
    ['timeout', 0],
    ['issuer', ''],
    ['accountName', 'NICKNAME'],
    ['scanQRCodeMessage', { nowhere_x: 'x' }],
  ])('refuse %s %j', async (name, value) => {
    const config = { [name]: value };
    await expect(runNode(pushRegistration, { ...setUp().given, config })).rejects.toThrow(name);
  });
});

describe('a first visit that cannot begin', () => {
  test.each([[{}], [{ username: '' }], [{ username: '  ' }]])('with %j as state', async (state) => {
    const run = runNode(pushRegistration, { ports: setUp().ports, state });
    await expect(run).rejects.toThrow(/^Expected username to be set\.$/);
  });

  test('for a user who does not exist', async () => {
    const { ports } = setUp({});
    const run = runNode(pushRegistration, { ports, state: { username: 'demo' } });
    await expect(run).rejects.toThrow(/^Failed to get the identity object$/);
  });

  test('where users cannot be read', async () => {
    const { ports } = setUp();
    const identities = { ...ports.identities, find: () => Promise.reject(new Error('disk')) };
    const run = runNode(pushRegistration, { ports: { ...ports, identities }, state: { username: 'demo' } });
    await expect(run).rejects.toThrow(/^Failed to get the identity object$/);
  });

  test('where devices cannot be read', async () => {
    const { given, pushDevices } = setUp();
    pushDevices.failing = { method: 'ofUser', error: new Error('disk') };
    await expect(runNode(pushRegistration, given)).rejects.toThrow(/^Unable to talk to datastore\.$/);
  });

  test('without a push service', async () => {
    const { given, pushMessages } = setUp();
    pushMessages.service = false;
    const text = /^Unable to read service addresses for Push Notification Service\.$/;
    await expect(runNode(pushRegistration, given)).rejects.toThrow(text);
  });

  test.each([
    ['openRegistration', 'Unable to persist token in core token service.'],
    ['registrationUri', 'Unable to read service addresses for Push Notification Service.'],
  ])('where %s fails', async (method, text) => {
    const { given, pushMessages } = setUp();
    const cause = new Error('disk');
    pushMessages.failing = { method, error: cause };
    await expect(runNode(pushRegistration, given)).rejects.toMatchObject({ message: text, cause });
  });

  test('with no address to show', async () => {
    const { given, pushMessages } = setUp();
    pushMessages.uri = undefined;
    await expect(runNode(pushRegistration, given)).rejects.toThrow('Unable to read service addresses');
  });

  test('on an overloaded server, which is no end of the journey', async () => {
    const { given, pushMessages } = setUp();
    const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
    pushMessages.failing = { method: 'openRegistration', error: overloaded };
    await expect(runNode(pushRegistration, given)).rejects.toBe(overloaded);
  });
});

describe('a first visit', () => {
  test('shows the code, its address and a poll, in the order that clients know', async () => {
    const { callbacks } = await runNode(pushRegistration, setUp().given);
    expect(callbacks).toMatchObject([
      {
        type: 'TextOutputCallback',
        output: { message: 'Scan this code with the authenticator on your phone.', messageType: 0 },
      },
      { type: 'TextOutputCallback', output: { messageType: 4, message: expect.stringContaining('pushauth\\x3A') } },
      { type: 'HiddenValueCallback', output: { value: TEST_URI, id: 'mfaDeviceRegistration' } },
      { type: 'PollingWaitCallback', output: { waitTime: 2000, message: '' } },
    ] satisfies Partial<SentCallback>[]);
  });

  test('keeps what the documentation says in shared state, without the secret', async () => {
    const { clock, given } = setUp();
    const { shared } = await runNode(pushRegistration, { ...given, config: { timeout: 90 } });
    expect(shared).toEqual({
      username: 'demo',
      pushMessageId: REGISTER_ID,
      pushDeviceProfile: 'cGxhY2Vob2xkZXI=',
      pushChallengeKey: 'placeholder',
      'n1.registrationDeadline': clock.now() + 90_000,
    });
  });

  test('opens the registration with issuer and time of the settings', async () => {
    const { given, pushMessages } = setUp();
    await runNode(pushRegistration, { ...given, config: { issuer: 'Acme', timeout: 7 } });
    expect(pushMessages.opened).toEqual([{ issuer: 'Acme', timeoutMillis: 7_000, username: 'demo' }]);
  });

  test.each([
    [{}, { issuer: 'ForgeRock', account: 'demo', backgroundColor: '032b75' }],
    [{ accountName: 'EMAIL_ADDRESS' }, { account: 'demo@example.org' }],
    [{ accountName: 'COMMON_NAME' }, { account: 'demo' }],
    [{ accountName: 'EMPLOYEE_NUMBER' }, { account: 'demo' }],
    [{ bgColor: '#00FF00' }, { backgroundColor: '00FF00' }],
    [{ bgColor: 'blue' }, { backgroundColor: '032b75' }],
    [{ imgUrl: 'https://example.org/logo.png' }, { imageUrl: 'https://example.org/logo.png' }],
  ] as const)('with settings %j labels the account %j', async (config, label) => {
    const { given, pushMessages } = setUp();
    await runNode(pushRegistration, { ...given, config });
    expect(pushMessages.labels).toMatchObject([label]);
    expect(pushMessages.labels[0]).toHaveProperty('account');
  });

  test('leaves out a blank logo', async () => {
    const { given, pushMessages } = setUp();
    await runNode(pushRegistration, { ...given, config: { imgUrl: ' ' } });
    expect(pushMessages.labels[0]).not.toHaveProperty('imageUrl');
  });

  test.each([
    [['de'], 'en', 'Scannen'],
    [['es'], 'de', 'Scannen'],
    [['es'], 'ja', 'Scannez'],
  ])('words the message for %j in a realm of %s', async (locales, locale, text) => {
    const config = { scanQRCodeMessage: { fr: 'Scannez', de: 'Scannen' } };
    const request = fakeRequest({ locales });
    const { callbacks } = await runNode(pushRegistration, { ...setUp().given, config, request, realm: { locale } });
    expect(callbacks[0]?.output.message).toBe(text);
  });

  test('closes the request that a Push Sender had left open', async () => {
    const { ports, pushMessages } = setUp();
    const state = { username: 'demo', pushMessageId: 'AUTHENTICATE:old' };
    const { shared } = await runNode(pushRegistration, { ports, state });
    expect(pushMessages.closed).toEqual([['AUTHENTICATE:old', 'cleanup']]);
    expect(shared.pushMessageId).toBe(REGISTER_ID);
  });
});

describe('a user who has a device', () => {
  test('is done, without codes and with nothing left behind', async () => {
    const { ports, pushDevices } = setUp();
    pushDevices.devices.push(testDevice());
    const state = { username: 'demo', pushDeviceProfile: 'x', pushChallengeKey: 'x' };
    const { action, state: after } = await runNode(pushRegistration, { ports, state });
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'successOutcome' });
    expect(after).toEqual({ username: 'demo' });
  });

  const config = { registerAnother: true };

  test('adds another only after another factor (design.md decision 16)', async () => {
    const { given, pushDevices, pushMessages } = setUp();
    pushDevices.devices.push(testDevice());
    await expect(runNode(pushRegistration, { ...given, config })).rejects.toThrow('only added after another factor');
    expect(pushMessages.opened).toEqual([]);
    const anonymous = runNode(pushRegistration, { ...given, config, nodeTypes: ['Anonymous'] });
    await expect(anonymous).rejects.toThrow('only added after another factor');
    const nodeTypes = ['AuthenticatorPush'];
    const { action } = await runNode(pushRegistration, { ...given, config, nodeTypes });
    expect(action.kind).toBe('send');
  });

  test('shows no code to a user who has as many phones as the realm allows', async () => {
    const { given, pushDevices, pushMessages, log } = setUp();
    pushDevices.devices.push(testDevice());
    const { action, state } = await runNode(pushRegistration, {
      ...given,
      config,
      realm: { maxDevices: 1 },
      nodeTypes: ['AuthenticatorPush'],
    });
    expect(action).toMatchObject({ outcome: 'failureOutcome' });
    expect(messagesOf(log)).toEqual(['Failed to save device to user profile']);
    expect(pushMessages.opened).toEqual([]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test('adds another and keeps the codes that are there', async () => {
    const { given, pushDevices, pushMessages, recoveryCodes } = setUp();
    pushDevices.devices.push(testDevice());
    recoveryCodes.codes.add('kept');
    const first = await runNode(pushRegistration, { ...given, config, nodeTypes: ['AuthenticatorPush'] });
    pushMessages.statusNow = approved;
    const { action, state } = await first.again();
    expect(action).toMatchObject({ outcome: 'successOutcome' });
    expect(pushDevices.registered).toHaveLength(1);
    expect([...recoveryCodes.codes]).toEqual(['kept']);
    expect(state).not.toHaveProperty('recoveryCodes');
  });

  test('adds another and gets codes when there are none left', async () => {
    const { given, pushDevices, pushMessages } = setUp();
    pushDevices.devices.push(testDevice());
    const first = await runNode(pushRegistration, { ...given, config, nodeTypes: ['AuthenticatorPush'] });
    pushMessages.statusNow = approved;
    expect((await first.again()).transient.recoveryCodes).toHaveLength(10);
  });
});

describe('a poll that ends the journey in error', () => {
  const poll = async (change: (it: ReturnType<typeof setUp>) => void, state: Record<string, unknown> = {}) => {
    const it = setUp();
    const { callbacks } = await runNode(pushRegistration, it.given);
    change(it);
    const kept = { username: 'demo', pushMessageId: REGISTER_ID, pushDeviceProfile: 'x', ...state };
    return runNode(pushRegistration, { ports: it.ports, sent: callbacks, state: kept });
  };

  test.each([
    ['Unable to find push message ID', { pushMessageId: undefined }],
    ['No device profile found on shared state', { pushDeviceProfile: undefined }],
    [
      'The push message corresponds to AUTHENTICATE message type which is not registered in the / realm',
      { pushMessageId: 'AUTHENTICATE:1' },
    ],
    [
      'The push message corresponds to OTHER message type which is not registered in the / realm',
      { pushMessageId: 'OTHER:1' },
    ],
  ])('%s', async (text, state) => {
    await expect(poll(() => undefined, state)).rejects.toMatchObject({ message: text });
  });

  test('Could not get messageId', async () => {
    const run = poll(({ pushMessages }) => {
      pushMessages.service = false;
    });
    await expect(run).rejects.toMatchObject({ message: 'Could not get messageId' });
  });

  test.each([
    ['status', 'An unexpected error occurred while verifying the push result'],
    ['registrationUri', 'Unable initialise push notification service.'],
  ])('where %s fails', async (method, text) => {
    const run = poll(
      ({ pushMessages }) => {
        pushMessages.failing = { method, error: new Error('disk') };
      },
      { 'n1.registrationDeadline': Number.MAX_SAFE_INTEGER },
    );
    await expect(run).rejects.toMatchObject({ message: text });
  });

  test('Unrecognized push message status: lost', async () => {
    const run = poll(({ pushMessages }) => {
      pushMessages.statusNow = { status: 'lost' } as never;
    });
    await expect(run).rejects.toMatchObject({ message: 'Unrecognized push message status: lost' });
  });

  test('Unable to store device profile', async () => {
    const run = poll(({ pushMessages, pushDevices }) => {
      pushMessages.statusNow = approved;
      pushDevices.failing = { method: 'register', error: new Error('disk') };
    });
    await expect(run).rejects.toMatchObject({ message: 'Unable to store device profile' });
  });

  test('Failed to generate recovery codes', async () => {
    const run = poll(({ pushMessages, recoveryCodes }) => {
      pushMessages.statusNow = approved;
      recoveryCodes.failing = new Error('entropy');
    });
    await expect(run).rejects.toMatchObject({ message: 'Failed to generate recovery codes' });
  });
});

describe('a poll', () => {
  test('before any answer is the same step again and changes no state', async () => {
    const { clock, given } = setUp();
    const first = await runNode(pushRegistration, given);
    clock.advance(2_000);
    const again = await first.again();
    expect(again.action).toEqual(first.action);
    expect(again.shared).toEqual(first.shared);
  });

  test('times out by the clock, however often the client asks', async () => {
    const { clock, given, pushMessages, log } = setUp();
    let run = await runNode(pushRegistration, given);
    for (let polls = 0; polls < 60; polls += 1) run = await run.again();
    expect(run.action.kind).toBe('send');
    clock.advance(59_999);
    run = await run.again();
    expect(run.action.kind).toBe('send');
    clock.advance(1);
    run = await run.again();
    expect(run.action).toMatchObject({ kind: 'goTo', outcome: 'timeoutOutcome' });
    expect(Object.keys(run.state)).toEqual(['username']);
    expect(pushMessages.closed).toEqual([[REGISTER_ID, 'timeout']]);
    expect(messagesOf(log)).toEqual([`The push message with ID ${REGISTER_ID} has timed out`]);
  });

  test.each([
    ['a message that is gone', { status: 'expired' }, 'timeoutOutcome'],
    ['a refusal on the phone', { status: 'denied', reason: 'denied' }, 'failureOutcome'],
  ] as const)('%s leaves nothing of the pending device', async (_what, status, outcome) => {
    const { given, pushMessages, pushDevices } = setUp();
    const first = await runNode(pushRegistration, given);
    pushMessages.statusNow = status;
    const { action, state } = await first.again();
    expect(action).toMatchObject({ kind: 'goTo', outcome });
    for (const name of PENDING_KEYS) expect(state).not.toHaveProperty([name]);
    expect(pushDevices.registered).toEqual([]);
  });

  test('takes a refusal once', async () => {
    const { given, pushMessages } = setUp();
    const first = await runNode(pushRegistration, given);
    pushMessages.statusNow = { status: 'denied', reason: 'denied' };
    await first.again();
    expect(pushMessages.consumed).toEqual([[REGISTER_ID, 'denied']]);
  });

  test('whose message has no address any more times out', async () => {
    const { given, pushMessages } = setUp();
    const first = await runNode(pushRegistration, given);
    pushMessages.uri = undefined;
    expect((await first.again()).action).toMatchObject({ outcome: 'timeoutOutcome' });
  });

  test.each([
    ['the limit of devices', (it: ReturnType<typeof setUp>) => (it.pushDevices.registration = { status: 'limit' })],
    [
      'a profile that is not valid',
      (it: ReturnType<typeof setUp>) => (it.pushDevices.registration = { status: 'invalid' }),
    ],
    [
      'an answer without contents',
      (it: ReturnType<typeof setUp>) => (it.pushMessages.statusNow = { status: 'approved' }),
    ],
    ['a device that appeared meanwhile', (it: ReturnType<typeof setUp>) => it.pushDevices.devices.push(testDevice())],
  ])('%s is a Failure, with the documented words in the log', async (_what, change) => {
    const it = setUp();
    const first = await runNode(pushRegistration, it.given);
    it.pushMessages.statusNow = approved;
    change(it);
    const { action, state } = await first.again();
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'failureOutcome' });
    expect(messagesOf(it.log)).toEqual(['Failed to save device to user profile']);
    expect(it.pushMessages.closed).toEqual([[REGISTER_ID, 'cleanup']]);
    expect(Object.keys(state)).toEqual(['username']);
  });

  test('stores the phone and shows ten codes to whoever displays them', async () => {
    const { given, pushMessages, pushDevices } = setUp();
    const first = await runNode(pushRegistration, { ...given, config: { issuer: 'Acme' } });
    pushMessages.statusNow = approved;
    const { action, shared, transient } = await first.again();
    expect(action).toMatchObject({ kind: 'goTo', outcome: 'successOutcome' });
    expect(pushDevices.registered).toEqual([{ issuer: 'Acme', messageId: REGISTER_ID }]);
    expect(shared).toEqual({ username: 'demo' });
    expect(transient).toMatchObject({ recoveryCodes: expect.any(Array), recoveryCodeDeviceName: 'Pixel 8' });
  });

  test('makes no codes where the settings want none', async () => {
    const { given, pushMessages, recoveryCodes } = setUp();
    const first = await runNode(pushRegistration, { ...given, config: { generateRecoveryCodes: false } });
    pushMessages.statusNow = approved;
    const { state } = await first.again();
    expect(Object.keys(state)).toEqual(['username']);
    expect(recoveryCodes.codes.size).toBe(0);
  });
});
