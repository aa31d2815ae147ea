import { MAX_OUTBOX_PAYLOAD, MAX_WAITING_OF_RECIPIENT, type OutboxEntry, type OutboxShares } from '@assent/engine/host';
import { NOTICE_RETENTION, OFFLINE_ACCESS } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { USUAL_RETENTION } from '../rules/retention.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  activeGrant,
  commit,
  countWinners,
  grantRow,
  mustCommit,
  mustCommitMany,
  NOW,
  newUser,
  outboxEntry,
  refusedAt,
  sessionRow,
} from './rows.ts';

const put = (given: Partial<OutboxEntry> = {}): StoreChange => ({ type: 'outbox.put', entry: outboxEntry(given) });
const claim = { type: 'outbox.claim', id: 'entry-1', seenTries: 0, at: NOW, nextTryAt: NOW + 10_000 } as const;
const bury = { type: 'outbox.bury', id: 'entry-1', seenTries: 0, at: NOW, cause: 'status 410' } as const;
const settle = { type: 'outbox.settle', id: 'entry-1' } as const;

/** Ids of what is due, in order. */
const dueOf = async (
  store: Store,
  now = NOW,
  limit = 100,
  perRecipient = 100,
  shares: OutboxShares = {},
): Promise<readonly string[]> => (await store.outbox.due(now, limit, perRecipient, shares)).map(({ id }) => id);

