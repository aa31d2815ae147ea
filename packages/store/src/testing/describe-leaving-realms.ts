import type { RealmSettings } from '@assent/engine';
import { describe, expect, test } from 'vitest';
import { accountOf } from '../rules/throttle-subjects.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  activeGrant,
  auditEvent,
  codeRow,
  commit,
  configuring,
  deviceRow,
  journeyRow,
  mustCommit,
  NOW,
  newUser,
  refusedAt,
  sessionRow,
} from './rows.ts';

const settingsOf = (realm: string) => ({ realm, active: true, defaultTree: 'Login' }) as unknown as RealmSettings;

export const describeLeavingRealms = (open: OpenStore): void => {
  describe('a realm of many users that is deleted (OPS-24)', () => {
    const store = freshStore(open);
    const USERS = 120;
    const idOf = (at: number) => `user-${at}`;

    const fill = async (realm: string) => {
      await configuring(store()).createRealm(settingsOf(realm));
      for (let at = 0; at < USERS; at += 1) {
        const userId = `${realm}${idOf(at)}`;
        await mustCommit(
          store(),
          { ...newUser({ id: userId, realm, username: idOf(at) }), entryId: `entry-${at}` },
          { type: 'session.insert', row: sessionRow({ tokenHash: `token of ${userId}`, realm, userId }) },
          { type: 'device.insert', row: deviceRow({ uuid: `device of ${userId}`, realm, userId }), maxDevices: 5 },
          {
            type: 'codes.replace',
            userId,
            deviceType: 'push',
            rows: [codeRow({ id: `code of ${userId}`, realm, userId })],
          },
          {
            type: 'journey.insert',
            row: journeyRow({ id: `journey of ${userId}`, realm, expiresAt: NOW + 9_000_000 }),
          },
        );
      }
    };
    /** What is found of a user, and of the realm. */
    const foundOf = async (realm: string, at: number) => {
      const { identities, sessions } = store();
      const id = `${realm}${idOf(at)}`;
      return [
        await identities.find(realm, idOf(at)),
        await identities.findById(id),
        await identities.findByEntry(realm, `entry-${at}`),
        (await identities.findByAttribute(realm, 'mail', 'demo@example.com'))[0],
        (await identities.page(realm, { limit: 9 })).users[0],
        (await identities.page(realm, { value: idOf(at), limit: 9 })).users[0],
        (await identities.page(realm, { beginning: 'user', limit: 9 })).users[0],
        (await identities.page(realm, { attribute: 'mail', value: 'demo@example.com', limit: 9 })).users[0],
        (await identities.page(realm, { attribute: 'mail', beginning: 'demo', limit: 9 })).users[0],
        await sessions.get(`token of ${id}`),
        (await sessions.ofUser(id, NOW))[0],
      ];
    };
    const rowsLeft = async (realm: string) => {
      let left = 0;
      for (let at = 0; at < USERS; at += 1) {
        const id = `${realm}${idOf(at)}`;
        const { devices, journeySessions } = store();
        const rows = [
          await devices.get(`device of ${id}`),
          (await devices.codesBySelector(id, 'push', ['selector-1']))[0],
          await journeySessions.get(`journey of ${id}`),
        ];
        left += rows.filter((row) => row !== undefined).length;
      }
      return left;
    };

    test('is gone at once, and cleaned up in batches; its path waits for that, and a realm of it has nothing of the old', async () => {
      await fill('/large');
      await fill('/other');
      expect(await configuring(store()).deleteRealm('/large')).toBe(true);
      expect(await configuring(store()).deleteRealm('/large')).toBe(false);
      for (const at of [0, USERS - 1])
        expect((await foundOf('/large', at)).filter((it) => it !== undefined)).toEqual([]);
      const wasLeaving = await store().configuration.isBeingDeleted('/large');
      expect(await configuring(store()).createRealm(settingsOf('/large'))).toBe(!wasLeaving);
      await configuring(store()).saveRealm(settingsOf('/large'));
      const { realms } = await store().configuration.load();
      expect(realms.map(({ realm }) => realm)).toEqual(wasLeaving ? ['/other'] : ['/other', '/large']);

      let sweeps = 0;
      while ((await store().sweep(NOW, 100)) === 100) sweeps += 1;
      // Of 100 rows, ten users; what was taken at once is not waited for.
      expect(sweeps).toBeLessThanOrEqual(USERS / 10 + 1);
      expect(await rowsLeft('/large')).toBe(0);
      expect(await store().configuration.isBeingDeleted('/large')).toBe(false);
      expect(await configuring(store()).createRealm(settingsOf('/large'))).toBe(wasLeaving);
      expect((await foundOf('/large', 0)).filter((it) => it !== undefined)).toEqual([]);
      await mustCommit(store(), newUser({ id: 'new', realm: '/large', username: idOf(0) }));
      expect(await store().identities.find('/large', idOf(0))).toMatchObject({ id: 'new' });

      for (const at of [0, USERS - 1]) expect((await foundOf('/other', at)).includes(undefined)).toBe(false);
      expect(await rowsLeft('/other')).toBe(3 * USERS);
    });
  });

  describe('a realm whose users hold many sessions and grants (SEC-93)', () => {
    const store = freshStore(open);
    const SESSIONS = 1_300;
    const GRANTS = 700;

    test('is cleaned up in batches of rows, however few its users are', async () => {
      const realm = '/held';
      await configuring(store()).createRealm(settingsOf(realm));
      const userId = 'holder';
      await mustCommit(store(), newUser({ id: userId, realm, username: 'holder' }));
      const of = (name: string, at: number) => `${name} ${at} of holder`;
      const sessions = Array.from({ length: SESSIONS }, (_, at) =>
        sessionRow({ tokenHash: of('token', at), handle: of('handle', at), realm, userId }),
      );
      const grants = Array.from({ length: GRANTS }, (_, at) =>
        activeGrant({ id: of('grant', at), realm, userId, sid: of('sid', at) }),
      );
      for (let at = 0; at < SESSIONS; at += 100) {
        await mustCommit(
          store(),
          ...sessions.slice(at, at + 100).map((row) => ({ type: 'session.insert', row }) as const),
          ...grants.slice(at, at + 100).map((row) => ({ type: 'grant.open', row }) as const),
        );
      }
      expect(await configuring(store()).deleteRealm(realm)).toBe(true);
      let sweeps = 0;
      while ((await store().sweep(NOW, 100)) === 100) sweeps += 1;
      // The deletion itself takes 500 rows, and the last hundred of each kind goes with the user.
      expect(sweeps).toBe((SESSIONS - 500 + GRANTS) / 100 - 2);
      expect(await store().configuration.isBeingDeleted(realm)).toBe(false);
      // Each name can be used again.
      await mustCommit(store(), ...sessions.slice(0, 100).map((row) => ({ type: 'session.insert', row }) as const));
    });
  });

  describe('a realm that is made where there was another (SEC-72)', () => {
    const store = freshStore(open);
    const realm = '/again';
    const write = () => configuring(store());

    test('has nothing of what an instance wrote that had not heard of the deletion yet', async () => {
      const { configuration } = store();
      await write().createRealm(settingsOf(realm));
      await write().deleteRealm(realm);
      const userId = 'too-late';
      await mustCommit(
        store(),
        newUser({ id: userId, realm, username: 'late' }),
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token of late', realm, userId }) },
        { type: 'device.insert', row: deviceRow({ uuid: 'device of late', realm, userId }), maxDevices: 5 },
        {
          type: 'outbox.put',
          entry: { id: 'entry of late', kind: 'webhook', realm, recipient: 'app', payload: '{}' },
        },
      );
      await write().saveService({ realm, type: 'ldap', config: {} });
      expect(await write().createRealm(settingsOf(realm))).toBe(true);
      const { identities, sessions, devices, outbox } = store();
      expect([
        await identities.find(realm, 'late'),
        await identities.findById(userId),
        await sessions.get('token of late'),
        await devices.get('device of late'),
        await outbox.find('entry of late'),
      ]).toEqual(Array(5).fill(undefined));
      expect((await configuration.load()).services).toEqual([]);
    });

    test('is not emptied where it is there already', async () => {
      const { identities } = store();
      await write().createRealm(settingsOf(realm));
      await mustCommit(store(), newUser({ realm, username: 'stays' }));
      expect(await write().createRealm(settingsOf(realm))).toBe(false);
      expect(await identities.find(realm, 'stays')).toBeDefined();
    });
  });

  describe('a user who is deleted (OPS-24)', () => {
    const store = freshStore(open);

    test.each(['password', 'strangers', 'push', 'push-refused', 'recovery', 'otp', 'kba'])(
      "takes along the counters of kind %s by id and by account, and nobody else's",
      async (kind) => {
        const account = accountOf('/alpha', 'demo');
        const names = ['user-1', account, 'user-10', 'User-1', accountOf('/alpha', 'other')];
        const subjects = names.map((name) => `${kind}:${name}`);
        await mustCommit(
          store(),
          newUser(),
          ...subjects.map((subject) => ({
            type: 'throttle.put' as const,
            row: { subject, hits: [NOW], lockedUntil: 0, rev: 0 },
          })),
          { type: 'audit.append', event: auditEvent() },
        );
        await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
        const left = (await store().throttles.get(subjects)).map(({ subject }) => subject);
        expect(left).toEqual(subjects.slice(2));
        expect(await commit(store(), { type: 'identity.delete', id: 'user-1' })).toEqual(refusedAt('identity.delete'));
      },
    );
  });
};
