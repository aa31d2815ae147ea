import { describe, expect, test } from 'vitest';
import { JourneyError } from '../model/errors.ts';
import { type FairQueueOptions, fairQueue } from './fair-queue.ts';

/** A queue whose tasks end and whose deadlines pass when the test says so, with the order in which tasks began and were refused. */
const watched = (concurrency: number, most: number, given: Partial<FairQueueOptions> = {}) => {
  const deadlines = new Set<() => void>();
  const timer = (_millis: number, action: () => void) => {
    deadlines.add(action);
    return () => deadlines.delete(action);
  };
  const run = fairQueue({ concurrency, most, deadlineMillis: 5_000, timer, ...given });
  const log: string[] = [];
  const ends: (() => void)[] = [];
  let asked = 0;
  const add = (caller: string, name: string, isKnown = false, realm = '/'): void => {
    const task = async () => {
      log.push(name);
      await new Promise<void>((end) => ends.push(end));
    };
    const whether = () => {
      asked += 1;
      return Promise.resolve(isKnown);
    };
    run({ realm, caller }, task, whether).catch((error: unknown) =>
      log.push(`${name}: ${error instanceof JourneyError && error.code}`),
    );
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const endOne = async () => {
    ends.shift()?.();
    await settle();
  };
  const endAll = async () => {
    await settle();
    while (ends.length > 0) await endOne();
  };
  const letDeadlinesPass = async () => {
    for (const pass of [...deadlines]) {
      deadlines.delete(pass);
      pass();
    }
    await settle();
  };
  return { add, endOne, endAll, settle, letDeadlinesPass, deadlines, log, asked: () => asked };
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
  expect(queue.log.toSorted()).toEqual(['a1', 'a3: OVERLOADED', 'a4: OVERLOADED', 'l1: OVERLOADED']);
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
  expect(queue.log).toEqual(['a1', 'a2', 'o1', 'a3', 'o2', 'a4']);
});

describe('realms take turns (SEC-93)', () => {
  test('a realm with many tasks from many callers delays each task of another realm by one of its own', async () => {
    const queue = watched(1, 99);
    for (let at = 1; at <= 9; at += 1) queue.add(`caller-${at}`, `g${at}`, false, '/greedy');
    for (const name of ['h1', 'h2', 'h3']) queue.add('one', name, false, '/other');
    await queue.endAll();
    expect(queue.log).toEqual(['g1', 'h1', 'g2', 'h2', 'g3', 'h3', 'g4', 'g5', 'g6', 'g7', 'g8', 'g9']);
  });

  test('a realm that asks for one task after the other waits for one task of a greedy realm each time', async () => {
    const queue = watched(1, 99);
    for (let at = 1; at <= 9; at += 1) queue.add('any', `g${at}`, false, '/greedy');
    await queue.settle();
    for (const name of ['h1', 'h2', 'h3']) {
      queue.add('one', name, false, '/other');
      await queue.endOne();
      await queue.endOne();
    }
    expect(queue.log.slice(0, 7)).toEqual(['g1', 'h1', 'g2', 'h2', 'g3', 'h3', 'g4']);
  });

  test('realms that ask for one task after the other cannot keep out a realm that waits', async () => {
    const queue = watched(1, 99);
    for (let at = 1; at <= 3; at += 1) queue.add('any', `w${at}`, false, '/waits');
    await queue.settle();
    for (let at = 1; at <= 6; at += 1) {
      for (const realm of ['/a', '/b']) queue.add('one', `${realm}${at}`, false, realm);
      await queue.endOne();
      await queue.endOne();
    }
    await queue.endAll();
    expect(queue.log.indexOf('w3')).toBeLessThan(8);
  });

  test('a greedy realm that fills the queue gives up its newest task for another realm', async () => {
    const queue = watched(1, 4);
    for (let at = 1; at <= 5; at += 1) queue.add(`caller-${at}`, `g${at}`, at === 5, '/greedy');
    for (const name of ['h1', 'h2', 'h3']) queue.add('one', name, false, '/other');
    await queue.settle();
    expect(queue.log).toHaveLength(4);
    expect(queue.log).toContain('h3: OVERLOADED');
    await queue.endAll();
    const served = queue.log.filter((line) => !line.includes('OVERLOADED'));
    expect(served.filter((name) => name.startsWith('h'))).toEqual(['h1', 'h2']);
    expect(served.filter((name) => name.startsWith('g'))).toHaveLength(3);
  });

  test('a realm has no more tasks running and waiting than it may, and another realm begins at once', async () => {
    const queue = watched(2, 9, { concurrencyOfRealm: 1, mostOfRealm: 2 });
    for (let at = 1; at <= 4; at += 1) queue.add('any', `g${at}`, false, '/greedy');
    queue.add('one', 'h1', false, '/other');
    await queue.settle();
    expect(queue.log.toSorted()).toEqual(['g1', 'g4: OVERLOADED', 'h1']);
    await queue.endAll();
    expect(queue.log.slice(3)).toEqual(['g2', 'g3']);
  });
});

test('a task that has not begun by its deadline is refused, and is never begun (REL-14, SEC-93)', async () => {
  const queue = watched(1, 9);
  for (const name of ['a', 'b', 'c']) queue.add(name, name, true);
  await queue.settle();
  await queue.letDeadlinesPass();
  expect(queue.log).toEqual(['a', 'b: OVERLOADED', 'c: OVERLOADED']);
  expect(queue.asked()).toBe(0);
  queue.add('d', 'd');
  await queue.endAll();
  expect(queue.log.slice(3)).toEqual(['d']);
  expect(queue.deadlines.size).toBe(0);
});
