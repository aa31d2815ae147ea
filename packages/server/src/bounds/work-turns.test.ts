import { expect, test } from 'vitest';
import { USER_TURNS, WALK_TURNS, WorkTurns } from './work-turns.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const NEVER = () => () => undefined;

/** How much of the work was done in each round of the event loop; `work` notes what it does. */
const doneInRounds = async (work: (note: () => void) => Promise<unknown>): Promise<readonly number[]> => {
  const done = [0];
  let isOver = false;
  const count = (): void => {
    done.push(0);
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work(() => {
    done[done.length - 1] = (done.at(-1) ?? 0) + 1;
  });
  isOver = true;
  return done;
};
const LANE = { realm: '/a', caller: 'one' };

test('large nodes and long walks begin in turns of the event loop, two of a realm at most in each (SEC-93)', async () => {
  const turns = new WorkTurns(NEVER, WALK_TURNS);
  const done = await doneInRounds((note) => Promise.all(Array.from({ length: 20 }, () => turns.next(LANE).then(note))));
  expect(Math.max(...done)).toBe(WALK_TURNS.concurrencyOfRealm);
});

test('a walk that waits for a mail server holds no turn (SEC-93)', async () => {
  const turns = new WorkTurns(NEVER, WALK_TURNS);
  const answer = new Promise<void>(() => undefined);
  const places = WALK_TURNS.concurrencyOfRealm;
  let begun = 0;
  for (let at = 0; at < 3 * places; at += 1)
    void turns.next(LANE).then(() => {
      begun += 1;
      return answer;
    });
  for (let round = 0; round < 20; round += 1) await nextTurn();
  expect(begun).toBe(3 * places);
});

test('reads that wait are made in turns of the event loop, no more of a realm in each than it has places (SEC-93)', async () => {
  const turns = new WorkTurns(NEVER, USER_TURNS);
  const done = await doneInRounds((note) =>
    Promise.all(
      Array.from({ length: 64 }, async () => {
        const end = await turns.take(LANE);
        note();
        end();
      }),
    ),
  );
  expect(Math.max(...done)).toBe(USER_TURNS.concurrencyOfRealm);
});

test('a read that has waited for its whole time is told when to come again', async () => {
  const timers: (() => void)[] = [];
  const turns = new WorkTurns((_millis, action) => {
    timers.push(action);
    return () => undefined;
  });
  await Promise.all([1, 2].map(() => turns.take({ realm: '/a', caller: 'one' })));
  const late = turns.take({ realm: '/a', caller: 'two' });
  const refusal = expect(late).rejects.toMatchObject({ code: 'OVERLOADED', detail: { retryAfterSeconds: 1 } });
  await Promise.resolve();
  for (const action of timers) action();
  await refusal;
});
