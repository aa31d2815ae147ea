import { JourneyError } from '@assent/engine';
import { fakeRequest, memoryIdentities, memoryLog, runNode, type TestUsers, testUserId } from '@assent/engine/testing';
import type { SkipSetting } from '@assent/factors';
import type { PushRequestResult } from '@assent/push';
import { describe, expect, test, vi } from 'vitest';
import { passkeySetUp } from '../testing/passkey-set-up.ts';
import {
  AUTHENTICATE_ID,
  MemoryBoundDevices,
  MemoryDevices,
  MemoryMessages,
  MemoryOathDevices,
  memorySkipSettings,
  secondFactorsAmong,
  testBoundDevice,
  testDevice,
  testOathDevice,
} from '../testing/push-doubles.ts';
import { pushSender } from './push-sender.node.ts';

const setUp = (
  { skip = 'NOT_SET', users = { demo: {} } }: { skip?: SkipSetting; users?: TestUsers } = {},
  ...devices: ReturnType<typeof testDevice>[]
) => {
  const pushDevices = new MemoryDevices(...devices);
  const pushMessages = new MemoryMessages();
  const log = memoryLog();
  const passkeys = passkeySetUp();
  const oathDevices = new MemoryOathDevices();
  const boundDevices = new MemoryBoundDevices();
  const ports = {
    identities: memoryIdentities(users),
    pushDevices,
    pushMessages,
    skipSettings: memorySkipSettings(pushDevices, skip),
    passkeys: passkeys.ports.passkeys,
    secondFactors: secondFactorsAmong(pushDevices, oathDevices, passkeys.ports.passkeys, boundDevices),
  };
  const given = { ports, log, state: { username: 'demo' } };
  return { pushDevices, pushMessages, passkeys, oathDevices, boundDevices, log, ports, given };
};
const withPhone = (options: Parameters<typeof setUp>[0] = {}) => setUp(options, testDevice());
const captureFailure = { captureFailure: true };
const wordsOf = ({ lines }: ReturnType<typeof memoryLog>) => lines.map(({ msg }) => msg);

test.each([
  ['messageTimeout', 0],
  ['pushType', 'OTHER'],
  ['userMessage', { nowhere_xx: 'x' }],
])('settings refuse %s %j', async (name, value) => {
  await expect(runNode(pushSender, { ...withPhone().given, config: { [name]: value } })).rejects.toThrow(name);
});

const NO_USER = 'Expected username to be set.';
const USED = 'Message ID is already set! Must finish one push authentication before starting a new one.';
const CTS = 'Unable to persist message token in core token service.';
const TRANSMISSION = 'AuthenticatorPush :: sendMessage() : Failed to transmit message through PushService.';

const failures: [string, string, string, (it: ReturnType<typeof setUp>) => Record<string, unknown> | undefined][] = [
  ['no user name', 'MISSING_USERNAME', NO_USER, () => ({})],
  ['a blank user name', 'MISSING_USERNAME', NO_USER, () => ({ username: ' ' })],
  ['a request under way', 'SENDER_ALREADY_USED', USED, () => ({ username: 'demo', pushMessageId: AUTHENTICATE_ID })],
  [
    'devices that cannot be read',
    'TRANSMISSION_FAILURE',
    TRANSMISSION,
    (it) => {
      it.pushDevices.failing = { method: 'ofUser', error: new Error('disk') };
      return undefined;
    },
  ],
  [
    'a store that fails',
    'CTS_ERROR',
    CTS,
    (it) => {
      it.pushMessages.failing = { method: 'send', error: new Error('disk') };
      return undefined;
    },
  ],
  ...(
    [
      [{ status: 'refused', cause: 'EndpointDisabled' }, 'a provider that refuses'],
      [{ status: 'payloadTooLarge' }, 'a payload over the limit'],
      [{ status: 'serviceMissing' }, 'a realm without push service'],
    ] satisfies [PushRequestResult, string][]
  ).map(([result, what]): (typeof failures)[number] => [
    what,
    'TRANSMISSION_FAILURE',
    TRANSMISSION,
    (it) => {
      it.pushMessages.result = result;
      return undefined;
    },
  ]),
];

