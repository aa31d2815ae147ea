import { describe, expect, test } from 'vitest';
import type { ProofMethod } from '../model/proven-factors.ts';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { classFindings, treeProofs } from './check-trees.ts';
import type { MappedClass } from './class-rules.ts';
import { type WiredNodes as Nodes, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

const PASSWORD = { password: { type: 'Password', to: { right: 'next', wrong: FAILURE } } } satisfies Nodes;
const withPassword = (next: Nodes[string]): Nodes => ({ ...PASSWORD, next });
const keyTo = (right: string, absent: string) => ({ type: 'Key', to: { right, wrong: FAILURE, absent } });

const proofsOf = (...trees: readonly ReturnType<typeof wiredTree>[]) => {
  const proofs = treeProofs({ trees, catalogue: wiredNodes, only: ['T'] }).get('T');
  return { ways: proofs?.ways.map((way) => [...way].sort()), isEven: proofs?.isEven };
};

describe('what the paths to Success of a tree prove (SEC-85)', () => {
  test('adds up what one path proves, and keeps paths with other methods apart', () => {
    const nodes: Nodes = {
      ...PASSWORD,
      next: { type: 'Decide', to: { yes: 'key', no: 'verify' } },
      key: keyTo(SUCCESS, FAILURE),
      verify: { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } },
    };
    expect(proofsOf(wiredTree('T', 'password', nodes)).ways).toEqual([
      ['password', 'push'],
      ['passkey', 'password'],
    ]);
  });

  test('keeps the weaker of two paths alone where it proves a part of the other', () => {
    const nodes = withPassword(keyTo(SUCCESS, SUCCESS));
    expect(proofsOf(wiredTree('T', 'password', nodes))).toEqual({ ways: [['password']], isEven: false });
  });

  test('proves nothing where one path proves nothing', () => {
    const nodes: Nodes = { decide: { type: 'Decide', to: { yes: 'key', no: SUCCESS } }, key: keyTo(SUCCESS, FAILURE) };
    expect(proofsOf(wiredTree('T', 'decide', nodes)).ways).toEqual([[]]);
  });

  test('has no way where no path leads to Success, and one without a method where the tree begins there', () => {
    expect(proofsOf(wiredTree('T', 'password', withPassword(keyTo(FAILURE, FAILURE)))).ways).toEqual([]);
    expect(proofsOf(wiredTree('T', SUCCESS, {})).ways).toEqual([[]]);
  });

  test('counts what an inner tree proves on all of its paths, on its success alone', () => {
    const inner = wiredTree('Inner', 'key', { key: keyTo(SUCCESS, FAILURE) });
    const run = (failure: string) =>
      wiredTree(
        'T',
        'password',
        withPassword({ type: 'Inner', config: { tree: 'Inner' }, to: { true: SUCCESS, false: failure } }),
      );
    expect(proofsOf(run(FAILURE), inner).ways).toEqual([['passkey', 'password']]);
    expect(proofsOf(run(SUCCESS), inner).ways).toEqual([['password']]);
  });

  test('knows nothing of a node of another server', () => {
    expect(proofsOf(wiredTree('T', 'password', withPassword({ type: 'Foreign', to: { on: SUCCESS } }))).ways).toEqual([
      ['password'],
    ]);
  });

  test('ends in loops, with what the first round proves', () => {
    const nodes: Nodes = {
      ...PASSWORD,
      next: { type: 'Decide', to: { yes: 'key', no: SUCCESS } },
      key: keyTo('password', 'next'),
    };
    expect(proofsOf(wiredTree('T', 'password', nodes)).ways).toEqual([['password']]);
  });

  test('stays small in a tree with more paths than can be walked', () => {
    const nodes: Record<string, Nodes[string]> = {};
    for (let at = 0; at < 200; at += 1) {
      nodes[`d${at}`] = { type: 'Decide', to: { yes: `k${at}`, no: `v${at}` } };
      nodes[`k${at}`] = keyTo(`d${at + 1}`, FAILURE);
      nodes[`v${at}`] = { type: 'Verify', to: { right: `d${at + 1}`, wrong: FAILURE } };
    }
    nodes.d200 = { type: 'Password', to: { right: SUCCESS, wrong: FAILURE } };
    expect(proofsOf(wiredTree('T', 'd0', nodes)).ways).toEqual([
      ['password', 'push'],
      ['passkey', 'password'],
    ]);
  });
});

const ANSWER = { type: 'Answer', to: { right: SUCCESS, wrong: FAILURE } };
const requestTo = (next: string, number = true) => ({ type: 'Request', config: { number }, to: { sent: next } });

