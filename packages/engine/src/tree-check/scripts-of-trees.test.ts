import { expect, test } from 'vitest';
import { z } from 'zod';
import { SUCCESS } from '../model/tree.ts';
import { defineNode } from '../node/node-definition.ts';
import { innerTreesIn, scriptsIn } from './read-trees.ts';
import { type WiredNodes, wiredNodes, wiredTree } from './testing/wired-nodes.ts';

const words = { title: 'T', help: 'H', tags: [] };
const process = () => {
  throw new Error('not run');
};
/** Runs a node of another type, with settings that its script makes. */
const wrapper = defineNode({
  ...words,
  type: 'Wrapper',
  config: z.object({ nodeType: z.string(), script: z.string() }),
  outcomes: (_config, inside) => inside[0]?.outcomes ?? {},
  wraps: ({ nodeType }) => nodeType,
  script: ({ script }) => script,
  process,
});
const catalogue = new Map([...wiredNodes, [wrapper.type, wrapper]]);
const ofNodes = (nodes: WiredNodes) => wiredTree('T', Object.keys(nodes)[0] ?? SUCCESS, nodes);
const node = (type: string, config: Record<string, unknown>) => ({ type, config, to: { outcome: SUCCESS } });

test.each<readonly [string, WiredNodes, readonly string[] | 'all']>([
  ['no node that runs one', { a: node('Ask', { script: 's1' }) }, []],
  ['nodes that run one', { a: node('Script', { script: 's1' }), b: node('Script', { script: 's2' }) }, ['s1', 's2']],
  [
    'a node on a page',
    { a: { ...node('Page', {}), inside: [{ id: 'b', ...node('Script', { script: 's1' }) }] } },
    ['s1'],
  ],
  ['a node that wraps one without scripts', { a: node('Wrapper', { nodeType: 'Ask', script: 's1' }) }, ['s1']],
  ['a node that wraps one with scripts', { a: node('Wrapper', { nodeType: 'Script', script: 's1' }) }, 'all'],
  ['a node of an unknown type', { a: node('Unknown', { deep: [{ script: 's1' }], number: 7 }) }, ['s1']],
  ['a node with wrong settings', { a: node('Script', { script: 's1', sets: 7 }) }, ['s1']],
  ['a node without its settings', { a: node('Script', {}) }, []],
])('the scripts of %s', (_what, nodes, expected) => {
  const scripts = scriptsIn(ofNodes(nodes), { catalogue });
  expect(scripts === 'all' ? scripts : [...scripts].filter((id) => /^s\d$/.test(id))).toEqual(expected);
});

test('a script that a placeholder names is the one of its value, also after the value has changed', () => {
  const tree = ofNodes({ a: node('Script', { script: '&{esv.script}' }) });
  const valued = (text: string) => [
    ...scriptsIn(tree, { catalogue, placeholderValue: () => ({ kind: 'plain', text }) }),
  ];
  expect([valued('s1'), valued('s2')]).toEqual([['s1'], ['s2']]);
});

test('a tree without placeholders is read once for each catalogue', () => {
  const tree = ofNodes({ a: node('Script', { script: 's1' }) });
  expect(scriptsIn(tree, { catalogue })).toBe(scriptsIn(tree, { catalogue }));
  expect(scriptsIn(tree, { catalogue: new Map(catalogue) })).not.toBe(scriptsIn(tree, { catalogue }));
  expect(innerTreesIn(tree, { catalogue })).toBe(innerTreesIn(tree, { catalogue }));
});