describe.each(failures)('%s', (_what, reason, text, arrange) => {
  test('ends the journey with the documented text', async () => {
    const it = withPhone();
    const state = arrange(it) ?? it.given.state;
    await expect(runNode(pushSender, { ...it.given, state })).rejects.toMatchObject({ message: text });
  });

  test(`is Failure with reason ${reason} where failures are captured`, async () => {
    const it = withPhone();
    const state = arrange(it) ?? it.given.state;
    const { action, shared } = await runNode(pushSender, { ...it.given, state, config: captureFailure });
    expect(action).toEqual({ kind: 'goTo', outcome: 'FAILURE', detail: { reason } });
    expect(shared.PushAuthFailureReason).toBe(reason);
    expect(it.log.lines.length).toBeGreaterThan(0);
  });
});

test.each([
  [{}, 'No username specified for push notification sender'],
  [
    { username: 'demo', pushMessageId: 'x' },
    'Push notification sender has already been used (key already set in shared state)',
  ],
])('the log has its own words for state %j', async (state, words) => {
  const it = withPhone();
  await runNode(pushSender, { ...it.given, state, config: captureFailure });
  expect(wordsOf(it.log)).toEqual([words]);
});

test('the log says that the payload was too large', async () => {
  const large = withPhone();
  large.pushMessages.result = { status: 'payloadTooLarge' };
  await runNode(pushSender, { ...large.given, config: captureFailure });
  expect(wordsOf(large.log)).toEqual(['Payload data exceed maximum accepted size', TRANSMISSION]);
});

test('an overloaded server is no failure to capture', async () => {
  const it = withPhone();
  const overloaded = new JourneyError('OVERLOADED', { retryAfterSeconds: 1 });
  it.pushMessages.failing = { method: 'send', error: overloaded };
  await expect(runNode(pushSender, { ...it.given, config: captureFailure })).rejects.toBe(overloaded);
});

describe('whether a request is sent', () => {
  test.each([
    [false, 'SKIPPABLE', false, 'SKIPPED'],
    [false, 'NOT_SET', false, 'NOT_REGISTERED'],
    [false, 'NOT_SKIPPABLE', false, 'NOT_REGISTERED'],
    [true, 'SKIPPABLE', false, 'NOT_REGISTERED'],
    // A stored device counts as NOT_SKIPPABLE, whatever the attribute says (design.md decision 7; walk T).
    [false, 'NOT_SET', true, 'SENT'],
    [false, 'SKIPPABLE', true, 'SENT'],
    [false, 'NOT_SKIPPABLE', true, 'SENT'],
    [true, 'SKIPPABLE', true, 'SENT'],
  ] as const)('mandatory %s, setting %s, device %s: %s', async (mandatory, skip, hasDevice, outcome) => {
    const it = hasDevice ? withPhone({ skip }) : setUp({ skip });
    const { action, shared } = await runNode(pushSender, { ...it.given, config: { mandatory } });
    expect(action).toMatchObject({ kind: 'goTo', outcome });
    expect(it.pushMessages.sent).toHaveLength(outcome === 'SENT' ? 1 : 0);
    expect(shared.mfaMethod).toBe(outcome === 'NOT_REGISTERED' ? 'push' : undefined);
  });

  test('outcomes appear with the settings that make them', () => {
    const outcomes = (config: object) => Object.keys(pushSender.outcomesOf(pushSender.config.parse(config), []));
    expect(outcomes({})).toEqual(['SENT', 'NOT_REGISTERED', 'SKIPPED']);
    expect(outcomes({ mandatory: true, captureFailure: true })).toEqual(['SENT', 'NOT_REGISTERED', 'FAILURE']);
    expect(outcomes({ passkeyAtRisk: true })).toEqual(['SENT', 'NOT_REGISTERED', 'SKIPPED', 'PASSKEY']);
  });
});

