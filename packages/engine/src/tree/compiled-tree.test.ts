import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { clock } from '../model/clock.ts';
import { SUCCESS } from '../model/tree.ts';
import { defineNode, type NodeDefinition } from '../node/node-definition.ts';
import type { PlaceholderValues } from '../node/placeholders.ts';
import { optional, required, stateKey } from '../state/state-key.ts';
import { publishedTree, type TestTree } from '../testing/journey-harness.ts';
import { simulatedClock } from '../testing/simulated-clock.ts';
import { Bindings } from '../unit-of-work/unit-of-work.ts';
import { compileTree } from './compiled-tree.ts';

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

describe('a node that cannot run keeps its place, and says why', () => {
  const timed = (config: Readonly<Record<string, unknown>>, valueFor?: PlaceholderValues) => {
    const tree = { entry: 'a', nodes: { a: { type: 'Timed', config, to: { outcome: SUCCESS } } } };
    const bindings = new Bindings().bind(clock, () => simulatedClock());
    return compileTree(publishedTree('Test', tree), catalogue, bindings, valueFor).nodes.get('a');
  };

  test('the setting that does not fit is named', () => {
    const node = timed({ seconds: 0 });
    expect(node?.definition).toBeUndefined();
    expect(node?.fault).toMatch(/^Timed a: seconds: /);
    expect([...(node?.connections ?? [])]).toEqual([['outcome', SUCCESS]]);
  });

  test('a placeholder without a value is named; with one, the node runs on it', () => {
    const config = { seconds: { $int: '&{esv.seconds}' } };
    expect(timed(config)?.fault).toBe('Timed a: seconds: there is no value for &{esv.seconds}');
    const node = timed(config, (name) => (name === 'esv.seconds' ? { kind: 'plain', text: '30' } : undefined));
    expect(node).toMatchObject({ definition: { type: 'Timed' }, config: { seconds: 30 } });
    expect(timed(config, () => ({ kind: 'plain', text: '0' }))?.fault).toMatch(/^Timed a: seconds: /);
  });

  test.each([
    ['is gone', ['gone']],
    ['is the page itself', ['p']],
  ])('a page says which child %s', (_, nodes) => {
    const tree = compiled({ entry: 'p', nodes: { p: { type: 'Page', config: { nodes }, to: { outcome: SUCCESS } } } });
    expect(tree.nodes.get('p')?.fault).toBe(`Page p: nodes: Node ${nodes[0]} does not exist, or stands in itself.`);
  });
});

describe('a tree that this server cannot serve at all', () => {
  test('names the port that nothing is bound to', () => {
    const tree = { entry: 'a', nodes: { a: { type: 'Timed', config: { seconds: 1 }, to: { outcome: SUCCESS } } } };
    expect(() => compiled(tree)).toThrow('Node Timed uses the port "clock", which nothing is bound to.');
  });
});

test('a node type that this server lacks stays in the tree and keeps its edges', () => {
  const tree = compiled({ entry: 'a', nodes: { a: { type: 'Unknown', config: { x: 1 }, to: { done: SUCCESS } } } });
  expect(tree.nodes.get('a')).toMatchObject({
    type: 'Unknown',
    config: { x: 1 },
    outcomes: { done: 'done' },
    fault: 'This server has no node of type Unknown.',
  });
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
