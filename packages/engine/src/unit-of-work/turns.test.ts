import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

test('holders of one key go one after the other, in the order in which they came', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const guess = async (name: string) => {
    const end = await turns.take('user');
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
    end();
  };
  await Promise.all([guess('a'), guess('b'), guess('c')]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('holders of different keys do not wait for each other', async () => {
  const turns = new Turns();
  await turns.take('one');
  await expect(turns.take('two')).resolves.toBeTypeOf('function');
});

test('a key whose turn is over is free again', async () => {
  const turns = new Turns();
  (await turns.take('key'))();
  await expect(turns.take('key')).resolves.toBeTypeOf('function');
});

test('tells whether somebody holds or awaits a turn', async () => {
  const turns = new Turns();
  expect(turns.isTaken('a')).toBe(false);
  const end = await turns.take('a');
  expect(turns.isTaken('a')).toBe(true);
  end();
  expect(turns.isTaken('a')).toBe(false);
});

test('at one key sixteen wait, and one more is told to come back; others are served as before (A4, REL-14)', async () => {
  const turns = new Turns();
  const end = await turns.take('user');
  const waiting = Array.from({ length: 600 }, () => turns.take('user').then((over) => over()));
  const results = Promise.allSettled(waiting);
  await expect(turns.take('other')).resolves.toBeTypeOf('function');
  end();
  const refused = (await results).filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(584);
  expect(refused[0]?.reason).toMatchObject({ code: 'OVERLOADED', detail: { retryAfterSeconds: 1 } });
  await expect(turns.take('user')).resolves.toBeTypeOf('function');
});

test('at all keys together there is a limit, too', async () => {
  const turns = new Turns();
  const first = Array.from({ length: 300 }, (_, at) => turns.take(`user-${at}`));
  await Promise.all(first);
  let refused = 0;
  for (let at = 0; at < 3_000; at += 1) {
    turns.take(`user-${at % 300}`).catch(() => {
      refused += 1;
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(refused).toBe(3_000 - 2_048);
});
