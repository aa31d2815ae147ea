import { identities, nameCallback, throttle as throttlePort } from '@assent/engine';
import { Bindings, SUCCESS, type ThrottleReader, type ThrottleRow, throttleAdapter } from '@assent/engine/host';
import {
  journeyHarness,
  memoryIdentities,
  memoryLog,
  memoryThrottle,
  runNode,
  seededRandom,
  simulatedClock,
  testUserId,
} from '@assent/engine/testing';
import { RECOVERY_POLICY, recoveryCodesAdapter, recoveryCodes as recoveryCodesPort } from '@assent/factors';
import { describe, expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { MemoryCodes } from '../testing/push-doubles.ts';
import { recoveryCodeCollectorDecision } from './recovery-code-collector-decision.node.ts';

const user = testUserId('demo');

const setUp = () => {
  const clock = simulatedClock();
  const throttle = memoryThrottle(clock);
  const codes = new MemoryCodes(`${user} push PUSHCODE`, `${user} oath OATHCODE`);
  // As the port does it: a wrong code counts, and while locked nothing is right.
  const recoveryCodes = {
    replace: codes.replace.bind(codes),
    replaceBoth: codes.replaceBoth.bind(codes),
    count: codes.count.bind(codes),
    async use(...[owner, type, code]: Parameters<MemoryCodes['use']>) {
      const subject = 'nobody' in owner ? owner.nobody : owner.id;
      if ((await throttle.state(subject)).locked) return 'locked';
      const verdict = await codes.use(owner, type, code);
      if (verdict === 'wrong') await throttle.hit(subject, RECOVERY_POLICY);
      return (await throttle.state(subject)).locked ? 'locked' : verdict;
    },
  };
  const log = memoryLog();
  const ports = { identities: memoryIdentities({ demo: {} }), recoveryCodes };
  return { clock, codes, throttle, log, ports, given: { ports, log, state: { username: 'demo' } } };
};
const enter = async (code: string, it = setUp(), config: { recoveryCodeType?: 'OATH' | 'PUSH' | 'WEB_AUTHN' } = {}) =>
  (await runNode(recoveryCodeCollectorDecision, { ...it.given, config })).again([code]);

test('settings refuse another type', async () => {
  const config = { recoveryCodeType: 'SMS' as 'PUSH' };
  await expect(runNode(recoveryCodeCollectorDecision, { ...setUp().given, config })).rejects.toThrow(
    'recoveryCodeType',
  );
});

test('asks again for nothing, and counts no attempt', async () => {
  const it = setUp();
  const first = await runNode(recoveryCodeCollectorDecision, it.given);
  expect(first.callbacks).toEqual([nameCallback({ prompt: 'Recovery Code' })]);
  expect((await first.again([''])).callbacks).toEqual(first.callbacks);
  expect(it.throttle.rows.size).toBe(0);
});

const nobodyKnown = async () => false;

describe('is False', () => {
  test.each([
    ['a wrong code', 'WRONG', 'PUSH'],
    ['a code of another kind of device', 'OATHCODE', 'PUSH'],
    ['a code of a kind that is not kept here', 'PUSHCODE', 'WEB_AUTHN'],
  ] as const)('for %s', async (_what, code, recoveryCodeType) => {
    const { action, journey } = await enter(code, setUp(), { recoveryCodeType });
    expect(action).toEqual({ kind: 'goTo', outcome: 'false', detail: { recoveryCodeType } });
    expect(journey).toMatchObject({ nodeTypes: [], proven: [] });
  });

  test.each([[{}], [{ username: 'nobody' }]])('without a user (%j)', async (state) => {
    const it = setUp();
    const first = await runNode(recoveryCodeCollectorDecision, {
      ...it.given,
      config: { recoveryCodeType: 'PUSH' },
      state,
    });
    expect((await first.again(['PUSHCODE'])).action).toMatchObject({ outcome: 'false' });
  });

  test('where codes cannot be read, with the documented words in the log', async () => {
    const it = setUp();
    it.codes.failing = new Error('disk');
    expect((await enter('PUSHCODE', it, { recoveryCodeType: 'PUSH' })).action).toMatchObject({ outcome: 'false' });
    expect(it.log.lines).toMatchObject([{ msg: 'An error occurred while verifying the recovery code' }]);
  });
});

describe('guessing (SEC-46)', () => {
  const config = { recoveryCodeType: 'PUSH' } as const;

  test('at the codes of a name that nobody has goes as at those of a user, to the end of the journey (SEC-59)', async () => {
    const it = setUp();
    const ofNobody = { ...it, given: { ...it.given, state: { username: 'nobody' } } };
    for (let guess = 0; guess < 4; guess += 1) {
      expect((await enter('WRONG', ofNobody, config)).action).toMatchObject({ outcome: 'false' });
    }
    await expect(enter('WRONG', ofNobody, config)).rejects.toThrow(/^Too many wrong codes/);
  });

  test('ends the journey with the fifth wrong code in a row, and then for a quarter of an hour with any', async () => {
    const it = setUp();
    for (let guess = 0; guess < 4; guess += 1) {
      expect((await enter('WRONG', it, config)).action).toMatchObject({ outcome: 'false' });
    }
    await expect(enter('WRONG', it, config)).rejects.toThrow(/^Too many wrong codes/);
    await expect(enter('PUSHCODE', it, config)).rejects.toThrow(/^Too many wrong codes/);
    expect(it.codes.used).toEqual([]);
    it.clock.advance(15 * 60_000);
    expect((await enter('PUSHCODE', it, config)).action).toMatchObject({ outcome: 'true' });
  });

  test('does not count wrong codes of the day before', async () => {
    const it = setUp();
    for (let guess = 0; guess < 4; guess += 1) await enter('WRONG', it, config);
    it.clock.advance(25 * 3_600_000);
    expect((await enter('WRONG', it, config)).action).toMatchObject({ outcome: 'false' });
  });
});

test('with the real counters the fifth wrong code ends the journey and is counted all the same (SEC-46)', async () => {
  const clock = simulatedClock();
  const rows = new Map<string, ThrottleRow>();
  const throttles: ThrottleReader = {
    get: async (subjects) => subjects.flatMap((subject) => rows.get(subject) ?? []),
  };
  const noCodes = {
    ofUser: async () => [],
    page: async () => ({ devices: [] }),
    countOfUser: async () => 0,
    byMechanism: async () => [],
    get: async () => undefined,
    countUnreachable: async () => 0,
    codesBySelector: async () => [],
    codesOfUser: async () => [],
    countCodes: async () => 0,
  };
  const codePepper = new Uint8Array(32).fill(1);
  const it = journeyHarness({
    nodes: [usernameCollector, recoveryCodeCollectorDecision],
    trees: {
      Login: {
        entry: 'name',
        nodes: {
          name: { type: 'UsernameCollectorNode', to: { outcome: 'code' } },
          code: {
            type: 'RecoveryCodeCollectorDecisionNode',
            config: { recoveryCodeType: 'PUSH' },
            to: { true: SUCCESS, false: 'code' },
          },
        },
      },
    },
    users: { demo: {} },
    clock,
    bindings: new Bindings()
      .bind(identities, () => memoryIdentities({ demo: {} }))
      .bind(throttlePort, throttleAdapter(throttles, clock, nobodyKnown))
      .bind(
        recoveryCodesPort,
        recoveryCodesAdapter({
          devices: noCodes,
          throttles,
          isKnownSource: nobodyKnown,
          clock,
          random: seededRandom(),
          codePepper,
        }),
      ),
  });
  const countStored = () => {
    for (const change of it.store.other.splice(0)) {
      if (change.type !== 'throttle.put') continue;
      const row = change.row as ThrottleRow;
      rows.set(row.subject, { ...row, rev: row.rev + 1 });
    }
  };

  let step = await it.step(await it.begin(), 'demo');
  for (let guess = 0; guess < 4; guess += 1) {
    step = await it.step(step, 'WRONG');
    countStored();
  }
  await expect(it.answer(step, 'WRONG')).rejects.toMatchObject({ code: 'NODE_FAILED' });
  countStored();
  const ofSource = [...rows.values()].find(({ subject }) => subject.startsWith(`recovery:${user}:from:`));
  expect(ofSource).toMatchObject({ hits: { length: 5 }, lockedUntil: clock.now() + 3_600_000 });
  expect(rows.get(`recovery:${user}`)).toMatchObject({ hits: { length: 5 }, lockedUntil: 0 });
  const other = await it.step(await it.begin(), 'demo');
  await expect(it.answer(other, 'ANY')).rejects.toMatchObject({ code: 'NODE_FAILED' });
  await expect(it.answer(step, 'WRONG')).rejects.toMatchObject({ code: 'JOURNEY_EXPIRED' });
});

describe('is True', () => {
  test.each([
    ['PUSH', 'PUSHCODE', 'AuthenticatorPushRegistration'],
    ['OATH', 'OATHCODE', 'AuthenticatorOATH'],
    [undefined, 'OATHCODE', 'AuthenticatorOATH'],
  ] as const)('for a good code of type %s, once, and names the factor', async (recoveryCodeType, code, factor) => {
    const it = setUp();
    const config = recoveryCodeType === undefined ? {} : { recoveryCodeType };
    const { action, journey } = await enter(code, it, config);
    expect(action).toMatchObject({ outcome: 'true', detail: { recoveryCodeType: recoveryCodeType ?? 'OATH' } });
    expect(journey.nodeTypes).toEqual([factor]);
    expect(journey.proven).toEqual([{ user, method: 'recoveryCode' }]);
    expect((await enter(code, it, config)).action).toMatchObject({ outcome: 'false' });
  });
});
