import { type NodeResult, runNode } from '@assent/engine/testing';
import type { MessageStatus } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { disk, type OathSetUp, oathSetUp } from '../testing/oath-set-up.ts';
import { AUTHENTICATE_ID, REGISTER_ID, TEST_CLAIMS, testDevice } from '../testing/push-doubles.ts';
import { combinedMultiFactorRegistration } from './combined-multi-factor-registration.node.ts';
import { pushRegistration } from './push-registration.node.ts';

const config = { verifyAfterRegister: true };
const NUMBER = '483201';

/** Both nodes that register a phone prove it in the same way (SEC-05). */
const nodes: readonly (readonly [
  type: string,
  show: (
    it: OathSetUp,
    settings?: { readonly timeout?: number; readonly generateRecoveryCodes?: boolean },
  ) => Promise<NodeResult>,
])[] = [
  [
    pushRegistration.type,
    ({ ports: { oathDevices: _none, ...ports }, ...it }, settings) =>
      runNode(pushRegistration, { ...it, ports, config: { ...config, ...settings } }),
  ],
  [
    combinedMultiFactorRegistration.type,
    (it, settings) => runNode(combinedMultiFactorRegistration, { ...it, config: { ...config, ...settings } }),
  ],
];

const setUp = (numberIs: 'typed' | 'tapped' = 'typed'): OathSetUp => {
  const it = oathSetUp();
  const { pushMessages } = it.ports;
  pushMessages.result = {
    status: 'sent',
    messageId: AUTHENTICATE_ID,
    mechanismUid: 'mechanism-1',
    expiresAt: it.ports.clock.now() + 60_000,
    number: NUMBER,
    numberIs,
  };
  return it;
};

const answers = ({ ports }: OathSetUp, status: MessageStatus) => {
  ports.pushMessages.statusNow = status;
};
const registered: MessageStatus = { status: 'approved', claims: TEST_CLAIMS };
const proven: MessageStatus = { status: 'approved', number: Number(NUMBER) };

/** A key of the pending phone that is still in state. */
const PENDING = /^(push|oath|n1\.)/;
const leftIn = ({ state }: NodeResult) => Object.keys(state).filter((name) => PENDING.test(name));

