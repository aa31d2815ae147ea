import { clock as clockPort, identities, passwords, throttle } from '@assent/engine';
import { Bindings, FAILURE, SUCCESS } from '@assent/engine/host';
import {
  journeyHarness,
  memoryIdentities,
  memoryPasswords,
  memoryThrottle,
  simulatedClock,
  storedJourney,
  type TestTree,
  testUserId,
} from '@assent/engine/testing';
import { oathDevices, passkeys, recoveryCodes, secondFactors, skipSettings } from '@assent/factors';
import { pushDevices, pushMessages } from '@assent/push';
import { describe, expect, test } from 'vitest';
import { nodeCatalogue } from './catalogue.ts';
import { passkeySetUp } from './testing/passkey-set-up.ts';
import {
  MemoryCodes,
  MemoryDevices,
  MemoryMessages,
  MemoryOathDevices,
  memorySkipSettings,
  secondFactorsAmong,
  TEST_CLAIMS,
  testDevice,
} from './testing/push-doubles.ts';

// The nodes together, by the engine's rules: what is stored when, and what outlives a round trip (spec: nodes-mfa §7.1).

const tree: TestTree = {
  entry: 'page',
  nodes: {
    page: {
      type: 'PageNode',
      config: {
        nodes: [
          { _id: 'name', nodeType: 'UsernameCollectorNode', displayName: '' },
          { _id: 'password', nodeType: 'PasswordCollectorNode', displayName: '' },
        ],
      },
      to: { outcome: 'check' },
    },
    check: { type: 'DataStoreDecisionNode', to: { true: 'profile', false: FAILURE } },
    profile: { type: 'DeviceProfileCollectorNode', config: { deviceLocation: true }, to: { outcome: 'send' } },
    send: {
      type: 'PushAuthenticationSenderNode',
      config: { contextInfo: true },
      to: { SENT: 'wait', NOT_REGISTERED: 'options', SKIPPED: SUCCESS },
    },
    wait: { type: 'PushWaitNode', to: { DONE: 'verify', EXITED: 'code' } },
    verify: {
      type: 'PushResultVerifierNode',
      to: { TRUE: SUCCESS, FALSE: FAILURE, EXPIRED: 'send', WAITING: 'wait' },
    },
    options: {
      type: 'MultiFactorRegistrationOptionsNode',
      to: { registerOutcome: 'register', getAppOutcome: 'app', skipOutcome: SUCCESS, optOutOutcome: 'optOut' },
    },
    app: { type: 'GetAuthenticatorAppNode', to: { outcome: 'options' } },
    optOut: { type: 'OptOutMultiFactorAuthenticationNode', to: { outcome: SUCCESS } },
    register: {
      type: 'PushRegistrationNode',
      to: { successOutcome: 'notice', failureOutcome: FAILURE, timeoutOutcome: 'options' },
    },
    // Not in the example: an interactive node between the codes and their display must not lose them.
    notice: { type: 'GetAuthenticatorAppNode', to: { outcome: 'display' } },
    display: { type: 'RecoveryCodeDisplayNode', to: { outcome: 'send' } },
    code: {
      type: 'RecoveryCodeCollectorDecisionNode',
      config: { recoveryCodeType: 'PUSH' },
      to: { true: SUCCESS, false: 'retry' },
    },
    retry: { type: 'RetryLimitDecisionNode', config: { retryLimit: 2 }, to: { Retry: 'code', Reject: FAILURE } },
  },
  inside: { name: { type: 'UsernameCollectorNode' }, password: { type: 'PasswordCollectorNode' } },
};

const user = testUserId('demo');
const setUp = (...devices: ReturnType<typeof testDevice>[]) => {
  const clock = simulatedClock();
  const users = { demo: {} };
  const messages = new MemoryMessages();
  const phones = new MemoryDevices(...devices);
  const generators = new MemoryOathDevices();
  const codes = new MemoryCodes(`${user} push GOODCODE`);
  const skip = memorySkipSettings(phones);
  const guesses = memoryThrottle(clock);
  const nobodysPasskeys = passkeySetUp().ports.passkeys;
  const bindings = new Bindings()
    .bind(clockPort, () => clock)
    .bind(identities, () => memoryIdentities(users))
    .bind(passwords, () => memoryPasswords({ demo: 'right' }))
    .bind(throttle, () => guesses)
    .bind(pushMessages, () => messages)
    .bind(pushDevices, () => phones)
    .bind(oathDevices, () => generators)
    .bind(passkeys, () => nobodysPasskeys)
    .bind(recoveryCodes, () => codes)
    .bind(secondFactors, () => secondFactorsAmong(phones, generators))
    .bind(skipSettings, () => skip);
  const it = journeyHarness({ nodes: [...nodeCatalogue.values()], trees: { Login: tree }, users, bindings, clock });
  const storedOf = (id: string) => storedJourney(it.store.journeys.get(id));
  /** Up to the step after the device profile. */
  const signIn = async () => {
    const profile = await it.step(await it.begin(), 'demo', 'right');
    return it.step(profile, '{"identifier":"abc"}');
  };
  return { it, clock, messages, phones, codes, skip, storedOf, signIn };
};

describe('the first page', () => {
  test('is stored nowhere, and a step without answers leaves it so', async () => {
    const { it } = setUp();
    const first = await it.begin();
    const again = await it.step(first, '', '');
    expect(again).toEqual(first);
    expect(it.store.commits).toBe(0);
  });

  test('is stored once something was put in, without the password that was put in', async () => {
    const { it, storedOf } = setUp();
    const again = await it.step(await it.begin(), 'demo', '');
    expect(again.callbacks[0]?.input).toEqual({ '': 'demo' });
    await expect(it.step(again, undefined, 'right')).resolves.toMatchObject({
      callbacks: [{ type: 'DeviceProfileCallback' }],
    });
    expect(JSON.stringify(storedOf(again.reference.journeyId))).not.toContain('right');
  });

  test('with a wrong password is a failure', async () => {
    const { it } = setUp();
    await expect(it.answer(await it.begin(), 'demo', 'wrong')).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });
});

