import type { PublishedTree, RealmSettings, ScriptDocument } from '@assent/engine';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { codeRow, deviceRow, journeyRow, messageRow, mustCommit, NOW, newUser, oathRow, sessionRow } from './rows.ts';

const settingsOf = (realm: string, given: Partial<RealmSettings> = {}): RealmSettings => ({
  realm,
  active: true,
  defaultTree: 'PushLogin',
  adminTree: 'AdminLogin',
  journeyMinutes: 5,
  suspendedMinutes: 5,
  sessionMaxMinutes: 120,
  sessionIdleMinutes: 30,
  locale: 'en',
  successUrl: '/am/console',
  failureUrl: '',
  gotoDestinations: [],
  numberDigits: 6,
  maxDevices: 5,
  corsOrigins: [],
  hideTokenInBody: false,
  treeFindings: 'warn',
  ...given,
});

const treeOf = (realm: string, name: string, entryNodeId: string): Omit<PublishedTree, 'version'> => ({
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

const scriptOf = (realm: string, id: string, given: Partial<ScriptDocument> = {}): ScriptDocument => ({
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

    test('a realm is created once', async () => {
      expect(await configuration().createRealm(settingsOf('/alpha'))).toBe(true);
      expect(await configuration().createRealm(settingsOf('/alpha', { locale: 'de' }))).toBe(false);
      expect((await configuration().load()).realms).toEqual([settingsOf('/alpha')]);
    });

    test('a realm that is not there is not deleted, and nothing moves on', async () => {
      const before = await configuration().version();
      expect(await configuration().deleteRealm('/alpha')).toBe(false);
      expect(await configuration().version()).toBe(before);
    });

    test('every change moves the version on', async () => {
      const seen = [await configuration().version()];
      const note = async () => seen.push(await configuration().version());
      await configuration().createRealm(settingsOf('/alpha'));
      await note();
      await configuration().saveRealm(settingsOf('/alpha', { maxDevices: 2 }));
      await note();
      await configuration().publishTree(treeOf('/alpha', 'Login', 'a'));
      await note();
      await configuration().saveService({ realm: '/alpha', type: 'pushNotification', config: { key: 'v' } });
      await note();
      await configuration().deleteRealm('/alpha');
      await note();
      expect(seen).toEqual([0, 1, 2, 3, 4, 5].map((step) => (seen[0] ?? 0) + step));
    });

    test('a publish makes the next version, and the earlier stays for those who are on it', async () => {
      await configuration().publishTree(treeOf('/alpha', 'Login', 'a'));
      await configuration().publishTree(treeOf('/', 'Login', 'z'));
      const second = await configuration().publishTree(treeOf('/alpha', 'Login', 'b'));
      expect(second).toEqual({ ...treeOf('/alpha', 'Login', 'b'), version: 2 });
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

    test('of publishes at once, each gets a version of its own', async () => {
      const published = await Promise.all(
        ['a', 'b', 'c', 'd'].map((entry) => configuration().publishTree(treeOf('/alpha', 'Login', entry))),
      );
      expect(published.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4]);
    });

    test('saving replaces a service or a realm', async () => {
      for (const key of ['old', 'new']) {
        await configuration().saveService({ realm: '/', type: 'pushNotification', config: { key } });
        await configuration().saveRealm(settingsOf('/', { locale: key }));
      }
      const { services, realms } = await configuration().load();
      expect(services).toEqual([{ realm: '/', type: 'pushNotification', config: { key: 'new' } }]);
      expect(realms).toEqual([settingsOf('/', { locale: 'new' })]);
    });

    test('a script cannot take the name of another of its realm, and nothing moves on', async () => {
      expect(await configuration().saveScript(scriptOf('/', 'a', { name: 'Same' }))).toBe(true);
      const before = await configuration().version();
      expect(await configuration().saveScript(scriptOf('/', 'b', { name: 'Same' }))).toBe(false);
      expect(await configuration().version()).toBe(before);
      expect(await configuration().saveScript(scriptOf('/alpha', 'b', { name: 'Same' }))).toBe(true);
      expect(await configuration().saveScript(scriptOf('/', 'a', { name: 'Same', source: 'outcome = "x";' }))).toBe(
        true,
      );
      const { scripts } = await configuration().load();
      expect(scripts.map(({ realm, id, source }) => [realm, id, source]).sort()).toEqual([
        ['/', 'a', 'outcome = "x";'],
        ['/alpha', 'b', 'outcome = "true";'],
      ]);
    });

    test('a script comes back as it was stored, and is deleted once, in its realm alone', async () => {
      const given = scriptOf('/', 'a', { source: 'outcome = "\u00fc \u{1f511}";\n', description: 'd', default: true });
      await configuration().saveScript(given);
      await configuration().saveScript(scriptOf('/alpha', 'a'));
      expect((await configuration().load()).scripts.find(({ realm }) => realm === '/')).toEqual(given);
      expect(await configuration().deleteScript('/', 'a')).toBe(true);
      expect(await configuration().deleteScript('/', 'a')).toBe(false);
      expect((await configuration().load()).scripts.map(({ realm }) => realm)).toEqual(['/alpha']);
    });

    test('a deleted service is gone from its realm alone, once', async () => {
      for (const realm of ['/', '/alpha']) {
        await configuration().saveService({ realm, type: 'pushNotification', config: { realm } });
        await configuration().saveService({ realm, type: 'assent', config: { realm } });
      }
      const before = await configuration().version();
      expect(await configuration().deleteService('/alpha', 'pushNotification')).toBe(true);
      expect(await configuration().deleteService('/alpha', 'pushNotification')).toBe(false);
      expect(await configuration().version()).toBe(before + 1);
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
        await configuration().createRealm(settingsOf(realm));
        await configuration().publishTree(treeOf(realm, 'Login', 'a'));
        await configuration().saveService({ realm, type: 'pushNotification', config: {} });
        await configuration().saveScript(scriptOf(realm, 'a'));
        const userId = `user-${at}`;
        await mustCommit(
          store(),
          newUser({ id: userId, realm }),
          { verb: 'journey.insert', row: journeyRow({ id: `journey-${at}`, realm }) },
          { verb: 'session.insert', row: sessionRow({ tokenHash: `token-${at}`, realm, userId }) },
          { verb: 'device.insert', row: deviceRow({ uuid: `device-${at}`, realm, userId }), maxDevices: 5 },
          { verb: 'oath.insert', row: oathRow({ uuid: `oath-${at}`, realm, userId }), maxDevices: 5 },
          { verb: 'codes.replace', userId, type: 'push', rows: [codeRow({ id: `code-${at}`, realm, userId })] },
          { verb: 'push.open', rows: [messageRow({ id: `message-${at}`, realm, userId })] },
          { verb: 'throttle.put', row: { subject: `password:${userId}`, hits: [NOW], lockedUntil: 0, rev: 0 } },
        );
      }
      expect(await configuration().deleteRealm('/alpha')).toBe(true);
      const kept = async (at: number) => [
        await store().identities.findById(`user-${at}`),
        await store().journeySessions.get(`journey-${at}`),
        await store().sessions.get(`token-${at}`),
        await store().devices.get(`device-${at}`),
        await store().oathDevices.get(`oath-${at}`),
        await store().devices.codeBySelector(`user-${at}`, 'push', 'selector-1'),
        await store().messages.get(`message-${at}`),
        (await store().throttles.get([`password:user-${at}`]))[0],
      ];
      expect((await kept(1)).filter((row) => row !== undefined)).toEqual([]);
      expect((await kept(2)).filter((row) => row === undefined)).toEqual([]);
      const { realms, trees, services, scripts } = await configuration().load();
      expect([...realms, ...trees, ...services, ...scripts].map(({ realm }) => realm)).toEqual([
        '/alpha2',
        '/alpha2',
        '/alpha2',
        '/alpha2',
      ]);
    });

    test('a secret is made once, and everybody gets the same', async () => {
      const made = [1, 2, 3].map((byte) => () => new Uint8Array(32).fill(byte));
      const got = await Promise.all(made.map((make) => store().secrets.getOrCreate('signing-key', make)));
      expect(got).toEqual([1, 1, 1].map((byte) => new Uint8Array(32).fill(byte)));
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
