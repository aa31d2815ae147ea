import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { levelFindings } from './check-trees.ts';
import { type WiredNodes as Nodes, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

const raise = (by: number, outcome: string) => ({ type: 'Raise', config: { by }, to: { outcome } });
const atLeast = (level: number, to: Readonly<Record<'true' | 'false', string>>) => ({
  type: 'AtLeast',
  config: { level },
  to,
});
const decide = (yes: string, no: string) => ({ type: 'Decide', to: { yes, no } });
const script = (outcome: string, sets = ['*']) => ({ type: 'Script', config: { script: 's', sets }, to: { outcome } });

/** What is said of the tree `T` for a level, without the sentence around the path. */
const found = (level: number, entry: string, nodes: Nodes, ...others: readonly ReturnType<typeof wiredTree>[]) =>
  levelFindings({
    trees: [wiredTree('T', entry, nodes), ...others],
    catalogue: wiredNodes,
    levels: [{ level, tree: 'T' }],
  }).map(
    ({ finding: { code, severity, message } }) => `${code} ${severity} ${message.replace(/^.* comes to Success /, '')}`,
  );

describe('journeys that do not reach the authentication level they are named for: J24 (SEC-85)', () => {
  test('names level, journey, path and what to do', () => {
    const [found] = levelFindings({
      trees: [wiredTree('T', 'raise', { raise: raise(5, SUCCESS) })],
      catalogue: wiredNodes,
      levels: [{ level: 10, tree: 'T' }],
    });
    expect(found?.finding).toMatchObject({
      code: 'J24',
      tree: 'T',
      message:
        'The authentication level 10 (authLevelJourneys) names the journey T, which comes to Success with the level 5 by the path Raise (Outcome (outcome)) > Success.',
      fix: 'Add a Modify Auth Level node or an Auth Level Decision to that path, or name another journey for 10.',
    });
  });

  test('accepts a journey that adds the level up on every path, and one that compares it', () => {
    expect(found(10, 'a', { a: raise(4, 'b'), b: raise(6, SUCCESS) })).toEqual([]);
    expect(found(10, 'a', { a: decide('b', 'c'), b: raise(10, SUCCESS), c: raise(20, SUCCESS) })).toEqual([]);
    expect(found(10, 'a', { a: atLeast(10, { true: SUCCESS, false: FAILURE }) })).toEqual([]);
    expect(
      found(10, 'a', { a: script('b', ['x']), b: atLeast(12, { true: SUCCESS, false: 'c' }), c: raise(10, SUCCESS) }),
    ).toEqual([]);
    expect(found(10, 'a', { a: script('b'), b: atLeast(12, { true: SUCCESS, false: FAILURE }) })).toEqual([]);
  });

  test('finds the weaker of two paths, wherever it branches off', () => {
    const nodes: Nodes = {
      a: decide('b', 'c'),
      b: raise(10, 'end'),
      c: decide('end', FAILURE),
      end: raise(5, SUCCESS),
    };
    expect(found(15, 'a', nodes)).toEqual([
      'J24 error with the level 5 by the path Decide (No (no)) > Decide (Yes (yes)) > Raise (Outcome (outcome)) > Success.',
    ]);
    expect(found(5, 'a', nodes)).toEqual([]);
  });

  test('counts a level that is lowered, also in a loop without end', () => {
    expect(found(10, 'a', { a: raise(10, 'b'), b: raise(-1, SUCCESS) })).toHaveLength(1);
    const loop: Nodes = { a: raise(1_000, 'b'), b: decide(SUCCESS, 'c'), c: raise(-1, 'b') };
    expect(found(10, 'a', loop)).toEqual([expect.stringContaining('with an unknown level')]);
    const bound: Nodes = { ...loop, b: decide('d', 'c'), d: atLeast(10, { true: SUCCESS, false: FAILURE }) };
    expect(found(10, 'a', bound)).toEqual([]);
    const rising: Nodes = { a: decide(SUCCESS, 'b'), b: raise(10, 'a') };
    expect(found(10, 'a', rising)).toHaveLength(1);
  });

  test('does not take a script for a proof of a level, and trusts no level that a node may set', () => {
    expect(found(10, 'a', { a: script(SUCCESS) })).toHaveLength(1);
    expect(found(10, 'a', { a: raise(10, 'b'), b: script(SUCCESS, ['authLevel']) })).toHaveLength(1);
    expect(found(10, 'a', { a: raise(10, 'b'), b: { type: 'Foreign', to: { on: SUCCESS } } })).toEqual([]);
    // One that may set anything.
    expect(found(10, 'a', { a: raise(10, 'b'), b: script(SUCCESS) })).toHaveLength(1);
  });

  test('adds what an inner tree does on each of its ends, and what stands on a page', () => {
    const inner = wiredTree('Inner', 'i', { i: decide('up', FAILURE), up: raise(10, SUCCESS) });
    const run = (onFalse: string): Nodes => ({
      a: { type: 'Inner', config: { tree: 'Inner' }, to: { true: SUCCESS, false: onFalse } },
    });
    expect(found(10, 'a', run(FAILURE), inner)).toEqual([]);
    expect(found(10, 'a', run(SUCCESS), inner)).toHaveLength(1);
    expect(found(10, 'a', run(FAILURE))).toHaveLength(1);
    // A level that the inner tree compares stands, and what it was before does not count.
    const compares = wiredTree('Inner', 'i', { i: atLeast(10, { true: SUCCESS, false: FAILURE }) });
    expect(found(10, 'a', { ...run(FAILURE), b: raise(-5, 'a') }, compares)).toEqual([]);
    expect(found(10, 'b', { ...run(FAILURE), b: raise(-5, 'a') }, compares)).toEqual([]);
    expect(found(10, 'b', { ...run(FAILURE), b: raise(-5, 'a') }, inner)).toHaveLength(1);
    const page: Nodes = {
      p: {
        type: 'Page',
        inside: [
          { id: 'one', type: 'Raise', config: { by: 4 } },
          { id: 'two', type: 'Raise', config: { by: 6 } },
        ],
        to: { outcome: SUCCESS },
      },
    };
    expect(found(10, 'p', page)).toEqual([]);
    expect(found(11, 'p', page)).toHaveLength(1);
  });

  test('takes work that grows with the connections of a tree, and not with its paths', () => {
    const nodes: Record<string, Nodes[string]> = {};
    for (let at = 0; at < 60; at += 1) {
      nodes[`d${at}`] = decide(`l${at}`, `r${at}`);
      nodes[`l${at}`] = raise(1, at === 59 ? SUCCESS : `d${at + 1}`);
      nodes[`r${at}`] = raise(2, at === 59 ? SUCCESS : `d${at + 1}`);
    }
    expect(found(60, 'd0', nodes)).toEqual([]);
    expect(found(61, 'd0', nodes)).toEqual([expect.stringContaining('with the level 60')]);
  });
});
