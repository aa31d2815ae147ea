import { simulatedClock } from '@assent/engine/testing';
import { openMemoryStore } from '@assent/store';
import { expect, test } from 'vitest';
import { InstanceWatch } from './instance-watch.ts';

interface Line {
  readonly level: 'info' | 'warn';
  readonly fields: unknown;
  readonly msg: string;
}

/** Instances on one store and one clock, each of which says of itself what the test wants. */
const world = async () => {
  const store = await openMemoryStore();
  const clock = simulatedClock(1_000_000);
  const said: Line[] = [];
  const log = {
    info: (msg: string) => void said.push({ level: 'info', fields: {}, msg }),
    warn: (fields: unknown, msg: string) => void said.push({ level: 'warn', fields, msg }),
  } as never;
  const starts = (name: string, facts: Readonly<Record<string, string>>, processId = `${name}-1`) =>
    new InstanceWatch({
      instances: store.instances,
      self: { name, processId, host: 'h', version: '1', startedAt: clock.now(), facts },
      configuration: { version: 3 },
      keys: { version: () => 5 },
      clock,
      log,
    });
  return { store, clock, said, starts };
};

test('tells of itself at each beat, with the configuration that it serves, until it leaves (OPS-31)', async () => {
  const { store, clock, starts } = await world();
  const one = starts('one', {});
  await one.beat();
  clock.advance(10_000);
  await one.beat();
  expect(await store.instances.list()).toMatchObject([
    { name: 'one', startedAt: 1_000_000, seenAt: 1_010_000, configurationVersion: 3 },
  ]);
  await one.leave();
  expect(await store.instances.list()).toEqual([]);
});

test('says where instances differ once, again when it changes, and when it is over; not of one that is gone (OPS-31)', async () => {
  const { clock, said, starts } = await world();
  const one = starts('one', { ASSENT_PUBLIC_URL: 'a', texts: 't' });
  await one.beat();
  const two = starts('two', { ASSENT_PUBLIC_URL: 'b', texts: 't', later: 'unknown to one' });
  await two.beat();
  await one.beat();
  await one.beat();
  const difference = { differences: ['ASSENT_PUBLIC_URL: one | two'], see: 'assent instances' };
  const warning = { level: 'warn', fields: difference, msg: expect.stringContaining('differ') };
  expect(said).toEqual([warning, warning]);
  clock.advance(30_001);
  await one.beat();
  expect(said.slice(2)).toEqual([{ level: 'info', fields: {}, msg: 'Instances do not differ any more.' }]);
});

test('a second one of the same name is told of by both, an earlier start of the same one by nobody (OPS-31)', async () => {
  const { clock, said, starts } = await world();
  await starts('one', {}, 'killed').beat();
  const first = starts('one', {}, 'first');
  await first.beat();
  clock.advance(10_000);
  await first.beat();
  expect(said).toEqual([]);
  const second = starts('one', {}, 'second');
  clock.advance(1_000);
  await second.beat();
  for (let beat = 0; beat < 2; beat += 1) {
    clock.advance(5_000);
    await first.beat();
    clock.advance(5_000);
    await second.beat();
  }
  expect(said.map(({ fields }) => fields)).toEqual([
    { instance: 'one', host: 'h', fix: expect.stringContaining('ASSENT_INSTANCE') },
    { instance: 'one', host: 'h', fix: expect.stringContaining('ASSENT_INSTANCE') },
  ]);
});
