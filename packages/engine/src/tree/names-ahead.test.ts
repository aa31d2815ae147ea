import { expect, test } from 'vitest';
import { SUCCESS } from '../model/tree.ts';
import { namesAhead } from './names-ahead.ts';

const node = (id: string, to: readonly string[], inputs: readonly string[] = [], innerTree?: string) => ({
  id,
  connections: new Map(to.map((target, at) => [`o${at}`, target])),
  inputNames: new Set(inputs),
  ...(innerTree !== undefined && { innerTree }),
});
const ahead = (...nodes: readonly ReturnType<typeof node>[]) => namesAhead(new Map(nodes.map((it) => [it.id, it])));

test('nothing is ahead of an end, and of a node that is not there', () => {
  const from = ahead(node('a', [SUCCESS], ['x']));
  for (const start of [SUCCESS, 'gone']) {
    expect(from(start).has('x')).toBe(false);
    expect([...from(start).innerTrees]).toEqual([]);
  }
});

test('names and journeys of the node itself and of those behind it are ahead, and others are not', () => {
  const from = ahead(
    node('a', ['b'], ['x']),
    node('b', ['c', 'b'], [], 'Inner'),
    node('c', [SUCCESS], ['y', 'constructor']),
  );
  expect(['x', 'y', 'z', 'constructor', 'toString'].map((name) => from('a').has(name))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(from('b').has('x')).toBe(false);
  expect([...from('a').innerTrees]).toEqual(['Inner']);
  expect([...from('c').innerTrees]).toEqual([]);
});

test('any number of starts in a long journey is right', () => {
  const from = ahead(...Array.from({ length: 400 }, (_, at) => node(`n${at}`, [`n${at + 1}`], [`v${at}`])));
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 400; at += 1) {
      expect(from(`n${at}`).has(`v${at}`)).toBe(true);
      expect(from(`n${at}`).has(`v${at - 1}`)).toBe(false);
    }
  }
});
