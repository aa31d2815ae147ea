import { describe, expect, test } from 'vitest';
import { clientOf } from '../describe-clients.ts';
import { nodeOf, scriptOf, settingsOf, treeOf } from '../describe-configuration.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { auditEvent, type ConfigurationEdit, configuring, withNodes } from '../rows.ts';

/** Whatever is changed of the configuration is told by a row of the trail, in one commit (ADR 116). */
export const describeToldChanges = (open: OpenStore): void => {
  describe('a change of the configuration', () => {
    const store = freshStore(open);
    const configuration = () => store().configuration;
    const write = () => configuring(store());

    /** One of each that a change of the configuration may hold: the compiler asks for whatever comes to it. */
    const edits: Readonly<{ [Part in keyof ConfigurationEdit]-?: Pick<ConfigurationEdit, Part> }> = {
      createRealm: { createRealm: settingsOf('/new') },
      putRealm: { putRealm: settingsOf('/alpha', { locale: 'de' }) },
      deleteRealm: { deleteRealm: '/alpha' },
      putServices: { putServices: [{ realm: '/alpha', type: 'pushNotification', config: { key: 'w' } }] },
      deleteServices: { deleteServices: [{ realm: '/alpha', type: 'pushNotification' }] },
      putScripts: { putScripts: [scriptOf('/alpha', 'b')] },
      deleteScripts: { deleteScripts: [{ realm: '/alpha', id: 'a' }] },
      putNodes: { putNodes: [nodeOf('/alpha', 'b')] },
      deleteNodes: { deleteNodes: [{ realm: '/alpha', id: 'a' }] },
      publishTrees: { publishTrees: [treeOf('/alpha', 'Login', 'b')] },
      deleteTrees: { deleteTrees: [{ realm: '/alpha', name: 'Login' }] },
      putClients: { putClients: [clientOf('/alpha', 'other')] },
      deleteClients: { deleteClients: [{ realm: '/alpha', id: 'app' }] },
    };

    test.each(Object.entries(edits))(
      '%s is changed with its row, or neither is there (SEC-80, F23)',
      async (_part, edit) => {
        await write().change({
          createRealm: settingsOf('/alpha'),
          ...withNodes(treeOf('/alpha', 'Login', 'a')),
          putServices: [{ realm: '/alpha', type: 'pushNotification', config: { key: 'v' } }],
          putScripts: [scriptOf('/alpha', 'a')],
          putClients: [clientOf('/alpha', 'app')],
        });
        const all = async () => [await configuration().load(), await configuration().loadNodes()];
        const rows = () => store().audit.ofUser('admin', 9);
        const before = await all();
        const { version: seenVersion } = await configuration().load();
        const change = { type: 'configuration.change', seenVersion, ...edit } as const;
        const row = { type: 'audit.append', event: auditEvent({ userId: 'admin', event: 'CONFIG_CHANGE' }) } as const;
        const refused = { type: 'throttle.put', row: { subject: 's', hits: [], lockedUntil: 0, rev: 7 } } as const;

        await expect(store().committer.commit([change])).rejects.toThrow(TypeError);
        expect(await store().committer.commit([change, row, refused])).toMatchObject({ committed: false });
        expect([await all(), await rows()]).toEqual([before, []]);

        expect(await store().committer.commit([change, row])).toEqual({ committed: true });
        expect(await all()).not.toEqual(before);
        expect(await configuration().version()).toBe(seenVersion + 1);
        expect(await rows()).toEqual([row.event]);
      },
    );
  });
};
