import { passwordCallback } from '@assent/engine';
import {
  memoryIdentities,
  memoryThrottle,
  runNode,
  simulatedClock,
  TEST_START,
  testUserId,
} from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { oneTimePasswordCollectorDecision as node } from './one-time-password-collector-decision.node.ts';

const setUp = (config: { passwordExpiryTime?: number } = {}) => {
  const clock = simulatedClock();
  const throttle = memoryThrottle(clock);
  const ports = { clock, throttle, identities: memoryIdentities({ demo: {} }) };
  const state = { username: 'demo', oneTimePassword: '01234567', oneTimePasswordTimestamp: TEST_START / 1_000 };
  return { clock, throttle, given: { config, ports, state } };
};
const enter = async (code: string, it = setUp(), state: Record<string, unknown> = {}) =>
  (await runNode(node, { ...it.given, state: { ...it.given.state, ...state } })).again([code]);

test('settings refuse no time at all', async () => {
  await expect(runNode(node, setUp({ passwordExpiryTime: 0 }).given)).rejects.toThrow('passwordExpiryTime');
});

test('asks, and asks again for nothing, which is no guess', async () => {
  const it = setUp();
  const first = await runNode(node, it.given);
  expect(first.callbacks).toEqual([passwordCallback({ prompt: 'One Time Password' })]);
  expect((await first.again([''])).callbacks).toEqual(first.callbacks);
  expect(it.throttle.rows.size).toBe(0);
});

describe('is False', () => {
  test.each([
    ['another password', '11234567', {}],
    ['a part of it', '0123456', {}],
    ['it and more', '012345678', {}],
    ['the same number without its zero', '1234567', {}],
    ['anything where none was made', 'undefined', { oneTimePassword: undefined }],
    ['it where nobody knows its age', '01234567', { oneTimePasswordTimestamp: undefined }],
  ])('for %s, which stays good', async (_what, code, state) => {
    const it = setUp();
    const { action, state: after, audit } = await enter(code, it, state);
    expect(action).toEqual({ kind: 'goTo', outcome: 'false' });
    expect(audit).toEqual([{ event: 'AUTH_FAIL', detail: { outcome: 'oneTimePassword' } }]);
    expect(after.oneTimePassword).toBe({ ...it.given.state, ...state }.oneTimePassword);
    expect(it.throttle.rows.size).toBe(1);
  });

  test.each([
    [undefined, 5],
    [1, 1],
  ])('once it is too old (%s set)', async (passwordExpiryTime, minutes) => {
    const it = setUp(passwordExpiryTime === undefined ? {} : { passwordExpiryTime });
    it.clock.advance(minutes * 60_000 - 1);
    expect((await enter('01234567', it)).action).toMatchObject({ outcome: 'true' });
    it.clock.advance(1);
    expect((await enter('01234567', it)).action).toMatchObject({ outcome: 'false' });
  });
});

describe('a code that went to an address of the user (SEC-85)', () => {
  const place = (address: string, attribute = 'mail') => ({ attribute, address });
  const typed = async (
    attributes: Record<string, readonly string[]>,
    places: readonly ReturnType<typeof place>[] = [place('demo@example.org')],
    bySms?: readonly ReturnType<typeof place>[],
  ) => {
    const { given, throttle } = setUp();
    const user = testUserId('demo');
    const code = { code: '01234567', user, isOwn: true } as const;
    const sent = {
      ports: { ...given.ports, identities: memoryIdentities({ demo: attributes }) },
      sentCodes: [{ user, method: 'mailCode', code: '01234567' } as const],
      newestCodes: { mailCode: { ...code, places }, ...(bySms && { smsCode: { ...code, places: bySms } }) },
    };
    const { action, journey, audit } = await (await runNode(node, { ...given, ...sent })).again([' 01234567 ']);
    return { action, proven: journey.proven, bound: journey.bound, audit, guesses: throttle.rows.size };
  };
  const phone = [place('+49 1', 'telephoneNumber')];
  const refused = {
    action: { kind: 'goTo', outcome: 'false' },
    proven: [],
    bound: undefined,
    audit: [{ event: 'AUTH_FAIL', detail: { outcome: 'oneTimePassword' } }],
    guesses: 1,
  };

  test.each<[string, Parameters<typeof typed>]>([
    ['who has another by now', [{ mail: ['new@example.org'] }]],
    ['who has none by now', [{}]],
    ['who has it in another attribute alone', [{ second: ['demo@example.org'] }]],
    [
      'who has one of two by now',
      [{ mail: ['demo@example.org'] }, [place('demo@example.org'), place('old@example.org')]],
    ],
    ['whose phone is another by now', [{ mail: ['demo@example.org'], telephoneNumber: ['+49 2'] }, undefined, phone]],
  ])('%s is over, and proves nothing', async (_who, given) => {
    expect(await typed(...given)).toEqual(refused);
  });

  test.each<[string, Parameters<typeof typed>]>([
    ['who has it among others', [{ mail: ['new@example.org', 'Demo@example.org'] }]],
    ['who has both', [{ mail: ['demo@example.org'], telephoneNumber: ['+49 1'] }, undefined, phone]],
  ])('%s is right', async (_who, given) => {
    expect(await typed(...given)).toMatchObject({
      action: { outcome: 'true' },
      proven: [{ method: 'mailCode' }],
      bound: testUserId('demo'),
    });
  });
});

