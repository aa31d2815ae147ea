import { defineNode, type NodeDefinition } from '@assent/engine';
import type { PlaceholderValues, StoredNode } from '@assent/engine/host';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { RealmJourneys } from './realm-journeys.ts';
import { settingsOfNode } from './settings-of-nodes.ts';

let parsed: string[] = [];
beforeEach(() => {
  parsed = [];
});

/** A setting that notes when it is read. */
const noted = z.string().refine((value) => parsed.push(value) > 0);
const base = { title: 'x', help: 'x', tags: [], outcomes: { outcome: 'Outcome' } } as const;
const plain = defineNode({
  ...base,
  type: 'Plain',
  config: z.object({ text: noted }),
  process: ({ goTo }) => goTo('outcome'),
});
const page = defineNode({
  ...base,
  type: 'Holds',
  config: z.object({ text: noted, nodes: z.array(z.object({ _id: z.string() })) }),
  children: ({ nodes }) => nodes.map(({ _id }) => _id),
  process: ({ goTo }) => goTo('outcome'),
});
const nothing: PlaceholderValues = () => undefined;

test('the settings of a stored node are parsed once, and those of another version again', () => {
  const node = { config: { text: 'a' } };
  const read = settingsOfNode(plain, node, nothing);
  expect(read.config).toEqual({ text: 'a' });
  expect(settingsOfNode(plain, { ...node }, nothing)).toBe(read);
  expect(parsed).toEqual(['a']);
  settingsOfNode(plain, { config: { text: 'b' } }, nothing);
  expect(parsed).toEqual(['a', 'b']);
});

test('settings with a placeholder are parsed again when its value has changed, and not before (SEC-92)', () => {
  const node = { config: { text: '&{esv.text}' } };
  let text: string | undefined = 'first';
  const values: PlaceholderValues = () => (text === undefined ? undefined : { kind: 'plain', text });
  for (const value of ['first', 'first', 'second', undefined, 'second']) {
    text = value;
    expect(settingsOfNode(plain, node, values).config).toEqual(value === undefined ? undefined : { text: value });
  }
  expect(parsed).toEqual(['first', 'second', 'second']);
  expect(settingsOfNode(plain, node, () => ({ kind: 'withheld' })).refused.size).toBe(1);
});

test('another type reads the settings by itself', () => {
  const node = { config: { text: 'a', nodes: [{ _id: 'b' }] } };
  expect(settingsOfNode(plain, node, nothing).config).toEqual({ text: 'a' });
  expect(settingsOfNode(page, node, nothing).config).toEqual(node.config);
});

test('who looks for the pages round a node parses each page once, however often, and no other node', () => {
  const nodes: readonly StoredNode[] = Array.from({ length: 300 }, (_, at) => ({
    realm: '/alpha',
    id: `n${at}`,
    ...(at % 3 === 0
      ? { type: 'Holds', config: { text: `n${at}`, nodes: [{ _id: `n${at + 1}` }] } }
      : { type: 'Plain', config: { text: `n${at}` } }),
  }));
  const configuration = {
    node: (_: string, id: string) => nodes.find((node) => node.id === id),
    nodes: () => nodes,
  } as unknown as LiveConfiguration;
  const catalogue = new Map<string, NodeDefinition>([plain, page].map((it) => [it.type, it]));
  const around = (id: string) =>
    new RealmJourneys(configuration, catalogue, nothing, '/alpha').around(id).map((node) => node.id);
  expect([around('n1'), around('n4'), around('n2')]).toEqual([['n0'], ['n3'], []]);
  expect(parsed).toHaveLength(100);
});
