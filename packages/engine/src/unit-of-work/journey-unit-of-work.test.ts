import { describe, expect, test } from 'vitest';
import { fakeRequest, testRealm } from '../testing/fake-request.ts';
import type { Change } from './changes.ts';
import { JourneyUnitOfWork } from './journey-unit-of-work.ts';
import { Turns } from './turns.ts';

const unitOn = (turns: Turns) =>
  new JourneyUnitOfWork(testRealm(), 'j1', fakeRequest(), { commit: async () => ({ committed: true }) }, turns);

/** A turn is handed back by a promise. */
const handedBack = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
};

test('two units of work that want the same two turns in opposite order both get on', async () => {
  const turns = new Turns();
  const [one, other] = [unitOn(turns), unitOn(turns)];
  await one.holdTurn('password');
  await other.holdTurn('push');
  const first = one.holdTurn('push');
  const second = other.holdTurn('password');
  // `one` let go of "password" before it waited, so `other` gets it and, once it is done, hands "push" over.
  await second;
  other.release();
  await first;
  one.release();
  await handedBack();
  expect(turns.isTaken('push')).toBe(false);
  expect(turns.isTaken('password')).toBe(false);
});

test('a turn that is asked for twice at once is had once, and by both', async () => {
  const turns = new Turns();
  const unit = unitOn(turns);
  await Promise.all([unit.holdTurn('password'), unit.holdTurn('password')]);
  unit.release();
  await handedBack();
  expect(turns.isTaken('password')).toBe(false);
});

test('whoever comes to wait lets go of a turn that it is only just being given', async () => {
  const turns = new Turns();
  const [one, other] = [unitOn(turns), unitOn(turns)];
  await other.holdTurn('push');
  const both = Promise.all([one.holdTurn('password'), one.holdTurn('push')]);
  await other.holdTurn('password');
  other.release();
  await both;
  one.release();
  await handedBack();
  expect(turns.isTaken('push')).toBe(false);
});

test('a unit of work that waits for the turn of its walk holds nothing (SEC-93)', async () => {
  const turns = new Turns();
  const [one, other] = [unitOn(turns), unitOn(turns)];
  await one.holdTurn('password');
  let begin = () => undefined as unknown;
  const walk = one.takeWalkTurn(
    () =>
      new Promise<void>((resolve) => {
        begin = resolve;
      }),
  );
  // Would wait for ever, if the first had kept it.
  await other.holdTurn('password');
  begin();
  await walk;
  other.release();
  await handedBack();
  expect(turns.isTaken('password')).toBe(false);
});

describe('guesses that a unit of work has counted (SEC-56)', () => {
  const hit = { type: 'throttle.hit', subject: 'password:demo', policy: { bounds: [] }, at: 1 } as unknown as Change;
  const row = { type: 'audit.append', event: { event: 'AUTH_FAIL' } } as unknown as Change;
  const other = { type: 'journey.insert' } as unknown as Change;
  const counting = (turns: Turns, isCommitted = true) => {
    const commits: (readonly Change[])[] = [];
    const held: boolean[] = [];
    const committer = {
      commit: async (changes: readonly Change[]) => {
        commits.push(changes);
        held.push(turns.isTaken('password'));
        return isCommitted
          ? { committed: true as const }
          : { committed: false as const, refused: changes[0]?.type ?? '' };
      },
    };
    const unit = new JourneyUnitOfWork(testRealm(), 'j1', fakeRequest(), committer, turns);
    return { unit, commits, held };
  };
  const waits: readonly [string, (unit: JourneyUnitOfWork) => Promise<void>][] = [
    ['a turn of its walk', (unit) => unit.takeWalkTurn(async () => undefined)],
    ['another turn', (unit) => unit.holdTurn('push')],
  ];

  test.each(waits)('are committed before it waits for %s, while it holds theirs, and once', async (_, wait) => {
    const turns = new Turns();
    const another = unitOn(turns);
    await another.holdTurn('push');
    const { unit, commits, held } = counting(turns);
    await unit.holdTurn('password');
    const written: string[] = [];
    unit.stage(other);
    unit.stageAlways(hit, () => written.push('hit'));
    unit.stageAlways(row);
    const waited = wait(unit);
    await handedBack();
    another.release();
    await waited;
    expect(commits).toEqual([[hit]]);
    expect(held).toEqual([true]);
    expect(written).toEqual(['hit']);
    expect(unit.kept).toEqual([row]);
    expect(unit.toCommit).toEqual([other, row]);
    await unit.takeWalkTurn(async () => undefined);
    expect(commits).toHaveLength(1);
    unit.release();
  });

  test.each(waits)('stay owed where they cannot be written before it waits for %s', async (_, wait) => {
    const turns = new Turns();
    await unitOn(turns).holdTurn('push');
    const { unit } = counting(turns, false);
    unit.stageAlways(hit);
    await expect(wait(unit)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(unit.kept).toEqual([hit]);
  });
});