interface Noted {
  readonly user?: string;
  readonly method?: 'mailCode' | 'smsCode';
  readonly to?: string;
  readonly claim?: { readonly attribute: string; readonly value: string };
}

describe('guessing', () => {
  const locked = 'Too many wrong one-time passwords: they are refused for a while, and the journey ends.';

  test.each([[{}], [{ username: undefined }], [{ username: 'nobody' }]])(
    'the fifth wrong one ends it (%j)',
    async (state) => {
      const it = setUp();
      for (let guess = 1; guess < 5; guess += 1) await enter('0', it, state);
      await expect(enter('0', it, state)).rejects.toThrow(locked);
      await expect(enter('01234567', it, state)).rejects.toThrow(locked);
      it.clock.advance(900_000);
      expect(
        (await enter('01234567', it, { ...state, oneTimePasswordTimestamp: it.clock.now() / 1_000 })).action,
      ).toMatchObject({
        outcome: 'true',
      });
    },
  );

  const mailed = { user: testUserId('demo'), method: 'mailCode', code: '01234567' } as const;
  const ONE_MORE = 'the fifth wrong one';
  const afterRight = async (code: Noted | undefined, state: Record<string, unknown> = {}) => {
    const it = setUp();
    for (let guess = 1; guess < 5; guess += 1) await enter('0', it, state);
    const sent = code === undefined ? {} : { sentCodes: [{ code: '01234567', ...code }] };
    const asked = await runNode(node, { ...it.given, ...sent, state: { ...it.given.state, ...state } });
    expect((await asked.again(['01234567'])).action).toMatchObject({ outcome: 'true' });
    return enter('0', it, state).then(
      ({ action }) => (action as { outcome?: string }).outcome,
      () => ONE_MORE,
    );
  };

  test.each<[string, Noted]>([
    ['by mail', mailed],
    ['by SMS', { ...mailed, method: 'smsCode' }],
    ['that the user claims', { ...mailed, to: 'place', claim: { attribute: 'mail', value: 'place' } }],
  ])('a right code to an address of the user (%s) clears the wrong ones before', async (_what, code) => {
    expect(await afterRight(code)).toBe('false');
  });

  test.each<[string, Noted | undefined, object?]>([
    ['that the caller typed, or that the password alone has changed lately', {}],
    ['of another user', { ...mailed, user: testUserId('other') }],
    ['that no node knows: a script has sent the code', undefined],
    ['of no user', mailed, { username: undefined }],
    ['of a name without a user', mailed, { username: 'missing' }],
  ])('a right code to an address %s leaves the wrong ones before counted', async (_what, code, state = {}) => {
    expect(await afterRight(code, state as Record<string, unknown>)).toBe(ONE_MORE);
  });
});

describe('proves', () => {
  const sent = (given: { user?: string; method?: 'mailCode' | 'smsCode'; code?: string } = {}) => ({
    sentCodes: [{ user: testUserId('demo'), method: 'mailCode', code: '01234567', ...given } as const],
  });
  const provenBy = async (codes: ReturnType<typeof sent> | object, typed = '01234567', state = {}) => {
    const { given } = setUp();
    const first = await runNode(node, { ...given, ...codes, state: { ...given.state, ...state } });
    return (await first.again([typed])).journey.proven;
  };

  test.each(['mailCode', 'smsCode'] as const)('a %s that was sent to the user', async (method) => {
    const proof = [{ user: testUserId('demo'), method }];
    expect(await provenBy(sent({ method }))).toEqual(proof);
    expect(await provenBy(sent({ method }), ' 01234567 ')).toEqual(proof);
  });

  test.each<[string, object, string, object]>([
    ['a password that nobody sent: a script may have put it into state (OIDC-12)', {}, '01234567', {}],
    ['another than was sent, which a script put in its place', sent(), '11111111', { oneTimePassword: '11111111' }],
    ['what was sent to somebody else', sent({ user: testUserId('other') }), '01234567', {}],
    ['anything of nobody', sent(), '01234567', { username: undefined }],
    ['a wrong one', sent(), '11111111', {}],
  ])('not %s', async (_what, codes, typed, state) => {
    expect(await provenBy(codes, typed, state)).toEqual([]);
  });
});

test.each(['01234567', ' 01234567 '])('"%s" leads to True, and is used up', async (code) => {
  const { action, state } = await enter(code);
  expect(action).toEqual({ kind: 'goTo', outcome: 'true' });
  expect(state).toEqual({ username: 'demo' });
});
