import { expect, test } from 'vitest';
import { StoreProbe } from './store-probe.ts';

const probed = () => {
  const state = { now: 0, isBroken: false, asked: 0, held: undefined as Promise<void> | undefined };
  const told: (readonly [isWell: boolean, cause: unknown])[] = [];
  const probe = new StoreProbe({
    elapsed: () => state.now,
    onChange: (...change) => told.push(change),
    async check() {
      state.asked += 1;
      await state.held;
      if (state.isBroken) throw new Error('gone');
    },
  });
  return { state, told, probe };
};

test('a database that has never answered is not well, and its first answer is seen at once', async () => {
  const { state, probe } = probed();
  state.isBroken = true;
  expect(await probe.isWell()).toBe(false);
  expect(await probe.isWell()).toBe(false);
  expect(state.asked).toBe(2);
  state.isBroken = false;
  expect(await probe.isWell()).toBe(true);
});

test('that it is away is told once, with why, and that it is back', async () => {
  const { state, told, probe } = probed();
  await probe.isWell();
  expect(told, 'that it is there').toEqual([]);
  state.isBroken = true;
  state.now = 5_000;
  for (let times = 0; times < 2; times += 1) expect(await probe.isWell()).toBe(false);
  state.isBroken = false;
  for (let times = 0; times < 2; times += 1) expect(await probe.isWell()).toBe(true);
  expect(told).toEqual([
    [false, new Error('gone')],
    [true, undefined],
  ]);
});

test('all who ask within two seconds share one look, also at the same time (OPS-53)', async () => {
  const { state, probe } = probed();
  expect(await Promise.all([probe.isWell(), probe.isWell(), probe.isWell()])).toEqual([true, true, true]);
  state.now = 1_999;
  expect(await probe.isWell()).toBe(true);
  expect(state.asked).toBe(1);
  state.now = 2_000;
  await probe.isWell();
  expect(state.asked).toBe(2);
});

test('a database that is gone for a moment now and then is asked again at once, and never away (OPS-53)', async () => {
  const { state, probe } = probed();
  await probe.isWell();
  for (const moment of [2_000, 4_000, 6_000]) {
    state.now = moment;
    state.isBroken = true;
    expect(await probe.isWell()).toBe(true);
    await Promise.resolve();
    state.isBroken = false;
    state.now = moment + 200;
    await probe.isWell();
  }
  state.now = 10_000;
  expect(await probe.isWell()).toBe(true);
});

test('a look that fails or is late sends nobody away within five seconds, and then it does (REL-14)', async () => {
  const { state, probe } = probed();
  await probe.isWell();
  state.isBroken = true;
  state.now = 4_999;
  expect(await probe.isWell()).toBe(true);
  state.now = 5_000;
  expect(await probe.isWell()).toBe(false);

  const late = probed();
  await late.probe.isWell();
  let answer = () => {};
  late.state.held = new Promise((resolve) => {
    answer = resolve;
  });
  late.state.now = 4_999;
  expect(await late.probe.isWell(), 'nobody waits for the look').toBe(true);
  late.state.now = 5_000;
  const waiting = late.probe.isWell();
  answer();
  expect(await waiting, 'whoever has no answer yet waits for that one').toBe(true);
  expect(late.state.asked).toBe(2);
});