describe('considers all factors (SEC-88)', () => {
  const considersAllFactors = true;
  const outcomeOf = async (it: ReturnType<typeof setUp>, config: object) => {
    const { action, shared } = await runNode(pushSender, { ...it.given, config });
    return [action.kind === 'goTo' ? action.outcome : action.kind, shared.mfaMethod];
  };

  test.each<[string, (it: ReturnType<typeof setUp>) => unknown]>([
    ['a code app', (it) => it.oathDevices.devices.push(testOathDevice())],
    ['a passkey', (it) => it.passkeys.add()],
    ['a bound device', (it) => it.boundDevices.devices.push(testBoundDevice())],
  ])('and does not skip for a user who opted out and has %s by now', async (_what, add) => {
    const it = setUp({ skip: 'SKIPPABLE' });
    await add(it);
    expect(await outcomeOf(it, { considersAllFactors })).toEqual(['NOT_REGISTERED', 'push']);
    // As in AM, where the setting is not on.
    expect(await outcomeOf(it, {})).toEqual(['SKIPPED', undefined]);
  });

  test('and skips for a user who opted out and has none', async () => {
    expect(await outcomeOf(setUp({ skip: 'SKIPPABLE' }), { considersAllFactors })).toEqual(['SKIPPED', undefined]);
  });

  test.each([
    ['a phone', withPhone({ skip: 'SKIPPABLE' })],
    ['no phone, and who has not opted out', setUp()],
  ])('and looks for none of another kind for a user with %s', async (_what, it) => {
    const looked = vi.spyOn(it.ports.secondFactors, 'any');
    await outcomeOf(it, { considersAllFactors });
    expect(looked).not.toHaveBeenCalled();
  });

  test('in a new node, and not in an import', () => {
    expect(pushSender.template).toMatchObject({ considersAllFactors });
    expect(pushSender.config.parse({})).toMatchObject({ considersAllFactors: false });
  });
});

describe('at risk (spec: webauthn §10.5)', () => {
  const atRisk = async ({
    hasPasskey = true,
    risk = true,
    passkeyAtRisk = true,
    identified = testUserId('demo'),
  } = {}) => {
    const it = withPhone();
    it.pushMessages.atRisk = risk;
    if (hasPasskey) await it.passkeys.add();
    const given = { ...it.given, config: { passkeyAtRisk }, ...(identified !== '' && { identified }) };
    const { action, shared } = await runNode(pushSender, given);
    return {
      outcome: action.kind === 'goTo' ? action.outcome : action.kind,
      sent: it.pushMessages.sent.length,
      shared,
    };
  };

  test('whoever has a passkey is asked for it, and no phone rings', async () => {
    expect(await atRisk()).toEqual({ outcome: 'PASSKEY', sent: 0, shared: { username: 'demo' } });
  });

  test.each([
    ['there is no passkey', { hasPasskey: false }],
    ['there is no risk', { risk: false }],
    ['the author has not asked for it', { passkeyAtRisk: false }],
    ['nobody has proved to be the user, whom it would tell what they have', { identified: '' }],
    ['somebody else has', { identified: testUserId('other') }],
  ])('the phone is asked where %s', async (_what, given) => {
    expect(await atRisk(given)).toMatchObject({ outcome: 'SENT', sent: 1 });
  });

  test('what cannot be read is a failure to send', async () => {
    const it = withPhone();
    it.pushMessages.failing = { method: 'isAtRisk', error: new Error('disk') };
    const given = { ...it.given, identified: testUserId('demo') };
    const config = { passkeyAtRisk: true, captureFailure: true };
    expect((await runNode(pushSender, { ...given, config })).action).toMatchObject({ outcome: 'FAILURE' });
    await expect(runNode(pushSender, { ...given, config: { passkeyAtRisk: true } })).rejects.toThrow(TRANSMISSION);
  });
});

