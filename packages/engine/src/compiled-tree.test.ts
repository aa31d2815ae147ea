import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { clock } from './clock.ts';
import { compileTree, NodeConfigInvalid } from './compiled-tree.ts';
import { defineNode, type NodeDefinition } from './node-definition.ts';
import { optional, required, stateKey } from './state-key.ts';
import { Bindings } from './submit.ts';
import { publishedTree, type TestTree } from './testing/journey-harness.ts';
import { SUCCESS } from './tree.ts';

const password = stateKey.transient('password', z.string());
const username = stateKey.shared('username', z.string());
const waitEnd = stateKey.ownedByNode('end_time', z.int(), { volatile: true });

const base = { title: 'x', help: 'x', tags: [], config: z.object({}), outcomes: { outcome: 'Outcome' } } as const;
const ask = defineNode({
  ...base,
  type: 'Ask',
  outputs: [password],
  process: async ({ goTo }) => goTo('outcome'),
});
const check = defineNode({
  ...base,
  type: 'Check',
  inputs: [required(username, 'Expected username to be set.'), optional(password)],
  process: async ({ goTo }) => goTo('outcome'),
});
const wait = defineNode({
  ...base,
  type: 'Wait',
  outputs: [waitEnd],
  process: async ({ goTo }) => goTo('outcome'),
});
const script = defineNode({
  ...base,
  type: 'Script',
  config: z.object({ inputs: z.array(z.string()).default(['*']) }),
  dynamicInputs: ({ inputs }) => inputs.filter((name) => name !== '*'),
  process: async ({ goTo }) => goTo('outcome'),
});
const page = defineNode({
  ...base,
  type: 'Page',
  config: z.object({ nodes: z.array(z.string()) }),
  children: ({ nodes }) => nodes,
  outcomes: (_config, children) => children.at(-1)?.outcomes ?? {},
  process: async ({ children, goTo }) => goTo(children.length > 0 ? 'outcome' : ''),
});
const timed = defineNode({
  ...base,
  type: 'Timed',
  config: z.object({ seconds: z.int().min(1) }),
  uses: [clock],
  process: async ({ goTo }) => goTo('outcome'),
});
const catalogue = new Map<string, NodeDefinition>(
  [ask, check, wait, script, page, timed].map((node) => [node.type, node]),
);
const compiled = (tree: TestTree, bindings = new Bindings()) =>
  compileTree(publishedTree('Test', tree), catalogue, bindings);

describe('a tree that cannot run', () => {
  test('names the node and the setting that does not fit', () => {
    const tree = { entry: 'a', nodes: { a: { type: 'Timed', config: { seconds: 0 }, to: { outcome: SUCCESS } } } };
    const failure = (() => {
      try {
        compiled(tree);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(failure).toBeInstanceOf(NodeConfigInvalid);
    expect(failure).toMatchObject({ nodeId: 'a', nodeType: 'Timed', issues: [{ path: 'seconds' }] });
  });

  test('names the port that nothing is bound to', () => {
    const tree = { entry: 'a', nodes: { a: { type: 'Timed', config: { seconds: 1 }, to: { outcome: SUCCESS } } } };
    expect(() => compiled(tree)).toThrow('Node Timed uses the port "clock", which nothing is bound to.');
  });

  test('names the child that a page has lost', () => {
    const tree = { entry: 'p', nodes: { p: { type: 'Page', config: { nodes: ['gone'] }, to: { outcome: SUCCESS } } } };
    expect(() => compiled(tree)).toThrow('Node gone does not exist.');
  });
});

test('a node type that this server lacks stays in the tree and keeps its edges', () => {
  const tree = compiled({ entry: 'a', nodes: { a: { type: 'Unknown', config: { x: 1 }, to: { done: SUCCESS } } } });
  expect(tree.nodes.get('a')).toMatchObject({ type: 'Unknown', config: { x: 1 }, outcomes: { done: 'done' } });
});

describe('what survives a round trip (spec: journeys-rest §5.3)', () => {
  test('a password survives a wait when a node ahead declares it, and not when that node lies behind', () => {
    const tree = compiled({
      entry: 'ask',
      nodes: {
        ask: { type: 'Ask', to: { outcome: 'wait' } },
        wait: { type: 'Wait', to: { outcome: 'check' } },
        check: { type: 'Check', to: { outcome: 'later' } },
        later: { type: 'Wait', to: { outcome: SUCCESS } },
      },
    });
    expect(tree.isNamedAhead('wait', 'password')).toBe(true);
    expect(tree.isNamedAhead('check', 'password')).toBe(true);
    expect(tree.isNamedAhead('later', 'password')).toBe(false);
  });

  test('a loop back makes the declaring node lie ahead again', () => {
    const tree = compiled({
      entry: 'check',
      nodes: {
        check: { type: 'Check', to: { outcome: 'wait' } },
        wait: { type: 'Wait', to: { outcome: 'check' } },
      },
    });
    expect(tree.isNamedAhead('wait', 'password')).toBe(true);
  });

  test('"*" names nothing; a name does', () => {
    const all = compiled({ entry: 's', nodes: { s: { type: 'Script', to: { outcome: SUCCESS } } } });
    expect(all.isNamedAhead('s', 'password')).toBe(false);
    expect(all.isNamedAhead('s', '*')).toBe(false);
    const named = compiled({
      entry: 's',
      nodes: { s: { type: 'Script', config: { inputs: ['password'] }, to: { outcome: SUCCESS } } },
    });
    expect(named.isNamedAhead('s', 'password')).toBe(true);
  });

  test('a node inside a page counts, and is found by its id', () => {
    const tree = compiled({
      entry: 'p',
      nodes: { p: { type: 'Page', config: { nodes: ['inner'] }, to: { outcome: SUCCESS } } },
      inside: { inner: { type: 'Check' } },
    });
    expect(tree.isNamedAhead('p', 'password')).toBe(true);
    expect(tree.findNode('inner')?.type).toBe('Check');
    expect(tree.nodes.get('p')?.outcomes).toEqual({ outcome: 'Outcome' });
  });
});

test('volatile keys are known by their name in state', () => {
  const tree = compiled({ entry: 'w', nodes: { w: { type: 'Wait', to: { outcome: SUCCESS } } } });
  expect(tree.isVolatile('w.end_time')).toBe(true);
  expect(tree.isVolatile('end_time')).toBe(false);
});
