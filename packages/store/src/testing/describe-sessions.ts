import { SESSION_PROPERTY_LIMITS } from '@assent/engine/host';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, mustCommit, NOW, refusedAt, sessionRow } from './rows.ts';

export const describeSessions = (open: OpenStore): void => {
  describe('sessions', () => {
    const store = freshStore(open);

    test('ending a session that is not there changes nothing and never fails', async () => {
      await mustCommit(
        store(),
        { type: 'session.end', userId: 'x', sid: 'none' },
        { type: 'session.endAllOf', userId: 'x' },
      );
      await mustCommit(store(), { type: 'session.touch', tokenHash: 'nobody', at: NOW });
      expect(await store().sessions.get('nobody')).toBeUndefined();
    });

    test('a token is inserted once', async () => {
      await mustCommit(store(), { type: 'session.insert', row: sessionRow() });
      expect(await commit(store(), { type: 'session.insert', row: sessionRow() })).toEqual(refusedAt('session.insert'));
      expect(await store().sessions.get('token-1')).toEqual(sessionRow());
    });

    test('an ended session is gone, and touching it does not bring it back', async () => {
      await mustCommit(store(), { type: 'session.insert', row: sessionRow() });
      await mustCommit(store(), { type: 'session.end', userId: 'user-1', sid: 'sid-1' });
      await mustCommit(store(), { type: 'session.touch', tokenHash: 'token-1', at: NOW + 1 });
      expect(await store().sessions.get('token-1')).toBeUndefined();
    });

    test('a session ends alone, by whichever token it goes by now', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-2' }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-3', userId: 'user-2', sid: 'sid-1' }) },
        // A tab that was left with the token before has raised the session, too.
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-4', sid: 'sid-1' }) },
        { type: 'session.end', userId: 'user-1', sid: 'sid-1' },
      );
      const left = await Promise.all([1, 2, 3, 4].map((at) => store().sessions.get(`token-${at}`)));
      expect(left.map((row) => row?.tokenHash)).toEqual([undefined, 'token-2', 'token-3', undefined]);
    });

    test.each([
      ['goes on where both are known by one sid', 'sid-1'],
      ['ends where they are not', 'sid-2'],
    ])('a session that another replaces is over by its token, and %s', async (_, sid) => {
      const twin = sessionRow({ tokenHash: 'token-0', sid: 'sid-1' });
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: twin },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-2', sid }), replaces: sessionRow() },
      );
      expect(await store().sessions.get('token-1')).toBeUndefined();
      expect(await store().sessions.get('token-0')).toEqual(sid === 'sid-1' ? twin : undefined);
      expect(await store().sessions.get('token-2')).toMatchObject({ sid });
    });

    test('properties are set and taken away one by one, and the others stay', async () => {
      const row = sessionRow({ properties: { kept: 'k', gone: 'g', set: 'old' } });
      await mustCommit(
        store(),
        { type: 'session.insert', row },
        { type: 'session.properties', tokenHash: 'token-1', properties: { set: 'new', gone: null, never: null } },
      );
      // Two who change different properties at once change both.
      await Promise.all(
        ['a', 'b'].map((name) =>
          mustCommit(store(), { type: 'session.properties', tokenHash: 'token-1', properties: { [name]: name } }),
        ),
      );
      const properties = { kept: 'k', set: 'new', a: 'a', b: 'b' };
      expect(await store().sessions.get('token-1')).toEqual({ ...row, properties });
    });

    test('too many or too long properties are refused, also of two changes at once, and can be taken away (SEC-93)', async () => {
      const { properties: most, valueCharacters, bytes } = SESSION_PROPERTY_LIMITS;
      const many = (from: number, count: number, value: string | null) =>
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${from + at}`, value]));
      const change = (properties: Readonly<Record<string, string | null>>) =>
        ({ type: 'session.properties', tokenHash: 'token-1', properties }) as const;
      const server = { AuthFactors: 'x'.repeat(bytes) };
      const row = sessionRow({ properties: { ...server, ...many(0, most - 1, 'x') } });
      await mustCommit(store(), { type: 'session.insert', row });
      const refused = refusedAt('session.properties');
      expect(await commit(store(), change(many(most, 2, 'x')))).toEqual(refused);
      expect(await commit(store(), change({ p0: 'x'.repeat(valueCharacters + 1) }))).toEqual(refused);
      const long = many(0, bytes / valueCharacters, 'x'.repeat(valueCharacters));
      expect(await commit(store(), change(long))).toEqual(refused);
      // Counted as they are stored, where a control character is 6 bytes and a euro sign 3.
      expect(await commit(store(), change({ p0: '\u0001'.repeat(bytes / 6) }))).toEqual(refused);
      expect(await commit(store(), change({ p0: '€'.repeat(bytes / 3) }))).toEqual(refused);
      const both = await Promise.all([
        commit(store(), change(many(most, 1, 'x'))),
        commit(store(), change(many(most + 1, 1, 'x'))),
      ]);
      expect(both.filter(({ committed }) => committed)).toHaveLength(1);
      expect(await commit(store(), change({ p0: null, p1: 'y' }))).toEqual({ committed: true });
      await mustCommit(store(), change(many(0, most + 2, null)));
      expect((await store().sessions.get('token-1'))?.properties).toEqual(server);
    });

    test('an ended session takes no property, and does not come back by one', async () => {
      await mustCommit(store(), { type: 'session.insert', row: sessionRow() });
      await mustCommit(store(), { type: 'session.end', userId: 'user-1', sid: 'sid-1' });
      const change = { type: 'session.properties', tokenHash: 'token-1', properties: { a: 'b' } } as const;
      expect(await commit(store(), change)).toEqual(refusedAt('session.properties'));
      expect(await store().sessions.get('token-1')).toBeUndefined();
    });

    test('all sessions of one user end, and nobody else’s', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-2' }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-3', userId: 'user-2' }) },
        { type: 'session.endAllOf', userId: 'user-1' },
      );
      expect(await store().sessions.ofUser('user-1', NOW)).toEqual([]);
      expect(await store().sessions.get('token-3')).toBeDefined();
    });

    test('all sessions of one user but one end, and nobody else’s (A3, SEC-61)', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-2' }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-3', userId: 'user-2' }) },
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-1' },
      );
      expect((await store().sessions.ofUser('user-1', NOW)).map(({ tokenHash }) => tokenHash)).toEqual(['token-1']);
      expect(await store().sessions.get('token-3')).toBeDefined();
    });

    test('a session that has ended is not brought back as the one that stays (A3, SEC-62)', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-2' }) },
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-1' },
      );
      expect(await store().sessions.ofUser('user-1', NOW)).toEqual([]);
    });

    test('the session of another user spares none', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-3', userId: 'user-2' }) },
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-3' },
      );
      expect(await store().sessions.get('token-1')).toBeUndefined();
      expect(await store().sessions.get('token-3')).toBeDefined();
    });

    test.each([
      ['nobody has', 'nobody', NOW],
      ['has ended', 'ended', NOW],
      ['is over its age', 'aged', NOW],
      ['idled out', 'idle', NOW],
    ])('what hangs on a session that %s is refused (A3, SEC-62)', async (_what, tokenHash, now) => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow({ tokenHash: 'ended' }) },
        { type: 'session.end', userId: 'user-1', sid: 'sid of ended' },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'aged', maxExpiresAt: NOW }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'idle', lastUsedAt: NOW - 1_800_000 }) },
      );
      expect(await commit(store(), { type: 'session.usable', tokenHash, now })).toEqual(refusedAt('session.usable'));
    });

    test('a session that lives lets through what hangs on it, and a touch counts', async () => {
      await mustCommit(store(), { type: 'session.insert', row: sessionRow() });
      await mustCommit(store(), { type: 'session.usable', tokenHash: 'token-1', now: NOW + 1_799_999 });
      await mustCommit(
        store(),
        { type: 'session.touch', tokenHash: 'token-1', at: NOW + 1_799_999 },
        { type: 'session.usable', tokenHash: 'token-1', now: NOW + 1_800_001 },
      );
    });

    test.each<[string, { userId?: string; sid?: string; now?: number }]>([
      ['another user', { userId: 'user-2' }],
      ['another sid', { sid: 'sid of ended' }],
      ['a session that is over', { now: NOW + 1_800_000 }],
    ])('what a journey has read of a session is refused for %s (docs/adr/0149)', async (_what, wrong) => {
      const { userId, sid } = sessionRow();
      const continues = { type: 'session.continues', userId, sid, now: NOW } as const;
      const ended = sessionRow({ tokenHash: 'ended' });
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: ended },
        { type: 'session.end', userId, sid: ended.sid },
      );
      await mustCommit(store(), continues);
      expect(await commit(store(), { ...continues, ...wrong })).toEqual(refusedAt('session.continues'));
    });

    test('a session that another token has by now continues, and one that was ended does not', async () => {
      const { userId, sid, tokenHash } = sessionRow();
      const continues = { type: 'session.continues', userId, sid, now: NOW } as const;
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'new', sid }), replaces: { tokenHash, userId, sid } },
        continues,
        { type: 'session.endAllOf', userId },
      );
      expect(await commit(store(), continues)).toEqual(refusedAt('session.continues'));
    });

    test('a list has the newest first and leaves out what expired by age or idle time', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow({ tokenHash: 'old', createdAt: NOW - 10 }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'new' }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'aged', maxExpiresAt: NOW }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'idle', lastUsedAt: NOW - 1_800_000 }) },
      );
      const listed = await store().sessions.ofUser('user-1', NOW);
      expect(listed.map((row) => row.tokenHash)).toEqual(['new', 'old']);
    });

    test('use keeps a session alive, and an older touch does not shorten its life', async () => {
      await mustCommit(
        store(),
        { type: 'session.insert', row: sessionRow() },
        { type: 'session.touch', tokenHash: 'token-1', at: NOW + 1_700_000 },
        { type: 'session.touch', tokenHash: 'token-1', at: NOW + 60_000 },
      );
      expect(await store().sessions.get('token-1')).toEqual(sessionRow({ lastUsedAt: NOW + 1_700_000 }));
      expect(await store().sessions.ofUser('user-1', NOW + 1_800_001)).toHaveLength(1);
      expect(await store().sessions.ofUser('user-1', NOW + 3_500_000)).toHaveLength(0);
    });
  });
};