describe.each(nodes)('%s that verifies after it registers', (type, show) => {
  /** Up to the step that shows the number. */
  const ask = async (it: OathSetUp, settings?: Parameters<typeof show>[1]) => {
    const code = await show(it, settings);
    answers(it, registered);
    const asked = await code.again();
    answers(it, { status: 'pending' });
    return asked;
  };
  const nothingStored = ({ ports }: OathSetUp) => {
    expect(ports.pushDevices.confirmed).toEqual([]);
    expect(ports.oathDevices.devices).toEqual([]);
    expect(ports.recoveryCodes.codes.size).toBe(0);
  };

  test.each([
    ['typed', 'On your phone, type 483201.'],
    ['tapped', 'On your phone, choose 483201.'],
  ] as const)('shows the number that is %s, as Push Wait does, with a way out', async (numberIs, message) => {
    const { callbacks } = await ask(setUp(numberIs));
    expect(callbacks).toMatchObject([
      { type: 'PollingWaitCallback', output: { waitTime: 2000, message } },
      { type: 'HiddenValueCallback', output: { value: NUMBER, id: 'pushChallengeNumber' } },
      { type: 'ConfirmationCallback', output: { options: ['Cancel'] } },
    ]);
  });

  test('stores the phone unproven and asks it alone, for what is left of the time', async () => {
    const it = setUp();
    const { ports } = it;
    const code = await show(it, { timeout: 90 });
    ports.clock.advance(30_000);
    answers(it, registered);
    await code.again();
    const issuer = 'ForgeRock';
    const proveBy = ports.clock.now() + 60_000;
    expect(ports.pushDevices.registered).toEqual([{ issuer, messageId: REGISTER_ID, proveBy }]);
    expect(ports.pushMessages.sent).toMatchObject([
      {
        devices: [testDevice()],
        text: 'Connect this phone? {{user}} is setting it up for {{issuer}}.',
        user: 'demo',
        pushType: 'CHALLENGE',
        timeoutMillis: 60_000,
        payload: {},
      },
    ]);
    nothingStored(it);
  });

  test('keeps the number and the request in state, and nothing of the code', async () => {
    const { shared } = await ask(setUp());
    expect(shared).toMatchObject({
      pushMessageId: AUTHENTICATE_ID,
      pushNumberChallengeKey: NUMBER,
      pushNumberIs: 'typed',
    });
    expect(shared).not.toHaveProperty('pushDeviceProfile');
    expect(shared).not.toHaveProperty('pushChallengeKey');
  });

  test('shows the same step again until the phone has answered, and changes no state', async () => {
    const it = setUp();
    const asked = await ask(it);
    it.ports.clock.advance(2_000);
    const again = await asked.again();
    expect(again.action).toEqual(asked.action);
    expect(again.shared).toEqual(asked.shared);
    expect(it.ports.pushMessages.sent).toHaveLength(1);
  });

  test('goes to Success with a proof, and stores what belongs to it then', async () => {
    const it = setUp();
    const asked = await ask(it);
    answers(it, proven);
    const done = await asked.again();
    expect(done.action).toMatchObject({ outcome: 'successOutcome' });
    expect(it.ports.pushDevices.confirmed).toEqual([AUTHENTICATE_ID]);
    expect(it.ports.pushMessages.consumed).toEqual([[AUTHENTICATE_ID, 'approved']]);
    expect(it.ports.pushDevices.discards).toBe(0);
    expect(it.ports.oathDevices.devices).toHaveLength(type === pushRegistration.type ? 0 : 1);
    expect(done.transient).toMatchObject({ recoveryCodes: { length: 10 }, recoveryCodeDeviceName: 'Pixel 8' });
    expect(leftIn(done)).toEqual([]);
  });

  test('makes no codes with the proof where the settings want none', async () => {
    const it = setUp();
    const asked = await ask(it, { generateRecoveryCodes: false });
    answers(it, proven);
    const done = await asked.again();
    expect(done.action).toMatchObject({ outcome: 'successOutcome' });
    expect(done.transient).not.toHaveProperty('recoveryCodes');
  });

  test.each<[string, MessageStatus]>([
    ['says no', { status: 'denied', reason: 'denied' }],
    ['gives another number', { status: 'denied', reason: 'number' }],
  ])('goes to Failure when the phone %s, and forgets it', async (_what, status) => {
    const it = setUp();
    const asked = await ask(it);
    answers(it, status);
    const done = await asked.again();
    expect(done.action).toMatchObject({ outcome: 'failureOutcome', detail: { reason: expect.any(String) } });
    expect(it.ports.pushMessages.consumed).toEqual([[AUTHENTICATE_ID, 'denied']]);
    expect(it.ports.pushDevices.discards).toBe(1);
    expect(leftIn(done)).toEqual([]);
    nothingStored(it);
  });

  test('goes to Time Out when the request has run out, and forgets the phone', async () => {
    const it = setUp();
    const asked = await ask(it);
    answers(it, { status: 'expired' });
    const done = await asked.again();
    expect(done.action).toMatchObject({ outcome: 'timeoutOutcome' });
    expect(it.ports.pushMessages.closed).toEqual([[AUTHENTICATE_ID, 'timeout']]);
    expect(it.ports.pushDevices.discards).toBe(1);
    expect(leftIn(done)).toEqual([]);
    nothingStored(it);
  });

  test('goes to Time Out when the phone was just in time for the code, and none is left for its proof', async () => {
    const it = setUp();
    const code = await show(it);
    it.ports.clock.advance(60_000);
    answers(it, registered);
    const done = await code.again();
    expect(done.action).toMatchObject({ outcome: 'timeoutOutcome' });
    expect(it.ports.pushMessages.sent).toEqual([]);
    expect(leftIn(done)).toEqual([]);
    nothingStored(it);
  });

  test('goes to Failure when the user cancels, also where the phone has just said yes', async () => {
    const it = setUp();
    const asked = await ask(it);
    answers(it, proven);
    const done = await asked.again([undefined, undefined, 0]);
    expect(done.action).toMatchObject({ outcome: 'failureOutcome', detail: { reason: 'exit' } });
    expect(it.ports.pushMessages.closed).toEqual([[AUTHENTICATE_ID, 'exit']]);
    expect(it.ports.pushDevices.discards).toBe(1);
    expect(leftIn(done)).toEqual([]);
    nothingStored(it);
  });

  test.each<[string, (it: OathSetUp) => unknown]>([
    ['the user got a device meanwhile', ({ ports }) => ports.pushDevices.devices.push(testDevice())],
    ['the pending phone is gone', ({ ports }) => (ports.pushDevices.confirmation = { status: 'invalid' })],
  ])('goes to Failure with a proof when %s', async (_when, change) => {
    const it = setUp();
    const asked = await ask(it);
    answers(it, proven);
    change(it);
    const done = await asked.again();
    expect(done.action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.log.lines).toMatchObject([{ msg: 'Failed to save device to user profile' }]);
    expect(it.ports.pushMessages.closed).toEqual([[AUTHENTICATE_ID, 'cleanup']]);
    expect(it.ports.pushDevices.discards).toBe(1);
    expect(it.ports.oathDevices.devices).toEqual([]);
    expect(leftIn(done)).toEqual([]);
  });

  test('goes to Failure when the user has as many devices as are allowed, and asks nobody', async () => {
    const it = setUp();
    it.ports.pushDevices.registration = { status: 'limit' };
    const code = await show(it);
    answers(it, registered);
    expect((await code.again()).action).toMatchObject({ outcome: 'failureOutcome' });
    expect(it.ports.pushMessages.sent).toEqual([]);
  });

  test('forgets the phone that is pending when the node is visited anew', async () => {
    const it = setUp();
    const asked = await ask(it);
    const { action } = await show({ ...it, state: asked.state });
    expect(action.kind).toBe('send');
    expect(it.ports.pushMessages.closed).toEqual([[AUTHENTICATE_ID, 'cleanup']]);
    expect(it.ports.pushDevices.discards).toBe(1);
  });

  test.each<[string, (it: OathSetUp) => unknown]>([
    ['Unable to persist token in core token service.', ({ ports }) => (ports.pushMessages.failing = disk('send'))],
    [
      'Unable to read service addresses for Push Notification Service.',
      ({ ports }) => (ports.pushMessages.result = { status: 'serviceMissing' }),
    ],
    ['Unable to store device profile', ({ ports }) => (ports.pushDevices.failing = disk('register'))],
  ])('fails when the request cannot be sent: %s', async (message, change) => {
    const it = setUp();
    const code = await show(it);
    answers(it, registered);
    change(it);
    await expect(code.again()).rejects.toMatchObject({ message });
  });

  test.each<[string, (it: OathSetUp) => unknown]>([
    ['Could not get messageId', ({ ports }) => (ports.pushMessages.service = false)],
    [
      'An unexpected error occurred while verifying the push result',
      ({ ports }) => (ports.pushMessages.failing = disk('status')),
    ],
    ['Unable to store device profile', ({ ports }) => (ports.pushDevices.failing = disk('confirm'))],
    ['Failed to generate recovery codes', ({ ports }) => (ports.recoveryCodes.failing = new Error('entropy'))],
  ])('fails with a proof: %s', async (message, change) => {
    const it = setUp();
    const asked = await ask(it);
    answers(it, proven);
    change(it);
    await expect(asked.again()).rejects.toMatchObject({ message });
  });

  test('fails when the number is lost from state', async () => {
    const it = setUp();
    const { pushMessages } = it.ports;
    if (pushMessages.result.status !== 'sent') throw new Error(pushMessages.result.status);
    const { number: _lost, ...result } = pushMessages.result;
    pushMessages.result = result;
    await expect(ask(it)).rejects.toMatchObject({ message: 'Unable to find push message ID' });
  });
});

