import { expect, test } from 'vitest';
import { USER_TURNS, WORK_TURNS, WorkTurns } from './work-turns.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const NEVER = () => () => undefined;

test('an administrator takes the place of a stranger that waits for a large page of the same realm (SEC-93)', async () => {
  const turns = new WorkTurns(NEVER);
  const running = await Promise.all([1, 2].map((at) => turns.take({ realm: '/a', caller: `admin-${at}` })));
  const strangers = Array.from({ length: WORK_TURNS.mostOfRealm }, (_, at) =>
    turns.run({ realm: '/a', caller: `198.51.100.${at}` }, async () => 'made').catch(() => 'refused'),
  );
  const late = await turns.run({ realm: '/a', caller: '192.0.2.1' }, async () => 'made').catch(() => 'refused');
  const read = turns.take({ realm: '/a', caller: 'admin-3' });
  await nextTurn();
  for (const end of running) end();
  (await read)();
  const outcomes = await Promise.all(strangers);
  expect(late).toBe('refused');
  expect(outcomes.filter((it) => it === 'refused')).toHaveLength(1);
});

test('large pages are made in turns of the event loop, two of a realm at most in each (SEC-93)', async () => {
  const turns = new WorkTurns(NEVER);
  const made = [0];
  let isOver = false;
  const count = (): void => {
    made.push(0);
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(
    Array.from({ length: 20 }, () =>
      turns.run({ realm: '/a', caller: 'one' }, async () => {
        made[made.length - 1] = (made.at(-1) ?? 0) + 1;
      }),
    ),
  );
  isOver = true;
  expect(Math.max(...made)).toBe(WORK_TURNS.concurrencyOfRealm);
});

test('reads that wait are made in turns of the event loop, no more of a realm in each than it has places (SEC-93)', async () => {
  const turns = new WorkTurns(NEVER, USER_TURNS);
  const made = [0];
  let isOver = false;
  const count = (): void => {
    made.push(0);
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      const end = await turns.take({ realm: '/a', caller: 'one' });
      made[made.length - 1] = (made.at(-1) ?? 0) + 1;
      end();
    }),
  );
  isOver = true;
  expect(Math.max(...made)).toBe(USER_TURNS.concurrencyOfRealm);
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
