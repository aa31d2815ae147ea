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
