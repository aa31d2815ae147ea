import type { Session } from '@assent/engine';
import { LOGOUT_WEBHOOKS, SESSIONS_OF_USER, type SessionBounds, webhooksText } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { activeGrant, mustCommit, mustCommitMany, NOW, sessionRow } from '../rows.ts';

const { kept, keptInUse, keptOfNothing, idleMillis } = SESSIONS_OF_USER;
const PASSWORD = { AuthFactors: `password@${NOW}` };
const PUSH = { AuthFactors: `password@${NOW}|push@${NOW}` };

/** Sessions of user-1 that are one millisecond apart, the oldest first; the last one was made and used at `until`. */
const rowsOf = (name: string, count: number, until: number, given: Partial<Session> = {}): readonly Session[] =>
  Array.from({ length: count }, (_, at) => {
    const tokenHash = `${name}-${String(at).padStart(5, '0')}`;
    const time = until - count + 1 + at;
    const times = { createdAt: time, lastUsedAt: time, maxExpiresAt: NOW + 36_000_000, maxIdleMillis: 36_000_000 };
    return sessionRow({ tokenHash, handle: `handle of ${tokenHash}`, properties: PASSWORD, ...times, ...given });
  });

const insertAll = async (store: Store, ...rows: readonly Session[]): Promise<void> => {
  await mustCommitMany(
    store,
    rows.map((row) => ({ type: 'session.insert', row }) as const),
  );
};

/** The rows of the audit log that tell of sessions that were too many. */
const toldOf = async (store: Store, userId = 'user-1') =>
  (await store.audit.ofUser(userId, 100)).map(({ event, outcome, realm, detail }) => ({
    event,
    outcome,
    realm,
    ...detail,
  }));

/** Sweeps as a server does: again and again, while a sweep has met its limit. */
const sweepAll = async (store: Store, now: number, limit = 500): Promise<number> => {
  let total = 0;
  for (let isMore = true; isMore; ) {
    const rows = (await store.sweep(now, limit)) ?? 0;
    total += rows;
    isMore = rows === limit;
  }
  return total;
};

const isThere = async (store: Store, { tokenHash }: Session): Promise<boolean> =>
  (await store.sessions.get(tokenHash)) !== undefined;