test('a second phone is proven too before it counts, and leaves the codes that are there', async () => {
  const {
    ports: { oathDevices: _none, ...ports },
    ...it
  } = setUp();
  ports.pushDevices.devices.push(testDevice());
  ports.recoveryCodes.codes.add('kept');
  const given = { ...it, ports, config: { ...config, registerAnother: true }, nodeTypes: ['AuthenticatorPush'] };
  const code = await runNode(pushRegistration, given);
  ports.pushMessages.statusNow = registered;
  const asked = await code.again();
  expect(ports.pushMessages.sent).toHaveLength(1);
  ports.pushMessages.statusNow = proven;
  const { action } = await asked.again();
  expect(action).toMatchObject({ outcome: 'successOutcome' });
  expect(ports.pushDevices.confirmed).toEqual([AUTHENTICATE_ID]);
  expect([...ports.recoveryCodes.codes]).toEqual(['kept']);
});

test('without the setting a request of another node is no proof', async () => {
  const {
    ports: { oathDevices: _none, ...ports },
    ...it
  } = setUp();
  const code = await runNode(pushRegistration, { ...it, ports });
  ports.pushMessages.statusNow = proven;
  const state = { ...code.state, pushMessageId: AUTHENTICATE_ID };
  const run = runNode(pushRegistration, { ...it, ports, sent: code.callbacks, state });
  await expect(run).rejects.toThrow('The push message corresponds to AUTHENTICATE message type');
});

test.each([pushRegistration, combinedMultiFactorRegistration])(
  'a new $type in the designer verifies; one that was imported without the setting does not',
  ({ template, spec }) => {
    expect(template).toMatchObject({ verifyAfterRegister: true });
    expect(spec.config.parse({})).toMatchObject({ verifyAfterRegister: false });
  },
);
