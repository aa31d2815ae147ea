import { JourneyError } from '@assent/engine';
import { expect, test } from 'vitest';
import { fairQueue } from './fair-queue.ts';

/** A queue whose tasks end when the test says so, with the order in which they began and were refused. */
const watched = (concurrency: number, most: number) => {
  const run = fairQueue(concurrency, most);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const add = (lane: string, name: string): void => {
    const task = async () => {
      log.push(name);
      await new Promise<void>((end) => ends.push(end));
    };
    run(lane, task).catch((error: unknown) => log.push(`${name}: ${error instanceof JourneyError && error.code}`));
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const endAll = async () => {
    while (ends.length > 0) {
      ends.shift()?.();
      await settle();
    }
  };
  return { add, endAll, settle, log };
};

test('one more than may wait is refused, and everybody else is served (A4, REL-14)', async () => {
  const queue = watched(1, 2);
  for (const name of ['a', 'b', 'c', 'd']) queue.add('one', name);
  await queue.settle();
  expect(queue.log).toEqual(['a', 'd: OVERLOADED']);
  await queue.endAll();
  expect(queue.log).toEqual(['a', 'd: OVERLOADED', 'b', 'c']);
});

test('whoever fills the queue gives up a place for each who comes, and keeps one of his own (A4, SEC-46)', async () => {
  const queue = watched(1, 3);
  for (const name of ['a1', 'a2', 'a3', 'a4']) queue.add('attacker', name);
  queue.add('owner', 'o1');
  queue.add('other', 'x1');
  queue.add('late', 'l1');
  await queue.settle();
  expect(queue.log).toEqual(['a1', 'a4: OVERLOADED', 'a3: OVERLOADED', 'l1: OVERLOADED']);
  await queue.endAll();
  expect(queue.log.slice(4)).toEqual(['a2', 'o1', 'x1']);
});

test('lanes take turns, however long one of them is', async () => {
  const queue = watched(1, 9);
  for (const name of ['a1', 'a2', 'a3', 'a4']) queue.add('attacker', name);
  queue.add('owner', 'o1');
  queue.add('owner', 'o2');
  await queue.endAll();
  await queue.settle();
  await queue.endAll();
  expect(queue.log).toEqual(['a1', 'a2', 'o1', 'a3', 'o2', 'a4']);
});
