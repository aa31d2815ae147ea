import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { checkTrees } from './check-trees.ts';
import { type WiredNode, type WiredNodes, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

const OUTCOMES: Readonly<Record<string, readonly string[]>> = {
  Ask: ['outcome'],
  Decide: ['yes', 'no'],
  Ring: ['sent', 'skipped'],
  Wait: ['outcome'],
  Verify: ['right', 'wrong'],
  Limit: ['again', 'enough'],
};
const TYPES = Object.keys(OUTCOMES);
/** Numbers for what is beyond the last node: the two ends. */
const END = { success: 1_000_000, failure: 1_000_001 };

interface Draft {
  readonly type: string;
  /** One per outcome. */
  readonly to: readonly number[];
}

const target = (at: number): string => (at === END.success ? SUCCESS : at === END.failure ? FAILURE : `n${at}`);

const nodesOf = (drafts: readonly Draft[]): WiredNodes =>
  Object.fromEntries(
    drafts.map(({ type, to }, at): [string, WiredNode] => [
      `n${at}`,
      {
        type,
        to: Object.fromEntries((OUTCOMES[type] ?? []).map((outcome, n) => [outcome, target(to[n] ?? END.failure)])),
      },
    ]),
  );

const findingsOf = (nodes: WiredNodes) => checkTrees({ trees: [wiredTree('T', 'n0', nodes)], catalogue: wiredNodes });
const codesAt = (nodes: WiredNodes, code: string) =>
  findingsOf(nodes).flatMap((it) => (it.code === code ? [`${it.nodeId} ${it.outcome ?? ''}`.trim()] : []));

/** Any wiring at all, loops included. */
const anyDrafts = fc.integer({ min: 1, max: 7 }).chain((count) =>
  fc.array(
    fc.record({
      type: fc.constantFrom(...TYPES),
      to: fc.array(fc.oneof(fc.nat(count - 1), fc.constantFrom(END.success, END.failure)), {
        minLength: 2,
        maxLength: 2,
      }),
    }),
    { minLength: count, maxLength: count },
  ),
);

/** Each way through the tree that goes over no connection twice, as the outcomes that it takes. */
const walksOf = (nodes: WiredNodes): readonly (readonly (readonly [id: string, outcome: string, to: string])[])[] => {
  const walks: (readonly (readonly [string, string, string])[])[] = [];
  const go = (id: string, steps: readonly (readonly [string, string, string])[]): void => {
    walks.push(steps);
    for (const [outcome, to] of Object.entries(nodes[id]?.to ?? {})) {
      if (!steps.some(([from, taken]) => from === id && taken === outcome)) go(to, [...steps, [id, outcome, to]]);
    }
  };
  go('n0', []);
  return walks;
};
const typeAt = (nodes: WiredNodes, id: string) => nodes[id]?.type;

test('a second factor is passed by exactly where a walk to Success proves none', () => {
  fc.assert(
    fc.property(anyDrafts, (drafts) => {
      const nodes = nodesOf(drafts);
      const walks = walksOf(nodes);
      const hasFactor = walks.some((steps) =>
        ['n0', ...steps.map(([, , to]) => to)].some((id) => ['Ring', 'Verify'].includes(typeAt(nodes, id) ?? '')),
      );
      const passes = walks.filter(
        (steps) =>
          steps.at(-1)?.[2] === SUCCESS &&
          !steps.some(([id, outcome]) => typeAt(nodes, id) === 'Verify' && outcome === 'right'),
      );
      const told = codesAt(nodes, 'J06');
      expect(told.length > 0).toBe(hasFactor && passes.length > 0);
      // Whoever connects what was told of to something else has closed every way.
      for (const steps of hasFactor ? passes : []) {
        expect(steps.some(([id, outcome]) => told.includes(`${id} ${outcome}`))).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});

test('a value is missing exactly where a journey gets to the node without it', () => {
  fc.assert(
    fc.property(anyDrafts, (drafts) => {
      const nodes = nodesOf(drafts);
      // Every node that a journey gets to, once with the value and once without.
      const seen = new Set<string>();
      const open: (readonly [id: string, isNamed: boolean])[] = [['n0', false]];
      for (let state = open.pop(); state !== undefined; state = open.pop()) {
        const [id, isNamed] = state;
        if (seen.has(`${id} ${isNamed}`)) continue;
        seen.add(`${id} ${isNamed}`);
        for (const to of Object.values(nodes[id]?.to ?? {})) open.push([to, isNamed || typeAt(nodes, id) === 'Ask']);
      }
      const told = findingsOf(nodes).filter(({ code, nodeType }) => code === 'J03' && nodeType === 'Ring');
      const expected = Object.keys(nodes).flatMap((id) =>
        typeAt(nodes, id) === 'Ring' && seen.has(`${id} false`)
          ? [[id, seen.has(`${id} true`) ? 'warning' : 'error']]
          : [],
      );
      expect(told.map(({ nodeId, severity }) => [nodeId, severity])).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('a loop is told of exactly where a walk comes round without a question, or rings without a limit', () => {
  fc.assert(
    fc.property(anyDrafts, (drafts) => {
      const nodes = nodesOf(drafts);
      const rounds = walksOf(nodes).flatMap((steps) => {
        const last = steps.at(-1);
        const start = last === undefined ? -1 : steps.findIndex(([id]) => id === last[2]);
        const round = start < 0 ? [] : steps.slice(start);
        const isLimited = round.some(([id, outcome]) => typeAt(nodes, id) === 'Limit' && outcome === 'again');
        return round.length === 0 || isLimited ? [] : [round];
      });
      const asks = (id: string) => ['Ask', 'Wait'].includes(typeAt(nodes, id) ?? '');
      const silent = rounds.filter((round) => !round.some(([id]) => asks(id)));
      expect(codesAt(nodes, 'J05').length > 0).toBe(silent.length > 0);
      const ringing = new Set(
        rounds.flatMap((round) =>
          round.flatMap(([id, outcome]) => (typeAt(nodes, id) === 'Ring' && outcome === 'sent' ? [`${id} sent`] : [])),
        ),
      );
      expect(codesAt(nodes, 'J04').sort()).toEqual([...ringing].sort());
    }),
    { numRuns: 150 },
  );
});

test('a connection that is taken away, or leads to nothing, is found where it was', () => {
  fc.assert(
    fc.property(anyDrafts, fc.nat(), fc.boolean(), (drafts, at, isTakenAway) => {
      const nodes = nodesOf(drafts);
      const reached = [...new Set(walksOf(nodes).map((steps) => steps.at(-1)?.[2] ?? 'n0'))].filter(
        (id) => id in nodes,
      );
      expect([...codesAt(nodes, 'J01'), ...codesAt(nodes, 'J18')]).toEqual([]);
      expect(codesAt(nodes, 'J02')).toEqual(Object.keys(nodes).filter((id) => !reached.includes(id)));
      const id = reached[at % reached.length] ?? 'n0';
      const node = nodes[id];
      const outcome = Object.keys(node?.to ?? {})[0] ?? '';
      const { [outcome]: _, ...rest } = node?.to ?? {};
      const to = isTakenAway ? rest : { ...rest, [outcome]: 'gone' };
      const faulty = { ...nodes, [id]: { type: node?.type ?? '', to } };
      expect(codesAt(faulty, isTakenAway ? 'J01' : 'J18')).toEqual([`${id} ${outcome}`]);
    }),
    { numRuns: 200 },
  );
});

test('whatever is stored as a tree, a check ends and points at nodes that are there', () => {
  const names = ['A', 'B', 'C'];
  const id = fc.constantFrom('a', 'b', 'c', SUCCESS, FAILURE, 'gone', '__proto__');
  const outcome = fc.constantFrom('outcome', 'true', 'false', 'sent', 'constructor');
  const config = fc.oneof(
    fc.record({ tree: fc.constantFrom(...names, 'Gone', '') }),
    fc.record({ nodes: fc.array(fc.record({ _id: id }), { maxLength: 3 }) }),
    fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
  );
  const node = fc.record({
    type: fc.constantFrom('Inner', 'Page', 'Script', 'Vendor', ...TYPES),
    config,
    to: fc.dictionary(outcome, id, { maxKeys: 3 }),
  });
  const nodes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), node, { maxKeys: 3 });
  const trees = fc.tuple(
    ...names.map((name) => fc.tuple(id, nodes).map(([entry, wired]) => wiredTree(name, entry, wired))),
  );
  fc.assert(
    fc.property(trees, (all) => {
      for (const { tree, nodeId } of checkTrees({ trees: all, catalogue: wiredNodes, hasScript: () => false })) {
        const nodesThere = all.find(({ name }) => name === tree)?.tree.nodes ?? {};
        expect(nodeId === undefined || Object.hasOwn(nodesThere, nodeId)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('two to the power of five thousand paths take no longer than five thousand nodes', () => {
  const count = 5_000;
  const ladder = Array.from(
    { length: count },
    (_, at): Draft => ({
      type: at === 0 ? 'Ask' : at === count - 1 ? 'Verify' : at % 2 === 0 ? 'Decide' : 'Ring',
      to: at === count - 1 ? [END.success, 1] : [at + 1, Math.min(at + 2, count - 1)],
    }),
  );
  expect(new Set(findingsOf(nodesOf(ladder)).map(({ code }) => code))).toEqual(new Set(['J03', 'J04', 'J05']));
});
