import { FAILURE, SUCCESS } from '@assent/engine/host';
import { publishedTree, type TestNode } from '@assent/engine/testing';
import { nodeCatalogue } from '@assent/nodes';
import { expect, test } from 'vitest';
import { levelProblems } from './level-journeys.ts';

/** What keeps a journey from being the one for level 5 that raises the level by 5, and then goes through a node. */
const problemsAfter = (node: TestNode): readonly string[] => {
  const journey = publishedTree('Raised', {
    entry: 'raise',
    nodes: {
      raise: { type: 'ModifyAuthLevelNode', config: { authLevelIncrement: 5 }, to: { outcome: 'node' } },
      node,
    },
  });
  return levelProblems([journey], { 5: 'Raised' }, { catalogue: nodeCatalogue }).map(({ message }) => message);
};
const script = (...outputs: readonly string[]): TestNode => ({
  type: 'ScriptedDecisionNode',
  config: { script: 'decides', outcomes: ['true'], inputs: [], outputs },
  to: { true: SUCCESS },
});
const made = (nodeType: string, to: Readonly<Record<string, string>>): TestNode => ({
  type: 'ConfigProviderNode',
  config: { script: 'settings', nodeType },
  to,
});

test.each([
  ['a script that may set anything', script('*')],
  ['a script that sets the level', script('authLevel')],
  ['a level by settings that a script makes', made('ModifyAuthLevelNode', { outcome: SUCCESS })],
])('no level is trusted behind %s (SEC-85)', (_, node) => {
  expect(problemsAfter(node)).toEqual([expect.stringContaining('which comes to Success with an unknown level')]);
});

test.each([
  ['a script that sets something else', script('answer')],
  ['a message', { type: 'MessageNode', to: { true: SUCCESS, false: FAILURE } } satisfies TestNode],
])('a level stays behind %s', (_, node) => {
  expect(problemsAfter(node)).toEqual([]);
});
