import type { RealmSettings, ScriptDocument } from '@assent/engine';
import type { PublishedTree, StoredNode } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { metadataRow } from './describe-authenticator-metadata.ts';
import { clientOf } from './describe-clients.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  backChannelRow,
  boundRow,
  type ConfigurationEdit,
  codeRow,
  commit,
  configuring,
  deviceRow,
  grantRow,
  journeyRow,
  keyRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  oathRow,
  parkedRow,
  passkeyRow,
  pendingRow,
  sessionRow,
  withNodes,
} from './rows.ts';

export const settingsOf = (realm: string, given: Partial<RealmSettings> = {}): RealmSettings =>
  testRealm({ realm, ...given });

export const treeOf = (realm: string, name: string, entryNodeId: string): Omit<PublishedTree, 'version'> => ({
  realm,
  name,
  tree: {
    enabled: true,
    entryNodeId,
    innerTreeOnly: false,
    noSession: false,
    mustRun: false,
    transactionalOnly: false,
    nodes: {},
  },
  nodes: { [entryNodeId]: { id: entryNodeId, type: 'PageNode', config: { stage: 'x' } } },
});

export const nodeOf = (
  realm: string,
  id: string,
  config: Readonly<Record<string, unknown>> = { stage: 'x' },
): StoredNode => ({
  realm,
  id,
  type: 'PageNode',
  config,
});

export const scriptOf = (realm: string, id: string, given: Partial<ScriptDocument> = {}): ScriptDocument => ({
  realm,
  id,
  name: `Script ${id}`,
  description: '',
  source: 'outcome = "true";',
  context: 'AUTHENTICATION_TREE_DECISION_NODE',
  evaluatorVersion: '1.0',
  language: 'JAVASCRIPT',
  default: false,
  createdBy: 'id=amadmin',
  creationDate: NOW,
  lastModifiedBy: 'id=amadmin',
  lastModifiedDate: NOW,
  ...given,
});

