import { simulatedClock, testRealm } from '@assent/engine/testing';
import { openMemoryStore } from '@assent/store';
import { expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { KeyWatch } from './key-watch.ts';

const world = async () => {
  const store = await openMemoryStore();
  const clock = simulatedClock(1_000_000);
  let loads = 0;
  const watches = (holder: string, told: string[] = []) =>
    new KeyWatch({
      keys: store.keys,
      configuration: {
        load: async () => {
          loads += 1;
          return { realms: [testRealm({ journeyMinutes: 5 })], trees: [] } as never;
        },
      },
      holder,
      clock,
      log: createLog({ level: 'silent' }),
      tell: async () => {
        told.push(holder);
      },
    });
  const order = () => ({ at: clock.now(), transactionId: 'rotation' });
  const states = async () =>
    (await store.keys.list()).filter(({ kind }) => kind === 'auth-id').map(({ id, status }) => `${id} ${status}`);
  return { store, clock, watches, order, states, loads: () => loads };
};

test('a next key is told of to the others at once, used once all know it, and retired when its time is over (SEC-76)', async () => {
  const { store, clock, watches, order, states } = await world();
  await store.keys.ring('auth-id');
  const told: string[] = [];
  const watch = watches('one', told);
  await watch.look();
  await store.keys.announce('auth-id', order());
  const knows = store.keys.version();
  const other = { name: 'other', processId: 'p', host: 'h', version: '1', startedAt: 0, configurationVersion: 0 };
  await store.instances.put({ ...other, seenAt: clock.now(), facts: {}, keysVersion: knows - 1 });
  await watch.look();
  expect([told, await states()]).toEqual([['one'], ['1 active', '2 next']]);
  await store.instances.put({ ...other, seenAt: clock.now(), facts: {}, keysVersion: knows });
  await watch.look();
  expect(await states()).toEqual(['1 retiring', '2 active']);
  clock.advance(5 * 60_000 - 1);
  await watch.look();
  expect(await states()).toEqual(['1 retiring', '2 active']);
  clock.advance(1);
  await watch.look();
  expect(await states()).toEqual(['1 retired', '2 active']);
});

test('one instance at a time does what is due, and the next when that is heard of no more (OPS-32)', async () => {
  const { store, clock, watches, order, states } = await world();
  await store.keys.ring('auth-id');
  // Its lease is held by somebody who was killed.
  await store.keys.reseal({ ...order(), holder: 'killed' }, 1);
  await store.keys.announce('auth-id', order());
  await watches('one').look();
  expect(await states()).toEqual(['1 active', '2 next']);
  clock.advance(30_000);
  await watches('one').look();
  expect(await states()).toEqual(['1 retiring', '2 active']);
});

test('an instance that has nothing to do reads no configuration, and keys for made-up names once a second (SEC-76)', async () => {
  const { store, clock, watches, loads } = await world();
  await store.keys.ring('auth-id');
  const watch = watches('one');
  for (let second = 0; second < 5; second += 1) await watch.look();
  expect(loads()).toBe(0);
  expect(watch.lookForKeys()).toBeInstanceOf(Promise);
  for (let guess = 0; guess < 50; guess += 1) expect(watch.lookForKeys()).toBeUndefined();
  clock.advance(1_000);
  expect(watch.lookForKeys()).toBeInstanceOf(Promise);
});
