import type { ConfigurationChange } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { nodeOf, scriptOf, settingsOf, treeOf } from './describe-configuration.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { mustCommit } from './rows.ts';

export const describeCarriedRealms = (open: OpenStore): void => {
  describe('a realm that comes from elsewhere', () => {
    const store = freshStore(open);
    const configuration = () => store().configuration;
    const change = async (given: Omit<ConfigurationChange, 'type' | 'seenVersion'>) => {
      const seenVersion = await configuration().version();
      await mustCommit(store(), { type: 'configuration.change', seenVersion, ...given });
    };

    test('a realm is made with all that is in it, by one change (OPS-64)', async () => {
      const service = { realm: '/alpha', type: 'pushNotification', config: { key: 'v' } };
      const given = {
        putServices: [service],
        putScripts: [scriptOf('/alpha', '1')],
        putNodes: [nodeOf('/alpha', 'a')],
      };
      await change({ createRealm: settingsOf('/alpha'), ...given, publishTrees: [treeOf('/alpha', 'Login', 'a')] });
      const made = await configuration().load();
      expect(made).toMatchObject({ realms: [settingsOf('/alpha')], services: [service], scripts: given.putScripts });
      await change({ putRealm: settingsOf('/alpha', { locale: 'de' }), putServices: [{ ...service, config: {} }] });
      expect(await configuration().load()).toEqual({
        ...made,
        version: made.version + 1,
        realms: [settingsOf('/alpha', { locale: 'de' })],
        services: [{ ...service, config: {} }],
      });
    });

    test.each([
      ['a realm that is there', { createRealm: settingsOf('/alpha', { locale: 'de' }) }],
      ['a script of a name that another has', { putScripts: [scriptOf('/alpha', '2', { name: 'Script 1' })] }],
    ])('%s refuses all of a change (OPS-64)', async (_, given) => {
      await change({ createRealm: settingsOf('/alpha'), putScripts: [scriptOf('/alpha', '1')] });
      const before = await configuration().load();
      const service = { realm: '/alpha', type: 'pushNotification', config: {} };
      const { version: seenVersion } = before;
      const putRealm = settingsOf('/beta');
      expect(
        await store().committer.commit([
          { type: 'configuration.change', seenVersion, putRealm, putServices: [service], ...given },
        ]),
      ).toEqual({ committed: false, refused: 'configuration.change' });
      expect(await configuration().load()).toEqual(before);
    });
  });
};