export const describeConfiguration = (open: OpenStore): void => {
  describe('configuration and secrets', () => {
    const store = freshStore(open);
    const configuration = () => store().configuration;
    const write = () => configuring(store());

    test('a realm is created once', async () => {
      expect(await write().createRealm(settingsOf('/alpha'))).toBe(true);
      expect(await write().createRealm(settingsOf('/alpha', { locale: 'de' }))).toBe(false);
      expect((await configuration().load()).realms).toEqual([settingsOf('/alpha')]);
    });

    test('a realm comes with what it begins with, by one change; one that is there gets none of it', async () => {
      const equipment = {
        ...withNodes(treeOf('/alpha', 'Login', 'a'), treeOf('/alpha', 'Other', 'b')),
        putServices: [{ realm: '/alpha', type: 'pushNotification', config: { key: 'v' } }],
      };
      const before = await configuration().version();
      expect(await write().createRealm(settingsOf('/alpha'), equipment)).toBe(true);
      const created = await configuration().load();
      expect(created.version).toBe(before + 1);
      expect(created.trees.map(({ name, version }) => [name, version]).sort()).toEqual([
        ['Login', 1],
        ['Other', 1],
      ]);
      expect(created.services).toEqual(equipment.putServices);
      expect((await configuration().loadNodes()).nodes.length).toBeGreaterThan(0);
      const other = withNodes(treeOf('/alpha', 'Login', 'c'));
      expect(await write().createRealm(settingsOf('/alpha'), other)).toBe(false);
      expect(await configuration().load()).toEqual(created);
    });

    test('a realm that is not there is not deleted, and nothing moves on', async () => {
      const before = await configuration().version();
      expect(await write().deleteRealm('/alpha')).toBe(false);
      expect(await configuration().version()).toBe(before);
    });

    test('every change moves the version on', async () => {
      const seen = [await configuration().version()];
      const note = async () => seen.push(await configuration().version());
      await write().createRealm(settingsOf('/alpha'));
      await note();
      await write().saveRealm(settingsOf('/alpha', { maxDevices: 2 }));
      await note();
      await write().publishTree(treeOf('/alpha', 'Login', 'a'));
      await note();
      await write().saveService({ realm: '/alpha', type: 'pushNotification', config: { key: 'v' } });
      await note();
      await write().deleteRealm('/alpha');
      await note();
      expect(seen).toEqual([0, 1, 2, 3, 4, 5].map((step) => (seen[0] ?? 0) + step));
    });

    test('a publish makes the next version, and the earlier stays for those who are on it', async () => {
      await write().publishTree(treeOf('/alpha', 'Login', 'a'));
      await write().publishTree(treeOf('/', 'Login', 'z'));
      await write().publishTree(treeOf('/alpha', 'Login', 'b'));
      const { trees } = await configuration().load();
      expect(trees.map(({ realm, version }) => [realm, version]).sort()).toEqual([
        ['/', 1],
        ['/alpha', 2],
      ]);
      expect(await configuration().loadTree('/alpha', 'Login', 1)).toEqual({
        ...treeOf('/alpha', 'Login', 'a'),
        version: 1,
      });
      expect(await configuration().loadTree('/alpha', 'Login', 3)).toBeUndefined();
    });

    describe('nodes and trees that change together', () => {
      const change = async (given: ConfigurationEdit) => expect(await write().change(given)).toBe(true);

      test('what was decided from a configuration that has moved on changes nothing', async () => {
        const seenVersion = await configuration().version();
        await change({ putNodes: [nodeOf('/', 'a', { stage: 'first' })] });
        const late = await store().committer.commit([
          { type: 'audit.append', event: { at: NOW, event: 'E', realm: '/', transactionId: 't', userId: 'admin' } },
          { type: 'configuration.change', seenVersion, putNodes: [nodeOf('/', 'a', { stage: 'late' })] },
        ]);
        expect(late).toEqual({ committed: false, refused: 'configuration.change' });
        expect((await configuration().loadNodes()).nodes).toEqual([nodeOf('/', 'a', { stage: 'first' })]);
        expect(await configuration().version()).toBe(seenVersion + 1);
        expect(await store().audit.ofUser('admin', 9)).toEqual([]);
      });

      test('of ten who saw the same, one wins', async () => {
        const seenVersion = await configuration().version();
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, at) =>
            commit(store(), {
              type: 'configuration.change',
              seenVersion,
              publishTrees: [treeOf('/', 'Login', `entry-${at}`)],
            }),
          ),
        );
        expect(results.filter(({ committed }) => committed)).toHaveLength(1);
        const { trees } = await configuration().load();
        const winner = results.findIndex(({ committed }) => committed);
        expect(trees).toEqual([{ ...treeOf('/', 'Login', `entry-${winner}`), version: 1 }]);
      });

      test('a change that another change of its commit undoes leaves nothing behind', async () => {
        await change({ publishTrees: [treeOf('/', 'Login', 'a')], putNodes: [nodeOf('/', 'a')] });
        const before = await configuration().load();
        const refused = await commit(
          store(),
          {
            type: 'configuration.change',
            seenVersion: before.version,
            publishTrees: [treeOf('/', 'Login', 'b')],
            deleteNodes: [{ realm: '/', id: 'a' }],
          },
          { type: 'throttle.put', row: { subject: 's', hits: [], lockedUntil: 0, rev: 7 } },
        );
        expect(refused.committed).toBe(false);
        expect(await configuration().load()).toEqual(before);
        expect((await configuration().loadNodes()).nodes).toEqual([nodeOf('/', 'a')]);
        expect(await configuration().loadTree('/', 'Login', 2)).toBeUndefined();
      });

      test('a node is kept without a tree, replaced, and deleted in its realm alone', async () => {
        await change({ putNodes: [nodeOf('/', 'A1'), nodeOf('/', 'a1'), nodeOf('/alpha', 'A1')] });
        await change({ putNodes: [nodeOf('/', 'A1', { stage: 'y' })] });
        await change({ deleteNodes: [{ realm: '/', id: 'a1' }] });
        const { nodes, version } = await configuration().loadNodes();
        expect(version).toBe(await configuration().version());
        const byRealm = [...nodes].sort((a, b) => (a.realm < b.realm ? -1 : 1));
        expect(byRealm).toEqual([nodeOf('/', 'A1', { stage: 'y' }), nodeOf('/alpha', 'A1')]);
      });

      test('a deleted tree is listed no more, and stays for those who are on it', async () => {
        await change({ publishTrees: [treeOf('/', 'Login', 'a'), treeOf('/alpha', 'Login', 'z')] });
        await change({ deleteTrees: [{ realm: '/', name: 'Login' }] });
        expect((await configuration().load()).trees).toEqual([{ ...treeOf('/alpha', 'Login', 'z'), version: 1 }]);
        expect(await configuration().loadTree('/', 'Login', 1)).toEqual({ ...treeOf('/', 'Login', 'a'), version: 1 });
      });

      test('a tree that is made again has a version that the deleted one never had', async () => {
        await change({ publishTrees: [treeOf('/', 'Login', 'a')] });
        await change({ deleteTrees: [{ realm: '/', name: 'Login' }] });
        await change({ publishTrees: [treeOf('/', 'Login', 'b')] });
        expect((await configuration().load()).trees).toEqual([{ ...treeOf('/', 'Login', 'b'), version: 2 }]);
        expect(await configuration().loadTree('/', 'Login', 1)).toEqual({ ...treeOf('/', 'Login', 'a'), version: 1 });
      });

      test('of many versions the last 32 stay, and those that journeys are on (SEC-93)', async () => {
        for (const entry of ['a', 'b', 'c']) await change({ publishTrees: [treeOf('/', 'Login', entry)] });
        const row = journeyRow({ tree: 'Login', treeVersion: 2, realm: '/', expiresAt: NOW + 1_000 });
        await mustCommit(store(), { type: 'journey.insert', row });
        for (let at = 4; at <= 40; at += 1) await change({ publishTrees: [treeOf('/', 'Login', `n${at}`)] });
        const left = await Promise.all(
          Array.from({ length: 40 }, (_, at) => configuration().loadTree('/', 'Login', at + 1)),
        );
        expect(left.flatMap((tree) => tree?.version ?? [])).toEqual([
          2,
          ...Array.from({ length: 32 }, (_, at) => at + 9),
        ]);
      });

      test('old versions are swept a month after they were replaced, those with journeys on them not', async () => {
        const month = 30 * 24 * 3_600_000;
        for (const entry of ['a', 'b', 'c']) await change({ publishTrees: [treeOf('/', 'Login', entry)] });
        await change({ publishTrees: [treeOf('/', 'Gone', 'g')] });
        await change({ deleteTrees: [{ realm: '/', name: 'Gone' }] });
        const row = journeyRow({ tree: 'Login', treeVersion: 2, realm: '/', expiresAt: NOW + 2 * month });
        await mustCommit(store(), { type: 'journey.insert', row });
        const left = async () => {
          const versions = await Promise.all([1, 2, 3].map((at) => configuration().loadTree('/', 'Login', at)));
          return versions.map((tree) => tree !== undefined);
        };
        expect(await store().sweep(NOW, 1_000)).toBe(0);
        expect(await store().sweep(NOW + month - 1, 1_000)).toBe(0);
        expect(await left()).toEqual([true, true, true]);
        expect(await store().sweep(NOW + month, 1_000)).toBe(1);
        expect(await left()).toEqual([false, true, true]);
        await change({ publishTrees: [treeOf('/', 'Gone', 'again')] });
        expect((await configuration().load()).trees.find(({ name }) => name === 'Gone')?.version).toBe(2);
      });
    });

    test('saving replaces a service or a realm', async () => {
      for (const key of ['old', 'new']) {
        await write().saveService({ realm: '/', type: 'pushNotification', config: { key } });
        await write().saveRealm(settingsOf('/', { locale: key }));
      }
      const { services, realms } = await configuration().load();
      expect(services).toEqual([{ realm: '/', type: 'pushNotification', config: { key: 'new' } }]);
      expect(realms).toEqual([settingsOf('/', { locale: 'new' })]);
    });

    test('a script cannot take the name of another of its realm, and nothing moves on', async () => {
      expect(await write().saveScript(scriptOf('/', 'a', { name: 'Same' }))).toBe(true);
      const before = await configuration().version();
      expect(await write().saveScript(scriptOf('/', 'b', { name: 'Same' }))).toBe(false);
      expect(await configuration().version()).toBe(before);
      expect(await write().saveScript(scriptOf('/alpha', 'b', { name: 'Same' }))).toBe(true);
      expect(await write().saveScript(scriptOf('/', 'a', { name: 'Same', source: 'outcome = "x";' }))).toBe(true);
      const { scripts } = await configuration().load();
      expect(scripts.map(({ realm, id, source }) => [realm, id, source]).sort()).toEqual([
        ['/', 'a', 'outcome = "x";'],
        ['/alpha', 'b', 'outcome = "true";'],
      ]);
    });

    test('a script comes back as it was stored, and is deleted in its realm alone', async () => {
      const given = scriptOf('/', 'a', { source: 'outcome = "\u00fc \u{1f511}";\n', description: 'd', default: true });
      await write().saveScript(given);
      await write().saveScript(scriptOf('/alpha', 'a'));
      expect((await configuration().load()).scripts.find(({ realm }) => realm === '/')).toEqual(given);
      await write().change({ deleteScripts: [{ realm: '/', id: 'a' }] });
      expect((await configuration().load()).scripts.map(({ realm }) => realm)).toEqual(['/alpha']);
    });

    test('a deleted service is gone from its realm alone', async () => {
      for (const realm of ['/', '/alpha']) {
        await write().saveService({ realm, type: 'pushNotification', config: { realm } });
        await write().saveService({ realm, type: 'assent', config: { realm } });
      }
      expect(await write().deleteService('/alpha', 'pushNotification')).toBe(true);
      const { services } = await configuration().load();
      expect(services.map(({ realm, type }) => `${realm} ${type}`).sort()).toEqual([
        '/ assent',
        '/ pushNotification',
        '/alpha assent',
      ]);
    });

    test('a deleted realm leaves nothing behind, and other realms whole', async () => {
      for (const [realm, at] of [
        ['/alpha', 1],
        ['/alpha2', 2],
      ] as const) {
        await write().createRealm(settingsOf(realm));
        await write().publishTree(treeOf(realm, 'Login', 'a'));
        await write().saveService({ realm, type: 'pushNotification', config: {} });
        await write().saveScript(scriptOf(realm, 'a'));
        await write().change({ putClients: [clientOf(realm, 'app')] });
        const userId = `user-${at}`;
        await mustCommit(
          store(),
          newUser({ id: userId, realm }),
          { type: 'journey.insert', row: journeyRow({ id: `journey-${at}`, realm }) },
          { type: 'session.insert', row: sessionRow({ tokenHash: `token-${at}`, realm, userId }) },
          { type: 'backChannel.open', row: backChannelRow({ idHash: `channel-${at}`, realm, subject: userId }) },
          { type: 'device.insert', row: deviceRow({ uuid: `device-${at}`, realm, userId }), maxDevices: 5 },
          { type: 'oath.insert', row: oathRow({ uuid: `oath-${at}`, realm, userId }), maxDevices: 5 },
          { type: 'passkey.insert', row: passkeyRow({ uuid: `passkey-${at}`, realm, userId }), maxDevices: 5 },
          { type: 'bound.insert', row: boundRow({ realm, userId }), maxDevices: 5 },
          { type: 'codes.replace', userId, deviceType: 'push', rows: [codeRow({ id: `code-${at}`, realm, userId })] },
          { type: 'push.open', rows: [messageRow({ id: `message-${at}`, realm, userId })] },
          { type: 'grant.open', row: grantRow({ id: `grant-${at}`, realm, userId }) },
          { type: 'parked.put', row: parkedRow({ idHash: `parked-${at}`, realm }), now: NOW },
          { type: 'pendingApproval.open', row: pendingRow({ idHash: `pending-${at}`, realm }), now: NOW },
          { type: 'consent.save', row: { realm, userId, clientId: 'app', scopes: ['openid'] } },
          { type: 'signingKey.insert', row: keyRow({ realm }) },
          { type: 'metadata.keep', row: metadataRow({ realm }) },
          { type: 'throttle.put', row: { subject: `password:${userId}`, hits: [NOW], lockedUntil: 0, rev: 0 } },
        );
      }
      expect(await write().deleteRealm('/alpha')).toBe(true);
      const kept = async (at: number) => [
        await store().identities.findById(`user-${at}`),
        await store().journeySessions.get(`journey-${at}`),
        await store().sessions.get(`token-${at}`),
        await store().backChannels.get(`channel-${at}`),
        await store().devices.get(`device-${at}`),
        await store().oathDevices.get(`oath-${at}`),
        await store().passkeys.get(`passkey-${at}`),
        await store().boundDevices.get(at === 1 ? '/alpha' : '/alpha2', 'kid-1'),
        (await store().devices.codesBySelector(`user-${at}`, 'push', ['selector-1']))[0],
        await store().messages.get(`message-${at}`),
        await store().grants.get(`grant-${at}`),
        await store().parkedRequests.get(`parked-${at}`),
        await store().pendingApprovals.get(`pending-${at}`),
        await store().consents.get(`user-${at}`, 'app'),
        (await store().signingKeys.ofRealm(at === 1 ? '/alpha' : '/alpha2'))[0],
        await store().authenticatorMetadata.get(at === 1 ? '/alpha' : '/alpha2', 0),
        (await store().throttles.get([`password:user-${at}`]))[0],
      ];
      expect((await kept(1)).filter((row) => row !== undefined)).toEqual([]);
      expect((await kept(2)).filter((row) => row === undefined)).toEqual([]);
      const { realms, trees, services, scripts, clients } = await configuration().load();
      const { nodes } = await configuration().loadNodes();
      expect([...realms, ...trees, ...nodes, ...services, ...scripts, ...clients].map(({ realm }) => realm)).toEqual([
        '/alpha2',
        '/alpha2',
        '/alpha2',
        '/alpha2',
        '/alpha2',
        '/alpha2',
      ]);
    });

    test('a secret is made once, and everybody gets the same', async () => {
      const made = [1, 2, 3].map((byte) => () => new Uint8Array(32).fill(byte));
      const got = await Promise.all(made.map((make) => store().secrets.getOrCreate('signing-key', make)));
      // Whichever was first.
      expect(made.map((make) => make())).toContainEqual(got[0]);
      expect(got).toEqual([got[0], got[0], got[0]]);
      expect(await store().secrets.get('signing-key')).toEqual(got[0]);
      expect(await store().secrets.get('nobody')).toBeUndefined();
      expect(await store().secrets.getOrCreate('other', () => new Uint8Array([9]))).toEqual(new Uint8Array([9]));
    });

    test('a secret that could not be made is made by the next', async () => {
      const fails = () => {
        throw new Error('no entropy');
      };
      await expect(store().secrets.getOrCreate('key', fails)).rejects.toThrow('no entropy');
      expect(await store().secrets.getOrCreate('key', () => new Uint8Array([1]))).toEqual(new Uint8Array([1]));
    });
  });
};
