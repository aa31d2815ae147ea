import { expect, test } from 'vitest';
import { describeHintBusContract } from '../testing/hint-bus-contract.ts';
import { localHints } from './hints.ts';

describeHintBusContract('the bus of one process', async () => {
  const bus = localHints();
  return { here: bus, there: bus, close: async () => undefined };
});

test('reports what a listener throws', async () => {
  const errors: unknown[] = [];
  const bus = localHints((cause) => errors.push(cause));
  const broken = new Error('a broken listener');
  bus.subscribe('a', () => {
    throw broken;
  });
  bus.publish('a');
  await Promise.resolve();
  expect(errors).toEqual([broken]);
});

test('a listener never runs inside the publisher', () => {
  const bus = localHints();
  let woken = false;
  bus.subscribe('a', () => {
    woken = true;
  });
  bus.publish('a');
  expect(woken).toBe(false);
});
