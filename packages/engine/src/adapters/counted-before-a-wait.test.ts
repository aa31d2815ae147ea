import { expect, test } from 'vitest';
import type { ThrottleRow } from '../model/throttle.ts';
import { fakeRequest, testRealm } from '../testing/fake-request.ts';
import type { Change, EngineChange } from '../unit-of-work/changes.ts';
import { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { Turns } from '../unit-of-work/turns.ts';
import { GUESSES_OF_SOURCE } from './guess-limits.ts';
import { throttleAdapter } from './throttle-adapter.ts';

test('a guess that was committed before a wait is read again, so that the next one of the unit of work is counted after it (SEC-56)', async () => {
  const rows = new Map<string, ThrottleRow>();
  const put = (change: EngineChange): boolean => {
    if (change.type !== 'throttle.put') return true;
    const { row } = change;
    if ((rows.get(row.subject)?.rev ?? 0) !== row.rev) return false;
    rows.set(row.subject, { ...row, rev: row.rev + 1 });
    return true;
  };
  const commit = async (changes: readonly Change[]) =>
    (changes as readonly EngineChange[]).every(put)
      ? ({ committed: true } as const)
      : ({ committed: false, refused: 'throttle.put' } as const);
  const unit = new JourneyUnitOfWork(testRealm(), 'j1', fakeRequest(), { commit }, new Turns());
  const reader = { get: async (subjects: readonly string[]) => subjects.flatMap((it) => rows.get(it) ?? []) };
  let now = 1_000;
  const clock = { now: () => now };
  const throttle = throttleAdapter(reader, clock, async () => false)(unit);

  await throttle.hit('otp:user-1', GUESSES_OF_SOURCE);
  await unit.takeWalkTurn(async () => undefined);
  expect(rows.get('otp:user-1')?.hits).toEqual([1_000]);
  now = 2_000;
  await throttle.hit('otp:user-1', GUESSES_OF_SOURCE);
  expect((await commit(unit.kept)).committed).toBe(true);
  expect(rows.get('otp:user-1')?.hits).toEqual([1_000, 2_000]);
});
