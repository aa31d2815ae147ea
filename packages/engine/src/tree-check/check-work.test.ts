import { describe, expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { checkTrees, classFindings, journeyFindings, levelFindings, treeProofs, treeStrengths } from './check-trees.ts';
import { STEPS_OF_REQUEST, STEPS_OF_TREE } from './graph/check-work.ts';
import { readTrees } from './read-trees.ts';
import { type WiredNodes as Nodes, type WiredNode, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

type Tree = ReturnType<typeof wiredTree>;

const chain = (count: number, node: (at: number, next: string) => WiredNode): Nodes =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`n${at}`, node(at, at + 1 < count ? `n${at + 1}` : SUCCESS)]),
  );

/** Scripts that each set names of their own and lead on by many outcomes. */
const scripts = (count: number, { names = 900, outcomes = 60 } = {}): Nodes =>
  chain(count, (at, next) => ({
    type: 'Choices',
    config: {
      outcomes: Array.from({ length: outcomes }, (_, outcome) => `o${outcome}`),
      sets: Array.from({ length: names }, (_, name) => `n${at}_${name}`),
    },
    to: Object.fromEntries(Array.from({ length: outcomes }, (_, outcome) => [`o${outcome}`, next])),
  }));

const METHODS = ['password', 'oath', 'boundDevice', 'recoveryCode', 'push', 'mailCode', 'passkey'];

/** Any 4 of 7 factors, each by a longer way than the one before, and then many connections side by side. */
const grid = (count: number): Nodes => {
  const wanted = 4;
  const nodes: Record<string, WiredNode> = { ...scripts(count, { names: 0 }) };
  const at = (factor: number, taken: number): string =>
    factor === METHODS.length ? (taken === wanted ? 'n0' : FAILURE) : `g${factor}.${taken}`;
  for (const [factor, method] of METHODS.entries()) {
    for (let taken = 0; taken <= Math.min(factor, wanted); taken += 1) {
      const take = `p${factor}.${taken}.0`;
      nodes[`g${factor}.${taken}`] = {
        type: 'Decide',
        to: { yes: at(factor + 1, taken), no: taken < wanted ? take : FAILURE },
      };
      const length = 2 ** factor;
      for (let step = 0; taken < wanted && step < length; step += 1) {
        const next = step + 1 < length ? `p${factor}.${taken}.${step + 1}` : at(factor + 1, taken + 1);
        nodes[`p${factor}.${taken}.${step}`] =
          step === 0
            ? { type: 'Proves', config: { method }, to: { right: next } }
            : { type: 'Wait', to: { outcome: next } };
      }
    }
  }
  return nodes;
};

/** Many loops in which the level falls on each round, so that it never settles. */
const fallingLevels = (count: number, end: WiredNode): Nodes => ({
  ...Object.fromEntries(
    Array.from({ length: count }, (_, at): [string, WiredNode][] => [
      [`n${at}`, { type: 'Raise', config: { by: -1 }, to: { outcome: `d${at}` } }],
      [`d${at}`, { type: 'Decide', to: { yes: `n${at}`, no: at + 1 < count ? `n${at + 1}` : 'end' } }],
    ]).flat(),
  ),
  end,
});

const page = (count: number): Nodes => ({
  page: {
    type: 'Page',
    inside: Array.from({ length: count }, (_, at) => ({ id: `c${at}`, type: 'Ask' })),
    to: { outcome: SUCCESS },
  },
});

/** Pages that each hold the next one twice, as a stored configuration may. */
const nestedPages = (depth: number): Tree =>
  wiredTree('T', 'p0', {
    p0: {
      type: 'Page',
      config: { nodes: [{ _id: 'p1' }, { _id: 'p1' }] },
      to: { outcome: SUCCESS },
    },
    ...Object.fromEntries(
      Array.from({ length: depth }, (_, at): [string, WiredNode] => [
        `p${at + 1}`,
        at + 1 === depth
          ? { type: 'Ask', to: {} }
          : { type: 'Page', config: { nodes: [{ _id: `p${at + 2}` }, { _id: `p${at + 2}` }] }, to: {} },
      ]),
    ),
  });

const options = (...trees: readonly Tree[]) => ({ trees, catalogue: wiredNodes });
const treeOf = (nodes: Nodes, entry = 'n0', name = 'T') => wiredTree(name, entry, nodes);
/** The steps of a check, and whether it came to an end. */
const workOf = (tree: Tree) => {
  const { work, tooLarge } = readTrees(options(tree));
  return { steps: work.steps, isTooLarge: tooLarge.has('T') };
};

