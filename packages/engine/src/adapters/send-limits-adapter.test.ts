import { describe, expect, test } from 'vitest';
import { afterHit, isLocked, type ThrottlePolicy, type ThrottleRow } from '../model/throttle.ts';
import { simulatedClock, testUnitOfWork } from '../testing/index.ts';
import type { Change, EngineChange } from '../unit-of-work/changes.ts';
import { sendLimitsAdapter, sendLimitsNowAdapter } from './send-limits-adapter.ts';

// SEC-87: what goes to people is counted in the commit that decides whether it may go.

const MOST = 3;
const POLICY: ThrottlePolicy = { windowMillis: 3_600_000, free: MOST, lockMillis: 0, maxLockMillis: 0, most: MOST };
const LIMIT = new Map([
  ['own', POLICY],
  ['shared', { ...POLICY, free: 5, most: 5 }],
]);

const world = () => {
  const clock = simulatedClock();
  const rows = new Map<string, ThrottleRow>();
  const reader = { get: async (subjects: readonly string[]) => subjects.flatMap((it) => rows.get(it) ?? []) };
  const failing: { now?: Error } = {};
  const committer = {
    async commit(changes: readonly Change[]) {
      await Promise.resolve();
      if (failing.now !== undefined) throw failing.now;
      for (const change of changes as readonly EngineChange[]) {
        if (change.type === 'throttle.hit' && change.onlyUnlocked && isLocked(rows.get(change.subject), change.at))
          return { committed: false as const, refused: change.type };
      }
      for (const change of changes as readonly EngineChange[]) {
        if (change.type === 'throttle.hit')
          rows.set(change.subject, afterHit(rows.get(change.subject), change.subject, change.policy, change.at));
      }
      return { committed: true as const };
    },
  };
  const unit = () => testUnitOfWork({ committer });
  const count = (subject: string) => rows.get(subject)?.hits.length ?? 0;
  return {
    clock,
    failing,
    committer,
    unit,
    count,
    now: sendLimitsNowAdapter(reader, clock),
    staged: sendLimitsAdapter(reader, clock),
  };
};

describe('counted at once', () => {
  test('a hundred requests at the same moment take no more than the limit (SEC-87)', async () => {
    const it = world();
    const taken = await Promise.all(Array.from({ length: 100 }, () => it.now(it.unit()).take(LIMIT)));
    expect(taken.filter(Boolean)).toHaveLength(MOST);
    expect([it.count('own'), it.count('shared')]).toEqual([MOST, MOST]);
  });

  test('where one counter is used up, none of the others counts', async () => {
    const it = world();
    for (let number = 0; number < 5; number += 1) await it.now(it.unit()).take(new Map([['shared', POLICY]]));
    expect(await it.now(it.unit()).take(LIMIT)).toBe(false);
    expect(it.count('own')).toBe(0);
  });

  test('it stays counted where the unit of work is dropped or runs again', async () => {
    const it = world();
    const unit = it.unit();
    const taken: boolean[] = [];
    for (let run = 0; run < MOST + 1; run += 1) {
      taken.push(await it.now(unit).take(LIMIT));
      unit.startOver();
    }
    expect(taken).toEqual([true, true, true, false]);
  });

  test('a store that cannot write lets nothing go', async () => {
    const it = world();
    it.failing.now = new Error('the store is away');
    await expect(it.now(it.unit()).take(LIMIT)).rejects.toThrow('the store is away');
  });
});

describe('counted with the commit', () => {
  test('the next node of a request reads what the one before it counted, in either way', async () => {
    const it = world();
    const unit = it.unit();
    const taken = [
      await it.staged(unit).take(LIMIT),
      await it.now(unit).take(LIMIT),
      await it.staged(unit).take(LIMIT),
    ];
    taken.push(await it.staged(unit).take(LIMIT), await it.now(unit).take(LIMIT));
    expect(taken).toEqual([true, true, true, false, false]);
    expect(await it.committer.commit(unit.toCommit)).toEqual({ committed: true });
    expect(it.count('own')).toBe(MOST);
  });

  test('of many requests that read at the same moment, commits stand up to the limit (SEC-87)', async () => {
    const it = world();
    const units = Array.from({ length: 20 }, it.unit);
    for (const unit of units) expect(await it.staged(unit).take(LIMIT)).toBe(true);
    const results = [];
    for (const unit of units) results.push(await it.committer.commit(unit.toCommit));
    expect(results.filter(({ committed }) => committed)).toHaveLength(MOST);
    expect(it.count('own')).toBe(MOST);
    const again = units.at(-1);
    again?.startOver('throttle.hit');
    expect(again && (await it.staged(again).take(LIMIT))).toBe(false);
  });

  test('nothing is counted where the unit of work ends in error', async () => {
    const it = world();
    const unit = it.unit();
    await it.staged(unit).take(LIMIT);
    unit.keepOnly();
    expect(unit.toCommit).toEqual([]);
  });

  test('an hour later all of it may go again', async () => {
    const it = world();
    for (let number = 0; number <= MOST; number += 1) await it.now(it.unit()).take(LIMIT);
    it.clock.advance(POLICY.windowMillis);
    expect(await it.now(it.unit()).take(LIMIT)).toBe(true);
  });
});