export const describeManySessions = (open: OpenStore): void => {
  describe('a user with many sessions', () => {
    const store = freshStore(open);

    test('is read in a bounded number of rows, the newest first (SEC-93)', async () => {
      const rows = rowsOf('many', kept + 3, NOW);
      await insertAll(store(), ...rows);
      const newest = rows.map(({ tokenHash }) => tokenHash).reverse();
      const read = async (limit?: number) =>
        (await store().sessions.ofUser('user-1', NOW, { ...(limit !== undefined && { limit }) })).map(
          ({ tokenHash }) => tokenHash,
        );
      expect(await read()).toEqual(newest.slice(0, kept));
      expect(await read(kept + 100)).toEqual(newest.slice(0, kept));
      expect(await read(5)).toEqual(newest.slice(0, 5));
      expect(await store().sessions.countOfUser('user-1', NOW)).toBe(kept + 3);
      expect(await store().sessions.countOfUser('user-2', NOW)).toBe(0);
    });

    test('is read up to a number of characters, the newest first (SEC-93)', async () => {
      const properties = { a: 'x'.repeat(4_000), b: 'x'.repeat(4_000) };
      const characters = JSON.stringify(properties).length;
      const rows = rowsOf('large', 100, NOW).map((row) => ({ ...row, properties }));
      await insertAll(store(), ...rows);
      const newest = rows.map(({ tokenHash }) => tokenHash).reverse();
      const read = async (bounds: SessionBounds) =>
        (await store().sessions.ofUser('user-1', NOW, bounds)).map(({ tokenHash }) => tokenHash);
      expect(await read({ characters: 70 * characters })).toEqual(newest.slice(0, 70));
      expect(await read({ characters: 70 * characters - 1 })).toEqual(newest.slice(0, 69));
      expect(await read({ characters: 70 * characters, limit: 60 })).toEqual(newest.slice(0, 60));
      expect(await read({ characters: 1 })).toEqual([]);
      expect(await read({})).toEqual(newest);
      const [session] = await store().sessions.ofUser('user-1', NOW, { limit: 1 });
      expect(session).toEqual(rows.at(-1));
    });

    test('has each session found by its handle and its sid, also beyond what a list shows (SEC-93)', async () => {
      const rows = rowsOf('many', kept + 3, NOW);
      const [oldest, second] = rows as [Session, Session];
      const runOut = sessionRow({ tokenHash: 'over', handle: 'over', sid: 'sid of over', maxExpiresAt: NOW });
      const other = sessionRow({ tokenHash: 'other', handle: 'other', userId: 'user-2', sid: 'sid of other' });
      await insertAll(store(), ...rows, runOut, other);
      const { sessions } = store();
      const byHandles = async (userId: string, ...handles: readonly string[]) =>
        (await sessions.byHandles(userId, handles, NOW)).map(({ tokenHash }) => tokenHash).sort();
      expect(await byHandles('user-1', oldest.handle, second.handle, 'over', 'other', 'none')).toEqual([
        oldest.tokenHash,
        second.tokenHash,
      ]);
      expect(await byHandles('user-2', oldest.handle, 'other')).toEqual(['other']);
      expect(await byHandles('user-1')).toEqual([]);
      const has = (userId: string, sid: string) => sessions.hasSid(userId, sid, NOW);
      expect(await has('user-1', oldest.sid)).toBe(true);
      expect([await has('user-2', oldest.sid), await has('user-1', runOut.sid), await has('user-1', 'none')]).toEqual([
        false,
        false,
        false,
      ]);
    });

    test('loses the sessions that were not used for the longest time, which the audit log says (SEC-93)', async () => {
      const [oldest, ...rows] = rowsOf('many', kept + 3, NOW - idleMillis) as [Session, ...Session[]];
      const others = rowsOf('other', kept, NOW - idleMillis, { userId: 'user-2' });
      await insertAll(store(), oldest, ...rows, ...others);
      // The first of all is in use again.
      await mustCommit(store(), { type: 'session.touch', tokenHash: oldest.tokenHash, at: NOW });
      expect(await sweepAll(store(), NOW)).toBe(3);
      const left = await Promise.all([oldest, ...rows.slice(0, 4)].map((row) => isThere(store(), row)));
      expect(left).toEqual([true, false, false, false, true]);
      expect(await store().sessions.countOfUser('user-1', NOW)).toBe(kept);
      expect(await store().sessions.countOfUser('user-2', NOW)).toBe(kept);
      expect(await toldOf(store())).toEqual([
        { event: 'SESSION_END', outcome: 'tooManySessions', realm: '/alpha', sessions: 3 },
      ]);
      expect(await toldOf(store(), 'user-2')).toEqual([]);
      expect(await sweepAll(store(), NOW)).toBe(0);
    });

    test('keeps every session that has shown more than the password, however often the password signs in (SEC-93)', async () => {
      const own = rowsOf('own', 3, NOW - 9 * idleMillis, { properties: PUSH });
      const flood = rowsOf('flood', kept + 200, NOW - idleMillis);
      // None of these has shown more, and each is stored as it is.
      const disguised = [
        { AuthFactors: `password@${NOW}`, other: `"AuthFactors":"push@${NOW}"` },
        { AuthFactors: `password@${NOW}`, 'x"AuthFactors': `push@${NOW}` },
        { 'x,"AuthFactors': `push@${NOW}`, '{"AuthFactors': `push@${NOW}`, AuthFactors: `password@${NOW}` },
        { other: `push@${NOW}|push@${NOW}`, AuthFactors: `password@${NOW}` },
        { nul: '\u0000', half: '\ud800', AuthFactors: `password@${NOW}` },
      ].flatMap((properties, at) => rowsOf(`disguised-${at}`, 1, NOW - 2 * idleMillis, { properties }));
      await insertAll(store(), ...own, ...disguised, ...flood);
      expect(await sweepAll(store(), NOW)).toBe(205);
      for (const row of disguised) expect(await isThere(store(), row)).toBe(false);
      for (const row of own) expect(await isThere(store(), row)).toBe(true);
      expect(await store().sessions.countOfUser('user-1', NOW)).toBe(kept + 3);
    });

    test('has more sessions that prove nothing, since all guests are one user, and loses the oldest of those alone (SEC-93)', async () => {
      const byPassword = rowsOf('password', 2, NOW - 9 * idleMillis);
      const older = rowsOf('older', 6, NOW - 2 * idleMillis, { properties: {} });
      const guests = rowsOf('guest', keptOfNothing, NOW, { properties: { AuthFactors: '' } });
      await insertAll(store(), ...byPassword, ...guests);
      expect(await sweepAll(store(), NOW)).toBe(0);
      await insertAll(store(), ...older);
      expect(await sweepAll(store(), NOW)).toBe(6);
      for (const row of older) expect(await isThere(store(), row)).toBe(false);
      for (const row of [...byPassword, guests[0] as Session]) expect(await isThere(store(), row)).toBe(true);
    });

    test('has a session counted by what its properties say now (SEC-93)', async () => {
      const own = rowsOf('own', 1, NOW - 9 * idleMillis);
      await insertAll(store(), ...own, ...rowsOf('flood', kept, NOW - idleMillis));
      const [{ tokenHash }] = own as [Session];
      await mustCommit(store(), { type: 'session.properties', tokenHash, properties: PUSH });
      expect(await sweepAll(store(), NOW)).toBe(0);
      await mustCommit(store(), { type: 'session.properties', tokenHash, properties: PASSWORD });
      expect(await sweepAll(store(), NOW)).toBe(1);
      expect(await store().sessions.get(tokenHash)).toBeUndefined();
    });

    test('loses sessions with a second factor only to others of them (SEC-93)', async () => {
      const byPassword = rowsOf('password', 2, NOW - 9 * idleMillis);
      const rows = rowsOf('push', kept + 3, NOW - idleMillis, { properties: PUSH });
      await insertAll(store(), ...byPassword, ...rows);
      expect(await sweepAll(store(), NOW)).toBe(3);
      for (const row of byPassword) expect(await isThere(store(), row)).toBe(true);
      const left = await Promise.all(rows.slice(0, 4).map((row) => isThere(store(), row)));
      expect(left).toEqual([false, false, false, true]);
    });

    test('keeps what is in use, up to a higher bound (SEC-93)', async () => {
      const rows = rowsOf('many', keptInUse + 7, NOW);
      await insertAll(store(), ...rows);
      // A user signs in again and again; the oldest session is the one that its owner works in.
      await mustCommit(store(), { type: 'session.touch', tokenHash: rows[0]?.tokenHash ?? '', at: NOW + 1 });
      expect(await sweepAll(store(), NOW + 2)).toBe(7);
      const left = await Promise.all([0, 1, 7, 8].map((at) => isThere(store(), rows[at] as Session)));
      expect(left).toEqual([true, false, false, true]);
      expect(await sweepAll(store(), NOW + 2)).toBe(0);
      await mustCommit(store(), { type: 'session.touch', tokenHash: rows[0]?.tokenHash ?? '', at: NOW + idleMillis });
      expect(await sweepAll(store(), NOW + idleMillis)).toBe(keptInUse - kept);
      expect(await isThere(store(), rows[0] as Session)).toBe(true);
      expect(await store().sessions.countOfUser('user-1', NOW)).toBe(kept);
    });

    test('loses what was granted in a session that ends so, but not in one that goes on (SEC-93, OIDC-20)', async () => {
      const rows = rowsOf('many', kept + 3, NOW - idleMillis);
      const [first, second, third] = rows as [Session, Session, Session];
      const twin = { ...(rows.at(-1) as Session), tokenHash: 'twin', handle: 'twin', sid: second.sid };
      // One that ran out has ended nothing.
      const runOut = { ...third, maxExpiresAt: NOW };
      await insertAll(store(), first, second, runOut, ...rows.slice(3), twin);
      const grants = [first, second, third].map(({ sid }) =>
        activeGrant({ id: `grant of ${sid}`, sid, wantsLogoutNotice: true }),
      );
      await mustCommit(store(), ...grants.map((row) => ({ type: 'grant.open', row }) as const));
      // The run out one, the two oldest, and one more in the place of the twin.
      expect(await sweepAll(store(), NOW)).toBe(4);
      const left = await Promise.all(grants.map(async ({ id }) => (await store().grants.get(id)) !== undefined));
      expect(left).toEqual([false, true, true]);
      const told = await store().outbox.due(Number.MAX_SAFE_INTEGER, 100, 100);
      expect(told.map(({ kind, payload }) => [kind, JSON.parse(payload).sid])).toEqual([['logout', first.sid]]);
    });

    test('has the webhooks of each such session called once, by how it ended (SEC-93, OPS-43)', async () => {
      const webhooks = { properties: { ...PASSWORD, [LOGOUT_WEBHOOKS]: webhooksText(['app']) } };
      const [first, second, ...rows] = rowsOf('many', kept + 2, NOW - idleMillis) as [Session, Session, ...Session[]];
      await insertAll(store(), { ...first, ...webhooks }, { ...second, ...webhooks, maxExpiresAt: NOW }, ...rows);
      await sweepAll(store(), NOW);
      const told = await store().outbox.due(Number.MAX_SAFE_INTEGER, 100, 100);
      expect(told.map(({ payload }) => JSON.parse(payload).event).sort()).toEqual(['DESTROY', 'MAX_TIMEOUT']);
    });

    test('is swept some at a time, and no further in one sweep than its limit says (SEC-93, REL-22)', async () => {
      await insertAll(store(), ...rowsOf('many', kept + 25, NOW - idleMillis));
      const swept = [];
      for (let at = 0; at < 4; at += 1) swept.push(await store().sweep(NOW, 10));
      expect(swept).toEqual([10, 10, 5, 0]);
    });

    test('is signed out everywhere with each webhook and each client told once (SEC-93, OIDC-20)', async () => {
      const count = 1_203;
      const webhooks = { properties: { [LOGOUT_WEBHOOKS]: webhooksText(['app']) } };
      const rows = rowsOf('many', count, NOW, webhooks);
      const other = sessionRow({ tokenHash: 'other', userId: 'user-2' });
      await insertAll(store(), ...rows, other);
      for (let at = 0; at < count; at += 500) {
        const some = rows.slice(at, at + 500).map(({ sid }) => {
          return {
            type: 'grant.open',
            row: activeGrant({ id: `grant of ${sid}`, sid, wantsLogoutNotice: true }),
          } as const;
        });
        await mustCommit(store(), ...some);
      }
      const present = rows.at(-1) as Session;
      await mustCommit(store(), {
        type: 'session.endOthersOf',
        userId: 'user-1',
        tokenHash: present.tokenHash,
      });
      expect(await store().sessions.ofUser('user-1', NOW)).toEqual([present]);
      const kinds = (await store().outbox.due(Number.MAX_SAFE_INTEGER, 9_999, 9_999)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'webhook')).toHaveLength(count - 1);
      expect(kinds.filter((kind) => kind === 'logout')).toHaveLength(count - 1);
      await mustCommit(store(), { type: 'session.endAllOf', userId: 'user-1' });
      expect(await store().sessions.countOfUser('user-1', NOW)).toBe(0);
      expect(await store().outbox.due(Number.MAX_SAFE_INTEGER, 9_999, 9_999)).toHaveLength(2 * count);
      expect(await isThere(store(), other)).toBe(true);
    });
  });
};