describe('the work of a check (SEC-93)', () => {
  test.each<[name: string, make: (count: number) => Tree, count: number]>([
    ['scripts that set names of their own', (count) => treeOf(scripts(count)), 14],
    ['factors in any order before many connections', (count) => treeOf(grid(count), 'g0.0'), 30],
    [
      'a long journey',
      (count) => treeOf(chain(count, (_, next) => ({ type: 'Verify', to: { right: next, wrong: 'n0' } }))),
      400,
    ],
    ['many connections to the same node', (count) => treeOf(scripts(2, { outcomes: count })), 500],
  ])('grows with the journey and no faster: %s', (_name, make, count) => {
    const [once, twice] = [workOf(make(count)), workOf(make(2 * count))];
    expect([once.isTooLarge, twice.isTooLarge]).toEqual([false, false]);
    expect(once.steps).toBeGreaterThan(count);
    expect(twice.steps / once.steps).toBeLessThan(2.5);
  });

  test('stays under 200,000 steps for 58 scripts with 900 names and 60 connections each', () => {
    const { steps, isTooLarge } = workOf(treeOf(scripts(58)));
    expect(isTooLarge).toBe(false);
    expect(steps).toBeLessThan(200_000);
  });

  test('counts the same when the journey was read before', () => {
    const tree = treeOf(scripts(14));
    expect(workOf(tree)).toEqual(workOf(tree));
  });

  test.each<[name: string, tree: () => Tree]>([
    [
      'a level that falls round after round',
      () => treeOf(fallingLevels(800, { type: 'Ask', to: { outcome: SUCCESS } })),
    ],
    ['a page of 2,000 nodes', () => treeOf(page(2_000), 'page')],
    ['pages in pages', () => nestedPages(40)],
  ])('ends in a finding for %s', (_name, make) => {
    const tree = make();
    expect(readTrees(options(tree)).work.steps).toBeLessThan(STEPS_OF_TREE + 2);
    expect(checkTrees(options(tree))).toEqual([
      {
        code: 'J25',
        severity: 'error',
        tree: 'T',
        message: 'The journey is too large to be checked, so it counts as one that proves nothing.',
        fix: 'Remove nodes or connections, or move some journeys to another realm.',
      },
    ]);
  });

  test('has a bound for all journeys of a realm together', () => {
    const trees = Array.from({ length: 60 }, (_, at) => treeOf(scripts(58), 'n0', `T${at}`));
    const { work, tooLarge } = readTrees(options(...trees));
    expect(work.steps).toBeLessThan(4_100_000);
    expect(tooLarge.size).toBeGreaterThan(0);
    expect(checkTrees({ ...options(...trees), only: ['T59'] }).map(({ code }) => code)).not.toContain('J25');
  });

  test('has a smaller bound in a request, also for the journeys that classes and levels name', () => {
    const trees = Array.from({ length: 60 }, (_, at) => treeOf(scripts(58), 'n0', `T${at}`));
    const of = { ...options(...trees), maxSteps: STEPS_OF_REQUEST };
    const { work, tooLarge } = readTrees(of);
    expect(work.steps).toBe(STEPS_OF_REQUEST + 1);
    expect(tooLarge.size).toBeGreaterThan(50);
    const classes = trees.map(({ name }) => ({ acr: `of ${name}`, tree: name }));
    const levels = trees.map(({ name }, at) => ({ level: at + 1, tree: name }));
    const found = journeyFindings({ ...of, only: ['T59'], classes, levels });
    expect(found.map(({ tree }) => tree)).toEqual(['T59', 'T59']);
    expect(journeyFindings({ ...of, classes, levels }).filter(({ code }) => code === 'J25').length).toBeGreaterThan(50);
  });

  test('reads a journey once for many classes that name it', () => {
    const tree = treeOf(grid(30), 'g0.0');
    const classes = Array.from({ length: 400 }, (_, at) => ({ acr: `c${at}`, tree: 'T', isMetBy: () => false }));
    const levels = Array.from({ length: 100 }, (_, at) => ({ level: at + 1, tree: 'T' }));
    const found = journeyFindings({ ...options(tree), maxSteps: STEPS_OF_REQUEST, classes, levels });
    const named = found.filter(({ code }) => ['J22', 'J24'].includes(code));
    expect(named).toHaveLength(500);
    expect(named.filter(({ message }) => message.includes('too large'))).toEqual([]);
  });
});

describe('a journey that is too large to be checked (SEC-85, SEC-93)', () => {
  const proven = fallingLevels(800, { type: 'Verify', to: { right: SUCCESS, wrong: FAILURE } });
  const around: Nodes = { inner: { type: 'Inner', config: { tree: 'T' }, to: { true: SUCCESS, false: FAILURE } } };
  const trees = [treeOf(proven), treeOf(around, 'inner', 'Around')];
  const both = options(...trees);

  test('proves nothing, and neither does one that runs it', () => {
    const nothing = { ways: [new Set()], isEven: true, needsRole: false };
    expect(treeProofs(both)).toEqual(
      new Map([
        ['T', nothing],
        ['Around', nothing],
      ]),
    );
    expect(treeStrengths(both)).toEqual(
      new Map([
        ['T', 'none'],
        ['Around', 'none'],
      ]),
    );
  });

  test('has no class mapped to it, by itself or inside another', () => {
    const classes = ['T', 'Around'].map((tree) => ({ acr: `of ${tree}`, tree, isMetBy: () => true }));
    const of = (tree: string) => ({ acr: `own ${tree}`, tree });
    const found = classFindings({ ...both, classes: [...classes, of('T'), of('Around')] });
    expect(found.map(({ named, finding }) => `${finding.code} ${named.acr}`)).toEqual([
      'J22 of T',
      'J22 own T',
      'J22 own Around',
    ]);
    expect(found[0]?.finding.message).toContain('too large to be checked');
  });

  test('has no level named for it, by itself or inside another', () => {
    const levels = [
      { level: 1, tree: 'T' },
      { level: 2, tree: 'Around' },
    ];
    expect(levelFindings({ ...both, levels }).map(({ named }) => named)).toEqual(levels);
  });
});