describe('what the answer to a request proves (SEC-85)', () => {
  const waysOf = (nodes: Nodes, ...inner: readonly ReturnType<typeof wiredTree>[]) =>
    proofsOf(wiredTree('T', Object.keys(nodes)[0] ?? SUCCESS, nodes), ...inner).ways;
  const runs = (to: { readonly true: string; readonly false: string }) => ({
    type: 'Inner',
    config: { tree: 'I' },
    to,
  });

  test('follows the settings of the sender', () => {
    expect(waysOf({ request: requestTo('answer'), answer: ANSWER })).toEqual([['pushNumber']]);
    expect(waysOf({ request: requestTo('answer', false), answer: ANSWER })).toEqual([['push']]);
  });

  test('is each of its methods where no sender is known', () => {
    const foreign: Nodes = {
      request: requestTo('foreign'),
      foreign: { type: 'Foreign', to: { on: 'answer' } },
      answer: ANSWER,
    };
    for (const nodes of [{ answer: ANSWER }, foreign]) expect(waysOf(nodes)).toEqual([['push'], ['pushNumber']]);
  });

  test('follows the last request on each path, and goes with what the path has proven before', () => {
    const nodes: Nodes = {
      decide: { type: 'Decide', to: { yes: 'password', no: 'key' } },
      password: { type: 'Password', to: { right: 'tap', wrong: FAILURE } },
      tap: requestTo('number', false),
      number: requestTo('answer'),
      key: keyTo('other', FAILURE),
      other: requestTo('answer', false),
      answer: ANSWER,
    };
    expect(waysOf(nodes)).toEqual([
      ['password', 'pushNumber'],
      ['passkey', 'push'],
    ]);
  });

  test('follows a sender on a page', () => {
    const page: Nodes[string] = {
      type: 'Page',
      inside: [
        { ...requestTo(''), id: 'request' },
        { type: 'Answer', to: {}, id: 'answer' },
      ],
      to: { right: SUCCESS, wrong: FAILURE },
    };
    expect(waysOf({ page })).toEqual([['pushNumber']]);
  });

  test.each<[string, Nodes, Nodes]>([
    [
      'in an inner tree',
      { run: runs({ true: 'answer', false: FAILURE }), answer: ANSWER },
      { request: requestTo(SUCCESS) },
    ],
    [
      'in an inner tree that fails',
      { run: runs({ true: FAILURE, false: 'answer' }), answer: ANSWER },
      { request: requestTo(FAILURE) },
    ],
    [
      'before an inner tree',
      { request: requestTo('run'), run: runs({ true: SUCCESS, false: FAILURE }) },
      { answer: ANSWER },
    ],
  ])('follows a sender %s', (_where, nodes, inner) => {
    expect(waysOf(nodes, wiredTree('I', Object.keys(inner)[0] ?? SUCCESS, inner))).toEqual([['pushNumber']]);
  });

  test('an inner tree that is run after 2 requests follows each of them', () => {
    const nodes: Nodes = {
      decide: { type: 'Decide', to: { yes: 'number', no: 'key' } },
      number: requestTo('run'),
      key: keyTo('tap', FAILURE),
      tap: requestTo('run', false),
      run: runs({ true: SUCCESS, false: FAILURE }),
    };
    expect(waysOf(nodes, wiredTree('I', 'answer', { answer: ANSWER }))).toEqual([['pushNumber'], ['passkey', 'push']]);
  });
});

describe('classes of sign-in whose journey does not prove them: J22 (SEC-85)', () => {
  const needs =
    (method: ProofMethod): NonNullable<MappedClass['isMetBy']> =>
    (methods) =>
      methods.has(method);
  const found = (nodes: Nodes, mapped: Partial<MappedClass> = {}, entry = 'password') =>
    classFindings({
      trees: [wiredTree('T', entry, nodes)],
      catalogue: wiredNodes,
      classes: [{ acr: 'gold', tree: 'T', ...mapped }],
    }).map(({ finding: { code, severity, message } }) => `${code} ${severity} ${message}`);

  test('names class, tree, path and outcome', () => {
    expect(found(withPassword(keyTo(SUCCESS, SUCCESS)), { isMetBy: needs('passkey') })).toEqual([
      'J22 error The class "gold" (loaMapping) names the journey T, which comes to Success without a proof of the class by the path Password (Right (right)) > Key (Absent (absent)) > Success.',
    ]);
  });

  test('is silent where each path proves the class', () => {
    expect(found(withPassword(keyTo(SUCCESS, FAILURE)), { isMetBy: needs('passkey') })).toEqual([]);
    expect(found(withPassword(keyTo(SUCCESS, SUCCESS)), { isMetBy: needs('password') })).toEqual([]);
    expect(found(withPassword(keyTo(SUCCESS, FAILURE)))).toEqual([]);
  });

  test('a class of the realm needs a proof on every path, and the second factor on all of them or on none', () => {
    expect(found({ ask: { type: 'Ask', to: { outcome: SUCCESS } } }, {}, 'ask')).toEqual([
      expect.stringContaining('without a proof of the class by the path Ask (Outcome (outcome)) > Success'),
    ]);
    expect(found(withPassword(keyTo(SUCCESS, SUCCESS)))).toEqual([
      expect.stringContaining('without its second factor from Key (Absent (absent)) on'),
    ]);
    expect(found({ ...PASSWORD, next: { type: 'Ask', to: { outcome: SUCCESS } } })).toEqual([]);
  });

  test('tells of a class when a tree inside its journey is looked at', () => {
    const trees = [
      wiredTree('T', 'run', {
        run: { type: 'Inner', config: { tree: 'Inner' }, to: { true: SUCCESS, false: FAILURE } },
      }),
      wiredTree('Inner', 'ask', { ask: { type: 'Ask', to: { outcome: SUCCESS } } }),
      wiredTree('Other', 'ask', { ask: { type: 'Ask', to: { outcome: SUCCESS } } }),
    ];
    const classes = [{ acr: 'gold', tree: 'T' }];
    const foundFor = (only: string) =>
      classFindings({ trees, catalogue: wiredNodes, classes, only: [only] }).map(({ finding }) => finding.tree);
    expect([foundFor('T'), foundFor('Inner'), foundFor('Other')]).toEqual([['T'], ['T'], []]);
  });
});
