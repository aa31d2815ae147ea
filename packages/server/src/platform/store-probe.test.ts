import { expect, test } from 'vitest';
import { StoreProbe } from './store-probe.ts';

const probed = () => {
  const state = { now: 0, isBroken: false, asked: 0, held: undefined as Promise<void> | undefined };
  const told: (readonly [isWell: boolean, cause: unknown])[] = [];
  const timers: { readonly at: number; readonly action: () => void }[] = [];
  const probe = new StoreProbe({
    elapsed: () => state.now,
    onChange: (...change) => told.push(change),
    after(millis, action) {
      const timer = { at: state.now + millis, action };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    async check() {
      state.asked += 1;
      await state.held;
      if (state.isBroken) throw new Error('gone');
    },
  });
  const settle = async () => {
    for (let turns = 0; turns < 8; turns += 1) await Promise.resolve();
  };
  /** Lets the time pass, and does what is due in it. */
  const pass = async (until: number) => {
    await settle();
    for (;;) {
      const [next] = timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      timers.splice(timers.indexOf(next), 1);
      state.now = Math.max(state.now, next.at);
      next.action();
      await settle();
    }
    state.now = until;
  };
  return { state, told, timers, probe, pass };
};

test('a database that has never answered is not well, and its first answer is seen soon', async () => {
  const { state, probe, pass } = probed();
  state.isBroken = true;
  probe.start();
  await pass(400);
  expect(await probe.isWell()).toBe(false);
  state.isBroken = false;
  await pass(500);
  expect(await probe.isWell()).toBe(true);
});

test('to be asked costs no query: the database is looked at every two seconds, and each half of one while it is away (OPS-53)', async () => {
  const { state, probe, pass } = probed();
  probe.start();
  for (let now = 0; now <= 10_000; now += 100) {
    await pass(now);
    expect(await Promise.all([probe.isWell(), probe.isWell()])).toEqual([true, true]);
  }
  expect(state.asked).toBe(6);
  state.isBroken = true;
  for (let now = 10_000; now < 20_000; now += 100) {
    await pass(now);
    expect(await probe.isWell()).toBe(now < 15_000);
  }
  expect(state.asked).toBe(6 + 16);
});

test('that it is away is told once, with why, and that it is back', async () => {
  const { state, told, probe, pass } = probed();
  probe.start();
  await pass(1_000);
  expect(told, 'that it is there').toEqual([]);
  state.isBroken = true;
  await pass(10_000);
  state.isBroken = false;
  await pass(20_000);
  expect(told).toEqual([
    [false, new Error('gone')],
    [true, undefined],
  ]);
});

test('a database that is gone for a moment now and then is never away (OPS-53)', async () => {
  const { state, told, probe, pass } = probed();
  probe.start();
  for (const moment of [1_900, 3_900, 5_900, 7_900]) {
    await pass(moment);
    state.isBroken = true;
    await pass(moment + 400);
    expect(await probe.isWell()).toBe(true);
    state.isBroken = false;
  }
  expect(told).toEqual([]);
});

test('a look that is late sends nobody away within five seconds; whoever asks then waits for it (REL-14)', async () => {
  const late = probed();
  late.probe.start();
  await late.pass(1_000);
  let answer = () => {};
  late.state.held = new Promise((resolve) => {
    answer = resolve;
  });
  await late.pass(4_999);
  expect(await late.probe.isWell(), 'nobody waits for the look').toBe(true);
  late.state.now = 5_000;
  const waiting = late.probe.isWell();
  answer();
  expect(await waiting).toBe(true);
  expect(late.state.asked).toBe(2);
});

test('an event loop that was held for longer than that costs one look, and no rotation', async () => {
  const { state, probe, pass } = probed();
  probe.start();
  await pass(0);
  state.now = 20_000;
  expect(await probe.isWell()).toBe(true);
  expect(state.asked).toBe(2);
});

test('once it is stopped, nothing is looked at', async () => {
  const { state, timers, probe, pass } = probed();
  probe.start();
  await pass(100);
  probe.stop();
  expect(timers).toEqual([]);
  await pass(60_000);
  expect(state.asked).toBe(1);
});
