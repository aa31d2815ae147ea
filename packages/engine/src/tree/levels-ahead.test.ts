import { expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { levelsAhead } from './levels-ahead.ts';

type Wired = readonly [gain: number, ...to: readonly string[]];

const levels = (nodes: Readonly<Record<string, Wired>>): ReadonlyMap<string, number> =>
  levelsAhead(
    new Map(
      Object.entries(nodes).map(([id, [authLevelGain, ...to]]) => [
        id,
        { id, authLevelGain, connections: new Map(to.map((target, at) => [`o${at}`, target])) },
      ]),
    ),
  );

test('a node that does not lead to Success has no level ahead', () => {
  const found = levels({ a: [1, FAILURE], b: [1, 'a', 'c'], c: [2, 'gone'], d: [1, 'd'] });
  expect([...found.keys()]).toEqual([SUCCESS]);
});

test('the best of several ways counts', () => {
  const found = levels({ a: [1, 'b', 'c'], b: [5, SUCCESS], c: [7, 'd', FAILURE], d: [-1, SUCCESS] });
  expect(Object.fromEntries(found)).toMatchObject({ a: 7, b: 5, c: 6, d: -1 });
});

test('a loop that raises the level has no bound, and one that does not ends with the best way out', () => {
  const raising = levels({ a: [1, 'b'], b: [0, 'a', SUCCESS], before: [3, 'a'] });
  expect(Object.fromEntries(raising)).toMatchObject({ a: Infinity, b: Infinity, before: Infinity });
  const even = levels({ a: [0, 'b', SUCCESS], b: [0, 'a', 'c'], c: [4, SUCCESS], before: [3, 'a'] });
  expect(Object.fromEntries(even)).toMatchObject({ a: 4, b: 4, c: 4, before: 7 });
});

test('each connection of 20,000 nodes in a row is read a few times', () => {
  let reads = 0;
  const count = 20_000;
  const connections = (at: number): ReadonlyMap<string, string> => {
    const to = new Map([['o', at === 0 ? SUCCESS : `n${at - 1}`]]);
    return Object.assign(to, {
      values: () => {
        reads += 1;
        return Map.prototype.values.call(to);
      },
    });
  };
  const nodes = new Map(
    Array.from({ length: count }, (_, at) => [
      `n${at}`,
      { id: `n${at}`, authLevelGain: 1, connections: connections(at) },
    ]),
  );
  expect(levelsAhead(nodes).get(`n${count - 1}`)).toBe(count);
  expect(reads).toBeLessThan(5 * count);
});
