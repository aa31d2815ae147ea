import { expect, test } from 'vitest';
import { simulatedClock } from '../testing/index.ts';
import { sprayWatch } from './spray-watch.ts';

const account = (at: number) => `digest of ${at}`;

const watched = () => {
  const clock = simulatedClock();
  const watch = sprayWatch(clock);
  /** Wrong passwords, one at each account; what was told of them. */
  const wrong = (accounts: number, realm = '/') =>
    Array.from({ length: accounts }, (_, at) => watch.wrong(realm, account(at))).filter((told) => told !== undefined);
  return { clock, watch, wrong };
};

test('wrong passwords at a hundred accounts are told of once in ten minutes (A137)', () => {
  const { clock, wrong } = watched();
  expect(wrong(99)).toEqual([]);
  expect(wrong(5_000)).toEqual([{ accounts: 100, wrong: 199 }]);
  clock.advance(10 * 60_000);
  expect(wrong(5_000)).toHaveLength(1);
});

test('a thousand at one account are no spray, nor are those of many hours, nor of many realms', () => {
  const { clock, watch, wrong } = watched();
  for (let at = 0; at < 1_000; at += 1) expect(watch.wrong('/', account(1))).toBeUndefined();
  for (let hour = 0; hour < 20; hour += 1) {
    clock.advance(3_600_000);
    expect(wrong(99)).toEqual([]);
  }
  for (let at = 0; at < 50; at += 1) expect(wrong(50, `/realm-${at}`)).toEqual([]);
});

test('many who mistype are none where more do not', () => {
  const { watch, wrong } = watched();
  for (let at = 0; at < 5_000; at += 1) watch.right('/');
  expect(wrong(4_000)).toEqual([]);
});
