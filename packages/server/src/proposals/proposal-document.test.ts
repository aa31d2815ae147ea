import type { RealmSettings, ScriptDocument } from '@assent/engine';
import type { PublishedTree, StoredNode } from '@assent/engine/host';
import { expect, test } from 'vitest';
import { baseOf, type ConfigurationUnder, needsSecondAdministrator, type ProposedChange } from './proposal-document.ts';

const NODES = ['node-1', 'node-2'];

/** The configuration in force: each document is an object of its own, which counts how often its content is read. */
const configuration = (contents: Readonly<Record<string, string>> = {}) => {
  const reads: Record<string, number> = {};
  const document = (name: string) => ({
    get content() {
      reads[name] = (reads[name] ?? 0) + 1;
      return contents[name] ?? 'before';
    },
  });
  const tree = {
    realm: '/alpha',
    name: 'T',
    version: 1,
    tree: document('tree'),
    nodes: { 'node-1': document('nodes') },
  };
  const script = { id: 'script-1', script: document('script') };
  const nodes = new Map(NODES.map((id) => [id, { id, config: document(id) }]));
  const realm = { realm: '/alpha', settings: document('settings') };
  return {
    reads,
    now: {
      configuration: {
        tree: (_realm: string, name: string) => (name === 'T' ? (tree as unknown as PublishedTree) : undefined),
        trees: () => [tree as unknown as PublishedTree],
        script: (_realm: string, id: string) => (id === script.id ? (script as unknown as ScriptDocument) : undefined),
        scripts: () => [script as unknown as ScriptDocument],
        node: (_realm: string, id: string) => nodes.get(id) as unknown as StoredNode | undefined,
        realm: () => realm as unknown as RealmSettings,
        storedRealm: () => realm as unknown as RealmSettings,
      },
      catalogue: new Map(),
      placeholderValue: () => () => undefined,
    } satisfies ConfigurationUnder,
  };
};

const CHANGE = {
  deleteTrees: [{ realm: '/alpha', name: 'T' }],
  deleteScripts: [{ realm: '/alpha', id: 'script-1' }],
  deleteNodes: NODES.map((id) => ({ realm: '/alpha', id })),
  putRealm: {},
} as unknown as ProposedChange;

test('99 proposals on the same documents read each document once (SEC-93)', () => {
  const { now, reads } = configuration();
  const bases = Array.from({ length: 99 }, () => baseOf(now, '/alpha', { ...CHANGE }));
  expect(new Set(bases).size).toBe(1);
  expect(reads).toEqual({ tree: 1, nodes: 1, script: 1, 'node-1': 1, 'node-2': 1, settings: 1 });
});

test.each(['tree', 'nodes', 'script', 'node-1', 'node-2', 'settings'])(
  'the base is another one after a change of %s, and the same on another instance',
  (changed) => {
    const base = baseOf(configuration().now, '/alpha', CHANGE);
    expect(baseOf(configuration().now, '/alpha', CHANGE)).toBe(base);
    expect(baseOf(configuration({ [changed]: 'after' }).now, '/alpha', CHANGE)).not.toBe(base);
  },
);

test('the base tells a document from none, and a document of one name from the same document of another', () => {
  const { now } = configuration();
  const bases = ['node-1', 'node-2', 'missing'].map((id) =>
    baseOf(now, '/alpha', { deleteNodes: [{ realm: '/alpha', id }] }),
  );
  expect(new Set(bases).size).toBe(3);
});

test('every change of scripts waits in a realm that was switched off after the call was let in, since its trees are not seen', () => {
  const { now } = configuration();
  const script = { id: 'script-2', name: 'new', context: 'LIBRARY', source: '' };
  const change = { putScripts: [script] } as unknown as ProposedChange;
  const off = {
    ...now.configuration,
    realm: () => undefined,
    trees: () => [],
    script: () => undefined,
    scripts: () => [],
  };
  const waits = (under: ConfigurationUnder['configuration']) =>
    needsSecondAdministrator({ ...now, configuration: under }, '/alpha', change);
  expect([waits(now.configuration), waits(off)]).toEqual([false, true]);
});