describe('a request', () => {
  const sentWith = async (given: Partial<Parameters<typeof runNode<typeof pushSender>>[1]>) => {
    const it = withPhone();
    const run = await runNode(pushSender, { ...it.given, ...given });
    return { run, it, options: it.pushMessages.sent[0] };
  };

  test('by default goes to all phones, with our text and without context', async () => {
    const it = setUp({}, testDevice(), testDevice({ uuid: 'device-2' }));
    await runNode(pushSender, it.given);
    expect(it.pushMessages.sent).toEqual([
      {
        identity: expect.objectContaining({ username: 'demo' }),
        devices: it.pushDevices.devices,
        text: 'Is this you? {{user}} is signing in to {{issuer}}.',
        namelessText: 'Is this you? Somebody is signing in to {{issuer}}.',
        user: 'demo',
        pushType: 'DEFAULT',
        timeoutMillis: 120_000,
        payload: {},
        toAnybody: false,
        waitForProvider: false,
      },
    ]);
  });

  test('is for the user that the identity names, and shows the name that was typed', async () => {
    const { options } = await sentWith({ state: { username: 'DEMO' } });
    expect(options).toMatchObject({ user: 'DEMO', identity: { username: 'demo' } });
  });

  test.each([
    [{ messageTimeout: 30_000 }, { timeoutMillis: 30_000 }],
    [{ pushType: 'BIOMETRIC' }, { pushType: 'BIOMETRIC' }],
    [{ captureFailure: true }, { waitForProvider: true }],
    [{ userMessage: { de: 'Bist du das, {{user}}?' } }, { text: 'Bist du das, {{user}}?' }],
  ] as const)('with settings %j carries %j', async (config, expected) => {
    const { options } = await sentWith({ config, request: fakeRequest({ locales: ['de'] }) });
    expect(options).toMatchObject(expected);
  });

  test('has our text where the author’s map has no match (spec: nodes-mfa §2.3, style C)', async () => {
    const { options } = await sentWith({ config: { userMessage: { de: 'Hallo' } } });
    expect(options?.text).toBe('Is this you? {{user}} is signing in to {{issuer}}.');
  });

  test('carries the attributes that are in state, and no others', async () => {
    const { options } = await sentWith({
      config: { customPayload: ['amount', 'gone'] },
      state: { username: 'demo', amount: { sum: 5 }, other: 1 },
    });
    expect(options?.payload).toEqual({ amount: { sum: 5 } });
  });

  const request = fakeRequest({ headers: { 'user-agent': 'Firefox' }, clientAddress: '198.51.100.4' });
  test.each([
    [{ location: { latitude: 48.1, longitude: 11.5 } }, { latitude: 48.1, longitude: 11.5 }],
    [{ location: {} }, undefined],
    [{ location: { latitude: '48', longitude: '11' } }, undefined],
    [{ location: { latitude: 91, longitude: 0 } }, undefined],
    [{ location: { latitude: Number.NaN, longitude: 0 } }, undefined],
    [{ identifier: 'x' }, undefined],
    [undefined, undefined],
  ])('shares context of profile %j', async (profile, location) => {
    const state = { username: 'demo', ...(profile && { 'forgeRock.device.profile': profile }) };
    const { options } = await sentWith({ config: { contextInfo: true }, state, request });
    expect(options?.context).toEqual({
      remoteIp: '198.51.100.4',
      userAgent: 'Firefox',
      ...(location && { location }),
    });
  });

  test('leaves out a browser name that was not sent', async () => {
    const { options } = await sentWith({ config: { contextInfo: true } });
    expect(options?.context).toEqual({ remoteIp: '192.0.2.7' });
  });

  test('leaves what wait and verifier need in state', async () => {
    const { run } = await sentWith({ config: { messageTimeout: 30_000 } });
    expect(run.shared).toEqual({
      username: 'demo',
      pushMessageId: AUTHENTICATE_ID,
      t: 30_000,
      pushMechanismUid: 'mechanism-1',
      pushMessageExpiration: 1_000_000,
    });
  });

  test('leaves the number to show, and how it is given', async () => {
    const it = withPhone();
    it.pushMessages.result = {
      ...(it.pushMessages.result as object),
      number: '482915',
      numberIs: 'typed',
    } as PushRequestResult;
    const { shared } = await runNode(pushSender, { ...it.given, config: { pushType: 'CHALLENGE' } });
    expect(shared).toMatchObject({ pushNumberChallengeKey: '482915', pushNumberIs: 'typed' });
  });

  test('takes away the number of an earlier request when it has none', async () => {
    const state = { username: 'demo', pushNumberChallengeKey: '42', pushNumberIs: 'tapped' };
    const { run } = await sentWith({ state });
    expect(run.shared).not.toHaveProperty('pushNumberChallengeKey');
    expect(run.shared).not.toHaveProperty('pushNumberIs');
  });
});

test('our own templates ask for a number', () => {
  expect(pushSender.template).toMatchObject({ pushType: 'CHALLENGE' });
});

test('a name that is nobody’s goes along with a user without a phone, where the author tells them apart (A7, SEC-59)', async () => {
  const it = setUp();
  const { action } = await runNode(pushSender, { ...it.given, state: { username: 'nobody' } });
  expect(action).toMatchObject({ kind: 'goTo', outcome: 'NOT_REGISTERED' });
});
