import { expect, test } from 'vitest';
import type { Window } from './measure.ts';
import { type Cost, resultOf } from './rounds.ts';
import type { ServerProcess } from './server-process.ts';

/** A load that took so many microseconds of CPU in each round. */
const cost = (...micros: readonly number[]): Cost => ({
  of: {
    store: 'memory',
    server: {} as ServerProcess,
    lanes: [],
    windows: micros.map((cpuMicrosPerTurn) => ({
      cpuMicrosPerTurn,
      turns: 10,
      requests: 20,
      turnsPerSecond: 100,
      p50Millis: 1,
      p99Millis: 2,
      rssMegabytes: 3,
      loadShare: 0.5,
    })) satisfies Window[],
  },
});

test('a row is in E, round by round', () => {
  const result = resultOf({ id: 'O1 memory', ...cost(20, 60, 40) }, cost(10, 20, 10));
  expect(result.value).toMatchObject({ median: 3, min: 2, max: 4 });
  expect(result.note).toContain('40 µs');
});

test('what is measured beside it and not meant is taken off, parts of parts too', () => {
  const echo = cost(10, 10, 10);
  const signed = { ...cost(260, 250, 270), without: [echo] };
  const tokens = { ...cost(500, 520, 540), without: [cost(60, 60, 60), signed] };
  expect(resultOf({ id: 'O2 memory', ...tokens }, echo).value).toMatchObject({ median: 22, min: 19, max: 22 });
});

test('a row beside another program is as many times its cost', () => {
  const result = resultOf(
    { id: 'O7', ...cost(100, 100, 200), beside: { name: 'oidc-provider', cost: cost(400, 500, 400) } },
    cost(10, 10, 10),
  );
  expect(result.value).toMatchObject({ median: 0.25, min: 0.2, max: 0.5 });
  expect(result.note).toContain('10.0 E beside 40.0 E (400 µs) of oidc-provider');
});

test('a round that is missing in a part is no figure, and keeps no gate', () => {
  const tokens = { ...cost(500, 500), without: [cost(60)] };
  expect(resultOf({ id: 'O2 memory', ...tokens }, cost(10, 10)).value.max).toBeNaN();
});
