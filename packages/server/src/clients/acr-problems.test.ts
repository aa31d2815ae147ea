import type { PublishedTree } from '@assent/engine/host';
import { publishedTree, type TestNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { acrProblems } from './acr-problems.ts';

const treeOf = (name: string, ...nodes: readonly TestNode[]): readonly [string, PublishedTree] => [
  name,
  publishedTree(name, { entry: 'node-0', nodes: Object.fromEntries(nodes.map((node, at) => [`node-${at}`, node])) }),
];
const inside = (tree: string): TestNode => ({ type: 'InnerTreeEvaluatorNode', config: { tree } });

const trees = new Map([
  treeOf('Login', { type: 'UsernameCollectorNode' }, { type: 'DataStoreDecisionNode' }),
  treeOf('Open', { type: 'AnonymousUserNode' }, { type: 'MessageNode' }),
  treeOf('AroundLogin', inside('Login')),
  treeOf('AroundOpen', inside('Open')),
  treeOf('AroundItself', inside('AroundItself')),
  treeOf('Passkey', { type: 'WebAuthnAuthenticationNode' }),
  treeOf('Custom', { type: 'NodeOfSomebodyElse' }),
]);
const problems = (name: string, acr = 'gold') =>
  acrProblems({ tree: (_realm, it) => trees.get(it) }, '/', new Map([[acr, name]])).map((text) => text.split(', ')[1]);

test.each([
  ['Login', []],
  ['AroundLogin', []],
  ['Custom', []],
  ['Gone', ['which the realm does not have: nobody can meet it.']],
  ['Open', ['in which nothing is proven: whoever walks it meets it.']],
  ['AroundOpen', ['in which nothing is proven: whoever walks it meets it.']],
  ['AroundItself', ['in which nothing is proven: whoever walks it meets it.']],
])('a class that stands for %s: %j', (name, texts) => {
  expect(problems(name)).toEqual(texts);
});

test.each([
  ['Passkey', []],
  ['Custom', []],
  ['Login', ['and the journey Login asks for none: nobody meets it there.']],
])('a class that a passkey alone meets, and the way to it is %s: %j', (name, texts) => {
  expect(problems(name, 'phr')).toEqual(texts);
  expect(problems(name, 'phrh')).toEqual(texts);
});
