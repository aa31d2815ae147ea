import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { definitionInVersion, definitionOf } from './definition-in-version.ts';
import { defineNode } from './node-definition.ts';
import { settingsSchema } from './node-settings.ts';
import { isNodeVersion, settingsOfVersion, versionOfNode } from './node-version.ts';

const meta = { title: 'x', description: 'x' };
const node = defineNode({
  type: 'Asks',
  title: 'Asks',
  help: 'x',
  tags: [],
  versions: ['1.0', '1.1', '2.0'],
  standaloneSince: '2.0',
  holdsStandaloneSince: '1.1',
  config: z.object({
    name: z.string().default('x').meta(meta),
    later: z
      .boolean()
      .default(true)
      .meta({ ...meta, since: '1.1' }),
    last: z
      .string()
      .optional()
      .meta({ ...meta, since: '2.0' }),
  }),
  outcomes: { outcome: 'Outcome', last: { title: 'Last', when: ({ last }) => last !== undefined } },
  process: async ({ goTo }) => goTo('outcome'),
});
const catalogue = new Map([[node.type, node]]);
const inVersion = (version: unknown) => definitionOf(catalogue, { type: 'Asks', config: { _type: { version } } });

describe('a type with several versions', () => {
  test('has in each the settings and the outcomes that were there by then', () => {
    const settings = (version: string) => Object.keys(definitionInVersion(node, version).config.shape);
    expect(settings('1.0')).toEqual(['name']);
    expect(settings('1.1')).toEqual(['name', 'later']);
    expect(settings('2.0')).toEqual(['name', 'later', 'last']);
    expect(definitionInVersion(node, '1.0').config.parse({ later: false, last: 'x' })).toEqual({ name: 'x' });
    expect(node.outcomesOf({ last: 'x' }, [])).toHaveProperty('last');
    expect(JSON.stringify(settingsSchema(node))).not.toContain('since');
  });

  test('stands by itself, and holds such nodes, from a version on', () => {
    const facts = ['1.0', '1.1', '2.0'].map((version) => definitionInVersion(node, version));
    expect(facts.map(({ isStandalone }) => isStandalone)).toEqual([false, false, true]);
    expect(facts.map(({ holdsStandalone }) => holdsStandalone)).toEqual([false, true, true]);
  });

  test.each([
    ['1.0', '1.0'],
    ['1.5', '1.1'],
    ['2.0', '2.0'],
    ['10.0', '2.0'],
    ['0.9', '2.0'],
    [undefined, '1.0'],
    [2, '1.0'],
    ['x', '1.0'],
  ])('a node that says %j is taken for one of %s', (said, version) => {
    expect(inVersion(said)?.version).toBe(version);
  });

  test('a type that is not there has none', () => {
    expect(definitionOf(catalogue, { type: 'Other', config: {} })).toBeUndefined();
  });
});

test('a version is two numbers', () => {
  expect(['1.0', '2.10'].every(isNodeVersion)).toBe(true);
  expect(['1', '1.0.0', 'v1.0', '', '12345.0', 1, null, undefined].some(isNodeVersion)).toBe(false);
});

test('it stands beside the settings, and the first one is not said', () => {
  const second = settingsOfVersion({ type: 'Asks', version: '2.0' }, { name: 'x' });
  expect(second).toEqual({ name: 'x', _type: { _id: 'Asks', version: '2.0' } });
  expect(versionOfNode({ config: second })).toBe('2.0');
  expect(settingsOfVersion({ type: 'Asks', version: '1.0' }, second)).toEqual({ name: 'x' });
  expect(versionOfNode({ config: { _type: 'x' } })).toBe('1.0');
});