export const describeOutbox = (open: OpenStore): void => {
  describe('the outbox', () => {
    const store = freshStore(open);

    test('an entry that nobody put is not due, cannot be claimed, and may be settled', async () => {
      expect(await dueOf(store())).toEqual([]);
      expect(await commit(store(), claim)).toEqual(refusedAt('outbox.claim'));
      await mustCommit(store(), settle);
    });

    test('one is put once, and comes back as it was given until it is settled', async () => {
      await mustCommit(store(), put());
      await mustCommit(store(), put({ kind: 'other' }));
      const row = { ...outboxEntry(), tries: 0, firstTriedAt: 0, nextTryAt: 0 };
      expect(await store().outbox.due(NOW, 10, 10)).toEqual([row]);
      await mustCommit(store(), claim);
      expect(await dueOf(store(), NOW + 9_999)).toEqual([]);
      expect(await store().outbox.due(NOW + 10_000, 10, 10)).toEqual([
        { ...row, tries: 1, firstTriedAt: NOW, nextTryAt: NOW + 10_000 },
      ]);
      await mustCommit(store(), { ...claim, seenTries: 1, at: NOW + 10_000, nextTryAt: NOW + 50_000 });
      expect(await store().outbox.due(NOW + 50_000, 10, 10)).toEqual([
        { ...row, tries: 2, firstTriedAt: NOW, nextTryAt: NOW + 50_000 },
      ]);
      await mustCommit(store(), settle);
      expect(await dueOf(store(), NOW + 50_000)).toEqual([]);
    });

    test('a try that came to nothing says why, and when the next is due; who comes late says nothing (OPS-44)', async () => {
      await mustCommit(store(), put(), claim);
      const failed = {
        type: 'outbox.defer',
        id: 'entry-1',
        seenTries: 1,
        nextTryAt: NOW + 50,
        cause: 'status 503',
      } as const;
      expect(await commit(store(), { ...failed, seenTries: 0 })).toEqual(refusedAt('outbox.defer'));
      await mustCommit(store(), failed);
      expect(await dueOf(store(), NOW + 49)).toEqual([]);
      const row = { tries: 1, firstTriedAt: NOW, nextTryAt: NOW + 50, cause: 'status 503' };
      expect(await store().outbox.due(NOW + 50, 9, 9)).toEqual([{ ...outboxEntry(), ...row }]);
      await mustCommit(store(), { ...claim, seenTries: 1 });
      expect(await commit(store(), failed)).toEqual(refusedAt('outbox.defer'));
      expect(await commit(store(), { ...bury, seenTries: 1 })).toEqual(refusedAt('outbox.bury'));
    });

    test('one that was given up is kept for 30 days, nobody claims it, and it can be tried anew (OPS-44)', async () => {
      await mustCommit(store(), put(), put({ id: 'entry-2' }), claim, { ...bury, seenTries: 1 });
      expect(await dueOf(store(), NOW + 99_999)).toEqual(['entry-2']);
      const dead = { tries: 1, firstTriedAt: NOW, nextTryAt: NOW + 10_000, cause: 'status 410', deadAt: NOW };
      expect(await store().outbox.find('entry-1')).toMatchObject(dead);
      for (const change of [
        { ...claim, seenTries: 1 },
        { ...bury, seenTries: 1 },
      ]) {
        expect(await commit(store(), change)).toEqual(refusedAt(change.type));
      }
      const revive = { type: 'outbox.revive', id: 'entry-1' } as const;
      await mustCommit(store(), revive);
      expect(await commit(store(), revive)).toEqual(refusedAt('outbox.revive'));
      const again = { ...claim, seenTries: 1, at: NOW + 7 };
      await mustCommit(store(), again);
      expect(await store().outbox.find('entry-1')).toMatchObject({ tries: 2, firstTriedAt: NOW + 7 });
      await mustCommit(store(), { ...bury, seenTries: 2 });
      expect(await store().sweep(NOW + USUAL_RETENTION.notices - 1, 9)).toBe(0);
      expect(await store().sweep(NOW + USUAL_RETENTION.notices, 9)).toBe(1);
      expect(await store().outbox.find('entry-1')).toBeUndefined();
      expect(await dueOf(store())).toEqual(['entry-2']);
    });

    test('those who administer are shown what waits and what was given up, by page, and never what it says', async () => {
      await mustCommit(
        store(),
        put(),
        put({ id: 'entry-2', kind: 'mail', userId: 'user-1' }),
        put({ id: 'entry-3', realm: '/beta' }),
        claim,
        { ...bury, seenTries: 1 },
      );
      const ids = async (...given: Parameters<Store['outbox']['list']>) =>
        (await store().outbox.list(...given)).map(({ id }) => id);
      expect(await ids({}, 9)).toEqual(['entry-1', 'entry-2', 'entry-3']);
      expect(await ids({}, 1, 'entry-1')).toEqual(['entry-2']);
      expect(await ids({ isDead: true }, 9)).toEqual(['entry-1']);
      expect(await ids({ isDead: false }, 9)).toEqual(['entry-2', 'entry-3']);
      expect(await ids({ kind: 'mail' }, 9)).toEqual(['entry-2']);
      expect(await ids({ realm: '/beta', isDead: true }, 9)).toEqual([]);
      const { payload: _, ...shown } = outboxEntry({ id: 'entry-2', kind: 'mail', userId: 'user-1' });
      expect((await store().outbox.list({ kind: 'mail' }, 9))[0]).toEqual({
        ...shown,
        tries: 0,
        firstTriedAt: 0,
        nextTryAt: 0,
      });
    });

    test('how much there is, is told by kind, and by whether it was given up (OPS-54)', async () => {
      expect(await store().outbox.backlog()).toEqual([]);
      await mustCommit(
        store(),
        put(),
        put({ id: 'entry-2', kind: 'mail' }),
        put({ id: 'entry-3', kind: 'mail' }),
        put({ id: 'entry-4', kind: 'mail' }),
        claim,
        { ...bury, seenTries: 1 },
        { ...claim, id: 'entry-2', at: NOW + 9 },
        { ...claim, id: 'entry-3', at: NOW + 5 },
      );
      const { kind } = outboxEntry();
      const expected = [
        { kind, isDead: true, count: 1, firstTriedAt: NOW },
        { kind: 'mail', isDead: false, count: 3, firstTriedAt: NOW + 5 },
      ];
      expect(await store().outbox.backlog()).toEqual(expected.sort((a, b) => (a.kind < b.kind ? -1 : 1)));
    });

    test('what tells of a user goes with the user, and what tells of a realm with the realm', async () => {
      await mustCommit(
        store(),
        newUser(),
        put({ userId: 'user-1' }),
        put({ id: 'entry-2', userId: 'user-2' }),
        put({ id: 'entry-3' }),
        { type: 'identity.delete', id: 'user-1' },
      );
      expect(await dueOf(store())).toEqual(['entry-2', 'entry-3']);
    });

    test('of 50 who claim one at once, one has', async () => {
      await mustCommit(store(), put());
      const all = Array.from({ length: 50 }, () => [claim]);
      expect(await countWinners(store(), all)).toBe(1);
      expect(await countWinners(store(), all)).toBe(0);
    });

    test('realms are served in turn, in each its recipients, and of each the longest due, no more than its share', async () => {
      const of = (recipient: string, at: number) => ({ id: `${recipient}-${at}`, recipient });
      await mustCommit(store(), ...[0, 1, 2].flatMap((at) => [put(of('a', at)), put(of('b', at))]));
      await mustCommit(
        store(),
        put({ ...of('a', 9), kind: 'other' }),
        put({ id: 'beta-a', recipient: 'a', realm: '/beta' }),
      );
      const last = { ...claim, id: 'a-0', nextTryAt: NOW - 1 };
      await mustCommit(store(), last);
      expect(await dueOf(store(), NOW, 100, 2)).toEqual(['a-9', 'beta-a', 'a-1', 'b-0', 'a-2', 'b-1']);
      expect(await dueOf(store(), NOW, 3, 2)).toEqual(['a-9', 'beta-a', 'a-1']);
      expect((await dueOf(store())).filter((id) => id.startsWith('a-'))).toEqual(['a-9', 'a-1', 'a-2', 'a-0']);
    });

    test('who was served last comes last the next time, also where it has nothing more (OPS-44)', async () => {
      const realms = ['/one', '/three', '/two'];
      const recipients = ['a', 'b', 'c'];
      const all = realms.flatMap((realm) =>
        recipients.map((recipient) => put({ id: `${realm}-${recipient}`, realm, recipient })),
      );
      await mustCommit(store(), ...all);
      const next = (shares: OutboxShares, limit = 1) => dueOf(store(), NOW, limit, 9, shares);
      expect(await next({})).toEqual(['/one-a']);
      expect(await next({ lastRealm: '/one' })).toEqual(['/three-a']);
      expect(await next({ lastRealm: '/two' })).toEqual(['/one-a']);
      expect(await next({ lastRealm: '/s' }, 4)).toEqual(['/three-a', '/two-a', '/one-a', '/three-b']);
      const after = (recipient: string) => ({ lastRecipients: new Map([['/one', { kind: 'test', recipient }]]) });
      expect(await next(after('a'))).toEqual(['/one-b']);
      expect(await next(after('bb'))).toEqual(['/one-c']);
      expect(await next(after('c'))).toEqual(['/one-a']);
      expect(await next({ ...after('b'), busyRealms: new Set(['/two', '/three']) }, 3)).toEqual([
        '/one-c',
        '/one-a',
        '/one-b',
      ]);
    });

    test('a realm that has enough under way gets nothing, and takes nobody’s place (OPS-44)', async () => {
      const many = Array.from({ length: 50 }, (_none, at) => put({ id: `busy-${at}`, realm: `/busy-${at % 25}` }));
      await mustCommit(store(), ...many, put({ id: 'quiet', realm: '/quiet' }));
      const busyRealms = new Set(Array.from({ length: 25 }, (_none, at) => `/busy-${at}`));
      expect(await dueOf(store(), NOW, 1, 9, { busyRealms })).toEqual(['quiet']);
      expect(await dueOf(store(), NOW, 1, 9, { busyRealms, lastRealm: '/quiet' })).toEqual(['quiet']);
    });

    test('what is not due yet, or was given up, hides nothing that is due behind it', async () => {
      const waiting = ['/a', '/b'].flatMap((realm) =>
        ['one', 'two'].map((recipient) => ({ id: `${realm}-${recipient}`, realm, recipient })),
      );
      await mustCommit(store(), ...waiting.map((it) => put(it)));
      await mustCommit(store(), { ...claim, id: '/a-one' }, { ...claim, id: '/b-one' }, { ...bury, id: '/a-two' });
      expect(await dueOf(store(), NOW, 1, 9)).toEqual(['/b-two']);
      expect(await dueOf(store(), NOW, 1, 9, { lastRealm: '/b' })).toEqual(['/b-two']);
      expect(await dueOf(store(), NOW + 10_000)).toEqual(['/a-one', '/b-one', '/b-two']);
    });

    test('none has a payload without end', async () => {
      await mustCommit(store(), put({ payload: 'x'.repeat(MAX_OUTBOX_PAYLOAD) }));
      await expect(commit(store(), put({ id: 'long', payload: 'x'.repeat(MAX_OUTBOX_PAYLOAD + 1) }))).rejects.toThrow();
      expect(await dueOf(store())).toEqual(['entry-1']);
    });

    test('who sends is told of what was put, and not of what was there before', async () => {
      const seen: string[] = [];
      store().watchOutbox((entries, became) => seen.push(...entries.map(({ id }) => `${id} ${became}`)));
      await mustCommit(store(), put());
      await commit(store(), put());
      expect(seen).toEqual(['entry-1 waiting']);
    });
  });

  describe('what tells clients that a session is over', () => {
    const store = freshStore(open);
    const wants = { wantsLogoutNotice: true } as const;
    const rows = [
      activeGrant({ id: 'first', ...wants }),
      activeGrant({ id: 'first-again', ...wants }),
      activeGrant({ id: 'first-offline', clientId: 'offline', scopes: ['openid', OFFLINE_ACCESS], ...wants }),
      activeGrant({ id: 'quiet', clientId: 'quiet' }),
      grantRow({ id: 'code', clientId: 'never-came-back', ...wants }),
      activeGrant({ id: 'second', clientId: 'second', sid: 'sid-2', ...wants }),
      activeGrant({ id: 'ran-out', clientId: 'third', sid: 'sid-3', expiresAt: NOW - 1, ...wants }),
      activeGrant({ id: 'others', userId: 'user-2', ...wants }),
    ];
    const first = sessionRow();
    const second = sessionRow({ tokenHash: 'token-2', sid: 'sid-2' });
    const begin = () =>
      mustCommit(
        store(),
        newUser(),
        ...[first, second].map((row) => ({ type: 'session.insert', row }) as const),
        ...rows.map((row) => ({ type: 'grant.open', row }) as const),
      );
    const told = async () =>
      (await store().outbox.due(NOW, 100, 100))
        .map(({ kind, realm, recipient, payload }) => ({ kind, realm, recipient, ...JSON.parse(payload) }))
        .sort((a, b) => (a.recipient < b.recipient ? -1 : 1));
    const notice = (recipient: string, sid: string) => ({
      kind: 'logout',
      realm: '/alpha',
      recipient,
      userId: 'user-1',
      sid,
    });
    const OF_FIRST = [notice('app', 'sid-1'), notice('offline', 'sid-1')];
    const raised = sessionRow({ tokenHash: 'token-9', sid: 'sid-1' });
    const ofAnother = sessionRow({ tokenHash: 'token-9', sid: 'sid-9', userId: 'user-2' });

    test.each<[string, StoreChange, readonly object[]]>([
      ['somebody ends', { type: 'session.end', userId: 'user-1', sid: 'sid-1' }, OF_FIRST],
      [
        'somebody ends after it has run out',
        { type: 'session.end', userId: 'user-1', sid: 'sid-3' },
        [notice('third', 'sid-3')],
      ],
      [
        'ends with all of the user',
        { type: 'session.endAllOf', userId: 'user-1' },
        [...OF_FIRST, notice('second', 'sid-2'), notice('third', 'sid-3')],
      ],
      [
        'ends with all of the user but one',
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-2' },
        [...OF_FIRST, notice('third', 'sid-3')],
      ],
      ['somebody else has signed in over', { type: 'session.insert', row: ofAnother, replaces: first }, OF_FIRST],
      ['goes on in a raised one', { type: 'session.insert', row: raised, replaces: first }, []],
      [
        'is that of a user who is deleted',
        { type: 'identity.delete', id: 'user-1' },
        [...OF_FIRST, notice('second', 'sid-2'), notice('third', 'sid-3')],
      ],
      ['is another user’s', { type: 'session.end', userId: 'user-3', sid: 'sid-1' }, []],
    ])('is written with the end of one that %s', async (_name, change, expected) => {
      await begin();
      const seen: string[] = [];
      store().watchOutbox((entries) => seen.push(...entries.map(({ recipient }) => recipient)));
      await mustCommit(store(), change);
      expect(await told()).toEqual(expected);
      expect(seen.sort()).toEqual(expected.map((it) => (it as { readonly recipient: string }).recipient));
    });

    test('is not written where the commit is refused', async () => {
      await begin();
      const refused = { type: 'grant.redeem', id: 'nobody', at: NOW, expiresAt: NOW + 1 } as const;
      await commit(store(), { type: 'session.end', userId: 'user-1', sid: 'sid-1' }, refused);
      expect(await told()).toEqual([]);
    });

    test('is written once, also for what outlives the session, and one grant comes back as the other', async () => {
      await begin();
      expect((await store().grants.get('first-offline'))?.wantsLogoutNotice).toBe(true);
      const end = { type: 'session.end', userId: 'user-1', sid: 'sid-1' } as const;
      await mustCommit(store(), end);
      const [{ id } = { id: '' }] = await store().outbox.due(NOW, 1, 1);
      await mustCommit(store(), { type: 'outbox.settle', id });
      await mustCommit(store(), end);
      await mustCommit(store(), { type: 'session.endAllOf', userId: 'user-1' });
      expect((await told()).filter(({ sid }) => sid === 'sid-1')).toHaveLength(1);
      expect(await store().grants.get('first-offline')).not.toHaveProperty('wantsLogoutNotice');
    });

    test('fails no end of a session where its recipient has as many as it may, and who sends hears of it', async () => {
      const ofApp = { kind: 'logout', recipient: 'app' };
      const full = Array.from({ length: MAX_WAITING_OF_RECIPIENT }, (_none, at) =>
        put({ id: `entry-${at}`, ...ofApp }),
      );
      await begin();
      await mustCommitMany(store(), full);
      await mustCommit(store(), put({ id: 'one-more', ...ofApp }));
      expect(await store().outbox.find('one-more')).toBeUndefined();
      for (const other of [{ recipient: 'other' }, { realm: '/beta' }, { kind: 'another' }]) {
        await mustCommit(store(), put({ id: JSON.stringify(other), ...ofApp, ...other }));
      }
      const lost: string[] = [];
      store().watchOutbox((entries, became) => {
        if (became === 'lost') lost.push(...entries.map(({ recipient }) => recipient));
      });
      await mustCommit(store(), { type: 'session.end', userId: 'user-1', sid: 'sid-1' });
      expect(lost).toEqual(['app']);
    });

    test('has place for so many of one user as its kind says, and for others all the same', async () => {
      const lost: string[] = [];
      store().watchOutbox((entries, became) => {
        if (became === 'lost') lost.push(...entries.map(({ id }) => id));
      });
      const notice = (id: string, userId: string, kind = 'notice') => put({ id, userId, kind, mostOfUser: 2 });
      const ids = ['a', 'b', 'c', 'd'];
      await mustCommit(store(), ...ids.map((id) => notice(id, 'user-1')));
      await mustCommit(store(), notice('a', 'user-1'), notice('e', 'user-2'), notice('f', 'user-1', 'alert'));
      expect(lost).toEqual(['c', 'd']);
      const of = async (userId: string) => (await store().outbox.ofUser(userId, 9)).map(({ id }) => id);
      expect([await of('user-1'), await of('user-2')]).toEqual([['a', 'b', 'f'], ['e']]);
      const [row] = await store().outbox.due(NOW, 1, 1);
      expect(row).not.toHaveProperty('mostOfUser');
      await mustCommit(store(), { type: 'outbox.settle', id: 'a' }, notice('g', 'user-1'));
      expect(await of('user-1')).toEqual(['b', 'f', 'g']);
    });

    test('is remembered for a day after the tokens are over, and goes with the realm', async () => {
      const end = NOW + 60_000;
      const refreshed = activeGrant({ id: 'kept', expiresAt: NOW + 1_000, ...wants });
      await mustCommit(
        store(),
        { type: 'grant.open', row: refreshed },
        { type: 'grant.refresh', id: 'kept', seenRefreshNo: 1, rotates: false, at: NOW, expiresAt: end },
        { type: 'grant.open', row: activeGrant({ id: 'plain', clientId: 'quiet', expiresAt: end }) },
        { type: 'grant.open', row: grantRow({ id: 'code', clientId: 'b', expiresAt: end, ...wants }) },
      );
      expect(await store().sweep(end, 100)).toBe(2);
      expect(await store().sweep(end + NOTICE_RETENTION - 1, 100)).toBe(0);
      expect((await store().grants.get('kept'))?.id).toBe('kept');
      expect(await store().sweep(end + NOTICE_RETENTION, 100)).toBe(1);
    });
  });
};
