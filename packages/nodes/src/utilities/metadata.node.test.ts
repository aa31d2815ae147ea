import { nameCallback } from '@assent/engine';
import { runNode } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { usernameCollector } from '../basic/username-collector.node.ts';
import { metadata } from './metadata.node.ts';
import { page } from './page.node.ts';

const dataOf = async (attributes: readonly string[], state: Record<string, unknown>) =>
  (await runNode(metadata, { config: { attributes: [...attributes] }, state })).callbacks;

test('hands out what its settings name and what is there, and nothing else', async () => {
  expect(await dataOf(['mail', 'missing'], { mail: 'demo@example.org', username: 'demo' })).toEqual([
    { type: 'MetadataCallback', output: { data: { mail: 'demo@example.org' } } },
  ]);
  expect(await dataOf([], { mail: 'demo@example.org' })).toEqual([{ type: 'MetadataCallback', output: { data: {} } }]);
});

test.each(['__proto__', 'constructor', 'toString'])('takes %s for a name like any other', async (name) => {
  expect(await dataOf([name], {})).toEqual([{ type: 'MetadataCallback', output: { data: {} } }]);
});

test('never hands out what is secret', async () => {
  const { callbacks } = await runNode(page, {
    config: { nodes: [{ _id: 'data', nodeType: 'MetadataNode' }] },
    children: [{ id: 'data', definition: metadata, config: { attributes: ['password'] } }],
    state: {},
  });
  expect(callbacks[0]?.output).toEqual({ data: {} });
});

test('goes on once it was shown', async () => {
  const shown = await runNode(metadata, { config: { attributes: ['a'] }, state: { a: 1 } });
  expect((await shown.again()).action).toMatchObject({ kind: 'goTo', outcome: 'outcome' });
});

test('on a page it keeps nobody from going on', async () => {
  const shown = await runNode(page, {
    config: {
      nodes: [
        { _id: 'data', nodeType: 'MetadataNode' },
        { _id: 'name', nodeType: 'UsernameCollectorNode' },
      ],
    },
    children: [
      { id: 'data', definition: metadata, config: { attributes: ['stageOf'] } },
      { id: 'name', definition: usernameCollector },
    ],
    state: { stageOf: 'login' },
  });
  expect(shown.callbacks.map(({ type }) => type)).toEqual(['MetadataCallback', nameCallback.type]);
  const next = await shown.again([undefined, 'demo']);
  expect(next.action).toMatchObject({ kind: 'goTo', outcome: 'name-outcome' });
  expect(next.state.username).toBe('demo');
});
