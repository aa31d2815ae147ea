import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { FAILURE, SUCCESS } from '../model/tree.ts';
import { defineNode, type NodeDefinition } from '../node/node-definition.ts';
import { connectionsByOutcome } from '../node/outcomes-inside.ts';
import { journeyHarness, publishedTree } from '../testing/journey-harness.ts';
import { checkTrees } from '../tree-check/check-trees.ts';
import { CheckWork } from '../tree-check/graph/check-work.ts';
import { parseTree } from '../tree-check/parsed-node.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';
import { compileTree } from './compiled-tree.ts';

// Ids of nodes and outcomes come from exports and designers: one that every object inherits is no node until a tree has it.

const base = { title: 'x', help: 'x', tags: [] } as const;
const page = defineNode({
  ...base,
  type: 'Page',
  config: z.object({ nodes: z.array(z.string()) }),
  children: ({ nodes }) => nodes,
  outcomes: { outcome: 'Outcome' },
  process: async ({ goTo }) => goTo('outcome'),
});
/** Goes to the outcome of that name, which may be one that the settings add. */
const choice = defineNode({
  ...base,
  type: 'Choice',
  config: z.object({ outcomes: z.array(z.string()), goesTo: z.string() }),
  outcomes: ({ outcomes }) => Object.fromEntries(outcomes.map((it) => [it, it])),
  async process({ config, journey, goTo }) {
    journey.identifyByName('demo');
    return goTo(config.goesTo);
  },
});
const catalogue = new Map<string, NodeDefinition>([page, choice].map((node) => [node.type, node]));

const inherited = Object.getOwnPropertyNames(Object.prototype);
const names = fc.constantFrom(...inherited);
/** A record that zod reads leaves this name out, so that no stored tree has it. */
const storable = fc.constantFrom(...inherited.filter((name) => name !== '__proto__'));

test('a name that every object inherits is no node of a tree without it', () => {
  fc.assert(
    fc.property(names, names, (id, other) => {
      const nodes = { a: { type: 'Page', config: { nodes: [id] }, to: { outcome: SUCCESS } } };
      const tree = publishedTree('Test', { entry: 'a', nodes });
      const [found] = compileTree(tree, catalogue, new Bindings()).nodes.values();
      expect(found?.fault).toBe(`Page a: nodes: Node ${id} does not exist, or stands in itself.`);
      const wired = { ...tree.tree.nodes, [other]: { nodeType: 'Page', displayName: '', connections: {} } };
      const parsed = parseTree(
        { ...tree, tree: { ...tree.tree, nodes: wired } },
        { catalogue },
        new CheckWork().ofTree(),
      );
      const problemOf = (at: string) => parsed?.find((node) => node.id === at)?.problem;
      expect(problemOf('a')).toBe(`the node ${id} inside it does not exist`);
      if (other !== '__proto__') expect(problemOf(other)).toContain('nodes');
      const [finding] = checkTrees({ trees: [tree], catalogue });
      expect(finding?.nodeId).toBe('a');
    }),
  );
});

test('a node, a child and an outcome may be named as what every object inherits, and lead on', async () => {
  await fc.assert(
    fc.asyncProperty(storable, storable, storable, async (id, child, outcome) => {
      fc.pre(id !== child);
      const config = { outcomes: [outcome], goesTo: outcome };
      const nodes = {
        [id]: { type: 'Page', config: { nodes: [child] }, to: { outcome: 'next' } },
        next: { type: 'Choice', config, to: { [outcome]: SUCCESS } },
      };
      const inside = { [child]: { type: 'Choice', config } };
      const trees = { Login: { entry: id, nodes, inside } };
      const it = journeyHarness({ nodes: [page, choice], trees, users: { demo: {} } });
      expect(await it.start().catch((error: Error) => error)).toMatchObject({ kind: 'success' });
      expect(compileTree(publishedTree('Test', trees.Login), catalogue, new Bindings()).findNode(child)?.id).toBe(
        child,
      );
    }),
  );
});

test('an outcome that a node inherits and does not have leads nowhere', async () => {
  await fc.assert(
    fc.asyncProperty(names, async (goesTo) => {
      const nodes = { a: { type: 'Choice', config: { outcomes: ['own'], goesTo }, to: { own: FAILURE } } };
      const it = journeyHarness({ nodes: [choice], trees: { Login: { entry: 'a', nodes } }, users: {} });
      await expect(it.start()).rejects.toThrow(/went to .*which its settings switch off/);
    }),
  );
});

test('a holder keeps connections of any name', () => {
  fc.assert(
    fc.property(names, names, (id, outcome) => {
      const given = Object.fromEntries([[outcome, SUCCESS]]);
      const children = [{ id, outcomes: Object.fromEntries([[outcome, outcome]]) }];
      const named = connectionsByOutcome(given, { holdsStandalone: true }, children);
      expect(Object.entries(named)).toEqual([[`${id}-${outcome}`, SUCCESS]]);
      const kept = connectionsByOutcome(given, { holdsStandalone: true }, []);
      expect(Object.entries(kept)).toEqual([[outcome, SUCCESS]]);
    }),
  );
});
