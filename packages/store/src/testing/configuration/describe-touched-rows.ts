import type { ConfigurationSnapshot } from '@assent/engine/host';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientOf } from '../describe-clients.ts';
import { nodeOf, scriptOf, settingsOf, treeOf } from '../describe-configuration.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { type ConfigurationEdit, configuring } from '../rows.ts';

const serviceOf = (realm: string, type: string, value = 'v') => ({ realm, type, config: { value } });

type Edits = (
  realm: string,
  key: string,
  value: string,
) => readonly [put: ConfigurationEdit, remove: ConfigurationEdit];
const EDITS = {
  service: (realm, type, value) => [
    { putServices: [serviceOf(realm, type, value)] },
    { deleteServices: [{ realm, type }] },
  ],
  script: (realm, id, description) => [
    { putScripts: [scriptOf(realm, id, { description })] },
    { deleteScripts: [{ realm, id }] },
  ],
  node: (realm, id, stage) => [{ putNodes: [nodeOf(realm, id, { stage })] }, { deleteNodes: [{ realm, id }] }],
  tree: (realm, name, value) => [{ publishTrees: [treeOf(realm, name, value)] }, { deleteTrees: [{ realm, name }] }],
  client: (realm, id, value) => [
    { putClients: [clientOf(realm, id, { document: { value } })] },
    { deleteClients: [{ realm, id }] },
  ],
} as const satisfies Readonly<Record<string, Edits>>;

/** Changes of two realms with few keys, so that rows are written, deleted and written again. */
const anyEdit = fc
  .tuple(
    fc.constantFrom('/alpha', '/beta'),
    fc.constantFrom('a', 'b'),
    fc.constantFrom('service', 'script', 'node', 'tree', 'client'),
    fc.constantFrom('put', 'put', 'put', 'delete', 'createRealm', 'deleteRealm'),
    fc.constantFrom('one', 'other'),
  )
  .map(([realm, key, kind, how, value]): ConfigurationEdit => {
    if (how === 'createRealm') return { createRealm: settingsOf(realm), putServices: [serviceOf(realm, key, value)] };
    if (how === 'deleteRealm') return { deleteRealm: realm };
    const [put, remove] = EDITS[kind](realm, key, value);
    return how === 'put' ? put : remove;
  });

const KINDS = ['services', 'scripts', 'trees', 'clients'] as const;

/** Loading with an earlier snapshot reads the rows that were touched since, and no others (SEC-93). */
export const describeTouchedRows = (open: OpenStore): void => {
  describe('configuration that was loaded before', () => {
    const store = freshStore(open);
    const configuration = () => store().configuration;
    const change = (edit: ConfigurationEdit) => configuring(store()).change(edit);

    const fill = async (): Promise<ConfigurationSnapshot> => {
      for (const realm of ['/alpha', '/beta']) {
        await change({
          createRealm: settingsOf(realm),
          putServices: [serviceOf(realm, 'mail')],
          putScripts: [scriptOf(realm, '1'), scriptOf(realm, '2')],
          putNodes: [nodeOf(realm, 'n')],
          publishTrees: [treeOf(realm, 'Login', 'a')],
          putClients: [clientOf(realm, 'app')],
        });
      }
      return configuration().load();
    };

    test('what no change has touched stays the same objects; what was written is read, what was deleted is gone', async () => {
      const earlier = await fill();
      await change({
        putScripts: [scriptOf('/alpha', '1', { description: 'newer' })],
        deleteClients: [{ realm: '/alpha', id: 'app' }],
      });
      const later = await configuration().load(earlier);
      for (const kind of ['services', 'trees'] as const) expect(later[kind][0]).toBe(earlier[kind][0]);
      const isChanged = ({ realm, id }: { realm: string; id: string }) => realm === '/alpha' && id === '1';
      expect(later.scripts.filter((it) => earlier.scripts.includes(it))).toHaveLength(3);
      expect(later.scripts.find(isChanged)).toMatchObject({ description: 'newer' });
      expect(later.clients.map(({ realm }) => realm)).toEqual(['/beta']);
    });

    test('a realm that is deleted goes with all its rows, and one of the same path begins without them', async () => {
      const earlier = await fill();
      await change({ deleteRealm: '/alpha' });
      const without = await configuration().load(earlier);
      for (const kind of KINDS) expect(new Set(without[kind].map(({ realm }) => realm))).toEqual(new Set(['/beta']));
      await change({ createRealm: settingsOf('/alpha'), putScripts: [scriptOf('/alpha', '3')] });
      for (const since of [earlier, without]) {
        const again = await configuration().load(since);
        expect(again.scripts.filter(({ realm }) => realm === '/alpha').map(({ id }) => id)).toEqual(['3']);
        expect(again.services.map(({ realm }) => realm)).toEqual(['/beta']);
      }
    });

    test('an instance that is more versions behind than are kept reads everything', async () => {
      const earlier = await fill();
      for (let at = 0; at < 300; at += 1) await change({ putNodes: [nodeOf('/alpha', 'n', { stage: `${at}` })] });
      await change({ deleteScripts: [{ realm: '/beta', id: '2' }] });
      expect(await configuration().load(earlier)).toEqual(await configuration().load());
      const { nodes } = await configuration().loadNodes({ version: earlier.version, nodes: [nodeOf('/alpha', 'n')] });
      expect(nodes.find(({ realm }) => realm === '/alpha')?.config).toEqual({ stage: '299' });
    });

    test('nodes are read in the same way', async () => {
      await fill();
      const earlier = await configuration().loadNodes();
      await change({ putNodes: [nodeOf('/alpha', 'm')], deleteNodes: [{ realm: '/beta', id: 'n' }] });
      const later = await configuration().loadNodes(earlier);
      expect(later.nodes.map(({ realm, id }) => [realm, id]).sort()).toEqual([
        ['/alpha', 'm'],
        ['/alpha', 'n'],
      ]);
      const untouched = (list: typeof earlier) => list.nodes.find(({ realm, id }) => realm === '/alpha' && id === 'n');
      expect(untouched(later)).toBe(untouched(earlier));
    });

    test('after any changes, what is loaded is what a full read gives, from every earlier snapshot', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 12 }), async (edits) => {
          const earlier = [await configuration().load()];
          const nodes = [await configuration().loadNodes()];
          for (const edit of edits) {
            await change(edit);
            earlier.push(await configuration().load(earlier.at(-1)));
            nodes.push(await configuration().loadNodes(nodes.at(-1)));
          }
          const full = await configuration().load();
          for (const snapshot of earlier)
            expect({ ...(await configuration().load(snapshot)), emptied: undefined }).toEqual(full);
          const allNodes = await configuration().loadNodes();
          for (const snapshot of nodes) expect(await configuration().loadNodes(snapshot)).toEqual(allNodes);
        }),
        { numRuns: 20 },
      );
    });
  });
};
