import { simulatedClock } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { RatePerKey } from './rate-per-key.ts';

const rates = () => {
  const clock = simulatedClock();
  const rate = new RatePerKey({ burst: 3, perSecond: 0.5 }, clock);
  const takeAll = (key: string, most = 10) => {
    let taken = 0;
    while (taken < most && rate.wait(key) === 0) {
      rate.take(key);
      taken += 1;
    }
    return taken;
  };
  return { clock, rate, takeAll };
};

test('nobody does more than a burst at once and then what time gives, and says when to come again (REL-14)', () => {
  const { clock, rate, takeAll } = rates();
  expect([takeAll('a'), rate.wait('a')]).toEqual([3, 2]);
  clock.advance(1_000);
  expect([takeAll('a'), rate.wait('a')]).toEqual([0, 1]);
  clock.advance(1_000);
  expect(takeAll('a')).toBe(1);
  clock.advance(3_600_000);
  expect(takeAll('a')).toBe(3);
  expect(takeAll('b')).toBe(3);
});

test('what came to a good end is given back, and never more than there was', () => {
  const { rate, takeAll } = rates();
  rate.giveBack('a');
  expect(takeAll('a')).toBe(3);
  rate.giveBack('a');
  expect(takeAll('a')).toBe(1);
});

test('a clock that is set back gives and takes nothing', () => {
  const { clock, takeAll } = rates();
  takeAll('a', 1);
  clock.advance(-3_600_000);
  expect(takeAll('a')).toBe(2);
});

test('of a hundred thousand who come once each, few are remembered (REL-14)', () => {
  const { rate } = rates();
  for (let at = 0; at < 3; at += 1) rate.take('first');
  expect(rate.wait('first')).toBe(2);
  for (let at = 0; at < 100_000; at += 1) rate.take(`source ${at}`);
  expect(rate.wait('first')).toBe(0);
});
