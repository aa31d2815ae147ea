import { JourneyError } from '@assent/engine';
import { expect, test } from 'vitest';
import { fairQueue } from './fair-queue.ts';

/** A queue whose tasks end when the test says so, with the order in which they began and were refused. */
const watched = (concurrency: number, most: number) => {
  const run = fairQueue(concurrency, most);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  let asked = 0;
  const add = (lane: string, name: string, isKnown = false): void => {
    const task = async () => {
      log.push(name);
      await new Promise<void>((end) => ends.push(end));
    };
    const whether = () => {
      asked += 1;
      return Promise.resolve(isKnown);
    };
    run(lane, task, whether).catch((error: unknown) =>
      log.push(`${name}: ${error instanceof JourneyError && error.code}`),
    );
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const endAll = async () => {
    while (ends.length > 0) {
      ends.shift()?.();
      await settle();
    }
  };
  return { add, endAll, settle, log, asked: () => asked };
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

test('whoever is known gets a place of strangers who fill the queue with one each, and no other (A4, SEC-57)', async () => {
  const queue = watched(1, 3);
  for (const name of ['s1', 's2', 's3', 's4']) queue.add(name, name);
  queue.add('stranger', 's5');
  for (const name of ['o1', 'o2', 'o3', 'o4']) queue.add(name, name, true);
  await queue.settle();
  const refused = ['s5', 's4', 's3', 's2', 'o4'].map((name) => `${name}: OVERLOADED`);
  expect(queue.log.toSorted()).toEqual(['s1', ...refused].sort());
  await queue.endAll();
  expect(queue.log.slice(6)).toEqual(['o1', 'o2', 'o3']);
});

test('whoever is known gets one such place, and no second one for the same lane (A4, REL-14)', async () => {
  const queue = watched(1, 2);
  for (const name of ['s1', 's2', 's3']) queue.add(name, name);
  for (const name of ['k1', 'k2', 'k3']) queue.add('known', name, true);
  await queue.settle();
  expect(queue.log.toSorted()).toEqual(['s1', 's3: OVERLOADED', 'k2: OVERLOADED', 'k3: OVERLOADED'].sort());
  await queue.endAll();
  expect(queue.log.slice(4).sort()).toEqual(['k1', 's2']);
});

test('whoever came while there was a place is asked when it is to be given up, and keeps it where known (SEC-57)', async () => {
  const queue = watched(1, 2);
  queue.add('s1', 's1');
  queue.add('s2', 's2');
  queue.add('owner', 'early', true);
  expect(queue.asked()).toBe(0);
  queue.add('other', 'late', true);
  await queue.settle();
  expect(queue.log).toEqual(['s1', 's2: OVERLOADED']);
  await queue.endAll();
  expect(queue.log.slice(2).sort()).toEqual(['early', 'late']);
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
