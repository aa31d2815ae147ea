import { FAILURE, SUCCESS } from '@assent/engine/host';
import { publishedTree, type TestNode } from '@assent/engine/testing';
import { nodeCatalogue } from '@assent/nodes';
import { expect, test } from 'vitest';
import { waysOfClasses } from './acr-classes.ts';
import { acrProblems, newAcrProblems } from './acr-problems.ts';

const treeOf = (name: string, nodes: Readonly<Record<string, TestNode>>) =>
  publishedTree(name, { entry: Object.keys(nodes)[0] ?? SUCCESS, nodes });
const password = (right: string): TestNode => ({
  type: 'DataStoreDecisionNode',
  to: { true: right, false: FAILURE },
});
const verified = { TRUE: SUCCESS, FALSE: FAILURE, EXPIRED: FAILURE, WAITING: 'verify' };
const verify: TestNode = { type: 'PushResultVerifierNode', to: verified };
const inside = (tree: string): TestNode => ({
  type: 'InnerTreeEvaluatorNode',
  config: { tree },
  to: { true: SUCCESS, false: FAILURE },
});

const trees = [
  treeOf('Login', { password: password(SUCCESS) }),
  treeOf('Open', { open: { type: 'AnonymousUserNode', to: { outcome: SUCCESS } } }),
  treeOf('Push', { password: password('verify'), verify }),
  treeOf('Optional', {
    password: password('choose'),
    choose: { type: 'MessageNode', to: { true: 'verify', false: SUCCESS } },
    verify,
  }),
  treeOf('AroundLogin', { run: inside('Login') }),
  treeOf('AroundPush', { run: inside('Push') }),
  treeOf('AroundItself', { run: inside('AroundItself') }),
  treeOf('Custom', { node: { type: 'NodeOfAnotherServer', to: { on: SUCCESS } } }),
];
const reading = { catalogue: nodeCatalogue };
const problems = (acr: string, name: string) =>
  acrProblems(trees, new Map([[acr, name]]), reading).map(({ message }) =>
    message.replace(/^.*?names the journey /, ''),
  );

const WITHOUT_PROOF = 'which comes to Success without a proof of the class by the path';

test.each<[string, string, string | undefined]>([
  ['password', 'Login', undefined],
  ['password', 'AroundLogin', undefined],
  ['push', 'Push', undefined],
  ['push', 'AroundPush', undefined],
  ['push', 'Login', `Login, ${WITHOUT_PROOF} "node" (True (true)) > Success.`],
  ['push', 'Optional', `Optional, ${WITHOUT_PROOF} "node" (True (true)) > "node" (false) > Success.`],
  ['phr', 'Push', `Push, ${WITHOUT_PROOF}`],
  ['gold', 'Login', undefined],
  ['gold', 'Push', undefined],
  ['gold', 'Optional', 'Optional, which comes to Success without its second factor from'],
  ['gold', 'Open', `Open, ${WITHOUT_PROOF}`],
  ['gold', 'Custom', `Custom, ${WITHOUT_PROOF}`],
  ['gold', 'AroundItself', `AroundItself, ${WITHOUT_PROOF}`],
  ['gold', 'Gone', 'Gone, which the realm does not have.'],
])('the class %s with the journey %s: %s (SEC-85)', (acr, name, problem) => {
  const found = problems(acr, name);
  if (problem === undefined) expect(found).toEqual([]);
  else expect(found[0]).toMatch(new RegExp(`^${problem.slice(0, problem.indexOf('"')).replace(/[().]/g, '\\$&')}`));
});

test('a change brings the problems of what it maps anew, of journeys that are there', () => {
  const before = new Map([
    ['push', 'Login'],
    ['gold', 'Login'],
  ]);
  const after = new Map([
    ['push', 'Login'],
    ['gold', 'Open'],
    ['silver', 'Gone'],
  ]);
  expect(newAcrProblems(trees, after, before, reading)).toMatchObject([{ acr: 'gold', tree: 'Open', isThere: true }]);
});

test('a class of the realm stands for what its journey proves, and for nothing where a path proves less (SEC-85)', () => {
  const names = ['Login', 'Push', 'Optional', 'Open', 'AroundPush', 'Gone'];
  const ways = waysOfClasses(new Map(names.map((name) => [name, name])), () => ({ trees, ...reading }));
  const waysOf = (acr: string) => ways(acr).map((way) => [...way].sort().join('+'));
  expect(Object.fromEntries([...names, 'unmapped'].map((name) => [name, waysOf(name)]))).toEqual({
    Login: ['password'],
    Push: ['password+push', 'password+pushNumber'],
    Optional: [],
    Open: [],
    AroundPush: ['password+push', 'password+pushNumber'],
    Gone: [],
    unmapped: [],
  });
});
