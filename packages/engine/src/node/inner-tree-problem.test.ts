import { expect, test } from 'vitest';
import { z } from 'zod';
import { publishedTree } from '../testing/journey-harness.ts';
import { innerTreeProblem } from './inner-tree-problem.ts';
import { defineNode } from './node-definition.ts';

const inner = defineNode({
  type: 'Inner',
  title: 'x',
  help: 'x',
  tags: [],
  config: z.object({ tree: z.string() }),
  innerTree: ({ tree }) => tree,
  outcomes: { outcome: 'Outcome' },
  process: async ({ goTo }) => goTo('outcome'),
});
const running = (name: string, ...trees: unknown[]) =>
  publishedTree(name, {
    entry: '0',
    nodes: Object.fromEntries(trees.map((tree, at) => [String(at), { type: 'Inner', config: { tree } }])),
  });
const trees = new Map(
  [
    running('A', 'B', 'C'),
    running('B', 'C'),
    running('C'),
    running('Loop', 'Back'),
    running('Back', 'Loop'),
    running('Faulty', 7),
  ].map((tree) => [tree.name, tree]),
);
const problem = (containing: string, named: string) =>
  innerTreeProblem({ tree: (_, name) => trees.get(name) }, new Map([['Inner', inner]]), '/', containing, named);

test.each([
  ['New', 'Gone', 'Configured tree does not exist'],
  ['New', 'New', 'Tree would result in recursive loop: New'],
  ['B', 'A', 'Tree would result in recursive loop: A'],
  ['C', 'A', 'Tree would result in recursive loop: A'],
  ['New', 'A', undefined],
  ['A', 'C', undefined],
  ['New', 'Loop', undefined],
  ['New', 'Faulty', undefined],
])('%s may run %s: %s', (containing, named, reason) => {
  expect(problem(containing, named)).toBe(reason);
});