describe('a registered user (walks A to H)', () => {
  test('approves, and the wait ends at once (A)', async () => {
    const { it, clock, messages, signIn } = setUp(testDevice());
    const began = clock.now();
    const wait = await signIn();
    clock.advance(7_000);
    messages.statusNow = { status: 'approved', number: 42 };
    const answer = await it.answer(wait);
    expect(answer).toMatchObject({
      kind: 'success',
      created: {
        session: {
          username: 'demo',
          properties: {
            NodeType: 'AuthenticatorPush|',
            AuthFactors: `password@${began}|pushNumber@${began + 7_000}`,
            Journeys: `Login@${began + 7_000}`,
          },
        },
      },
    });
  });

  test('denies (B)', async () => {
    const { it, messages, signIn } = setUp(testDevice());
    const wait = await signIn();
    messages.statusNow = { status: 'denied', reason: 'denied' };
    await expect(it.answer(wait)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });

  test('does not answer: the same step, no write, also after the wait was over (C, E)', async () => {
    const { it, clock, signIn } = setUp(testDevice());
    const wait = await signIn();
    const { commits } = it.store;
    for (const millis of [1_000, 5_000, 5_000, 20_000]) {
      clock.advance(millis);
      await expect(it.step(wait)).resolves.toEqual(wait);
    }
    expect(it.store.commits).toBe(commits);
  });

  test('lets the request expire and gets a new one (D)', async () => {
    const { it, messages, signIn } = setUp(testDevice());
    const wait = await signIn();
    messages.statusNow = { status: 'expired' };
    const next = await it.step(wait);
    expect(next.callbacks).toMatchObject([{ type: 'PollingWaitCallback' }, { type: 'ConfirmationCallback' }]);
    expect(messages.sent).toHaveLength(2);
  });

  test('uses a recovery code instead, and the message is closed (F)', async () => {
    const { it, messages, signIn } = setUp(testDevice());
    const code = await it.step(await signIn(), undefined, 0);
    expect(messages.closed).toMatchObject([[expect.any(String), 'exit']]);
    await expect(it.answer(code, 'GOODCODE')).resolves.toMatchObject({
      kind: 'success',
      created: {
        session: {
          properties: {
            NodeType: 'AuthenticatorPushRegistration|',
            AuthFactors: expect.stringMatching(/^password@\d+\|recoveryCode@\d+$/),
          },
        },
      },
    });
  });

  test('gets three attempts at a code, empty ones not counted (G, H)', async () => {
    const { it, signIn } = setUp(testDevice());
    let code = await it.step(await signIn(), undefined, 0);
    code = await it.step(code, '');
    code = await it.step(code, 'WRONG');
    code = await it.step(code, 'WRONG');
    await expect(it.answer(code, 'WRONG')).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });
});

describe('a user without a device (walks I to N)', () => {
  test('registers, sees the codes once, and proves the phone (I)', async () => {
    const { it, clock, messages, phones, storedOf, signIn } = setUp();
    const setup = await it.step(await signIn(), undefined, 0);
    const { commits } = it.store;
    clock.advance(2_000);
    await expect(it.step(setup)).resolves.toEqual(setup);
    expect(it.store.commits).toBe(commits);

    messages.statusNow = { status: 'approved', claims: TEST_CLAIMS };
    const notice = await it.step(setup);
    const between = storedOf(notice.reference.journeyId);
    expect(Object.keys(between.secure ?? {})).toEqual(['recoveryCodes', 'recoveryCodeDeviceName']);
    expect(between.shared).not.toHaveProperty('recoveryCodes');

    const shown = await it.step(notice);
    expect(String(shown.callbacks[0]?.output.message)).toContain('// Recovery Codes');
    expect(storedOf(shown.reference.journeyId)).toMatchObject({ secure: {} });

    phones.devices.push(testDevice());
    messages.statusNow = { status: 'pending' };
    const wait = await it.step(shown);
    expect(JSON.stringify(storedOf(wait.reference.journeyId))).not.toContain('0ABCDEFGHJKMNPQ');
    messages.statusNow = { status: 'approved' };
    await expect(it.answer(wait)).resolves.toMatchObject({ kind: 'success' });
  });

  test('lets the code time out, and may begin anew (K)', async () => {
    const { it, clock, signIn } = setUp();
    const setup = await it.step(await signIn(), undefined, 0);
    clock.advance(60_000);
    const options = await it.step(setup);
    expect(options.callbacks[1]?.type).toBe('ConfirmationCallback');
    await expect(it.step(options, undefined, 0)).resolves.toMatchObject({ callbacks: { length: 4 } });
  });

  test('gets the app and comes back to the choice (L)', async () => {
    const { it, signIn } = setUp();
    const options = await signIn();
    const back = await it.step(await it.step(options, undefined, 1));
    expect(back.callbacks).toEqual(options.callbacks);
  });

  test('skips (M), or opts out (N)', async () => {
    const { it, skip, signIn } = setUp();
    await expect(it.answer(await signIn(), undefined, 2)).resolves.toMatchObject({ kind: 'success' });
    expect(skip.written).toEqual([]);
    await expect(it.answer(await signIn(), undefined, 3)).resolves.toMatchObject({ kind: 'success' });
    expect(skip.written).toEqual([['demo', 'push', 'SKIPPABLE']]);
  });
});
