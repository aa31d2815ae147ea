import { expect, test } from 'vitest';
import { createDatabaseClock } from './database-clock.ts';

const world = () => {
  const it = { elapsed: 1_000, database: 1_800_000_000_000, takes: 0 };
  const clock = createDatabaseClock(
    async () => {
      it.elapsed += it.takes / 2;
      const told = it.database;
      it.elapsed += it.takes / 2;
      return told;
    },
    () => it.elapsed,
  );
  return { it, clock };
};

test('there is no time before the database was asked for it', () => {
  expect(() => world().clock.now()).toThrow(/not asked/);
});

test('the time is that of the database at the middle of the question, and runs on by itself (OPS-29, F32)', async () => {
  const { it, clock } = world();
  it.takes = 10;
  await clock.measure();
  expect(clock.now()).toBe(it.database + 5);
  it.elapsed += 20_000;
  expect(clock.now()).toBe(it.database + 20_005);
});

test('a later answer corrects it, unless it took so long that it says little', async () => {
  const { it, clock } = world();
  await clock.measure();
  it.database += 300_000;
  it.takes = 2_000;
  await clock.measure();
  expect(clock.now()).toBe(it.database - 300_000 + 2_000);
  it.takes = 4;
  await clock.measure();
  expect(clock.now()).toBe(it.database + 2);
});

test('a question without an answer leaves the time as it runs', async () => {
  let fails = false;
  const clock = createDatabaseClock(
    async () => {
      if (fails) throw new Error('gone');
      return 5_000;
    },
    () => 0,
  );
  await clock.measure();
  fails = true;
  await expect(clock.measure()).rejects.toThrow('gone');
  expect(clock.now()).toBe(5_000);
});
