import { MAX_GRANTS_OF_SESSION, type OAuthGrant, OFFLINE_ACCESS } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  activeGrant,
  approvedBy,
  commit,
  countWinners,
  grantRow,
  mustCommit,
  NOW,
  newUser,
  pendingRow,
  refusedAt,
  sessionRow,
} from './rows.ts';

const END = NOW + 604_800_000;
const opened = (...rows: readonly OAuthGrant[]): readonly StoreChange[] =>
  rows.map((row) => ({ type: 'grant.open', row }));
const redeem = { type: 'grant.redeem', id: 'grant-1', at: NOW + 119_999, expiresAt: END } as const;
const refresh = {
  type: 'grant.refresh',
  id: 'grant-1',
  seenRefreshNo: 1,
  rotates: true,
  at: NOW + 10,
  expiresAt: END + 10,
} as const;

/** Which of the grants are there. */
const leftOf = async (store: Store, ...ids: readonly string[]): Promise<readonly string[]> => {
  const rows = await Promise.all(ids.map((id) => store.grants.get(id)));
  return rows.flatMap((row) => (row === undefined ? [] : [row.id]));
};

/** What somebody may hold: of two sessions and of none, for as long as the session lasts and longer, of somebody else. */
const holdings = [
  activeGrant({ id: 'first' }),
  grantRow({ id: 'first-code' }),
  grantRow({ id: 'offline-code', scopes: ['openid', OFFLINE_ACCESS] }),
  activeGrant({ id: 'first-offline', scopes: ['openid', OFFLINE_ACCESS] }),
  activeGrant({ id: 'second', sid: 'sid-2' }),
  activeGrant({ id: 'ran-out', sid: 'sid-3' }),
  activeGrant({ id: 'others', userId: 'user-2' }),
];
const { sid: _, ...withoutSession } = activeGrant({ id: 'no-session' });
const names = [...holdings, withoutSession].map(({ id }) => id);

export const describeOAuthGrants = (open: OpenStore): void => {
  describe('grants', () => {
    const store = freshStore(open);
    const read = () => store().grants.get('grant-1');

    test('one that nobody opened cannot be redeemed or refreshed, and may be ended', async () => {
      expect(await read()).toBeUndefined();
      expect(await commit(store(), redeem)).toEqual(refusedAt('grant.redeem'));
      expect(await commit(store(), refresh)).toEqual(refusedAt('grant.refresh'));
      await mustCommit(
        store(),
        { type: 'grant.dropAccess', id: 'grant-1', accessNo: 1 },
        { type: 'grant.end', id: 'grant-1' },
        { type: 'grant.endOfUser', userId: 'user-1', clientId: 'app' },
      );
      expect(await read()).toBeUndefined();
    });

    test.each<[string, OAuthGrant]>([
      ['a code', grantRow()],
      [
        'all that one can have',
        activeGrant({ acr: 'push', claims: { id_token: { acr: { essential: true } } }, jkt: 'j' }),
      ],
      ['one without a session', { ...withoutSession, id: 'grant-1' }],
    ])('an id is opened once, and comes back as it was given: %s', async (_name, row) => {
      await mustCommit(store(), ...opened(row));
      expect(await read()).toEqual(row);
      expect(await commit(store(), ...opened(grantRow({ clientId: 'other' })))).toEqual(refusedAt('grant.open'));
      expect(await read()).toEqual(row);
    });

    test('a code becomes tokens once, in time (OIDC-04)', async () => {
      await mustCommit(store(), ...opened(grantRow()));
      expect(await commit(store(), { ...redeem, at: NOW + 120_000 })).toEqual(refusedAt('grant.redeem'));
      expect(await commit(store(), refresh)).toEqual(refusedAt('grant.refresh'));
      await mustCommit(store(), redeem);
      expect(await read()).toEqual(
        activeGrant({ redeemedAt: redeem.at, rotatedAt: redeem.at, expiresAt: redeem.expiresAt }),
      );
      expect(await commit(store(), redeem)).toEqual(refusedAt('grant.redeem'));
    });

    test.each([
      [undefined, undefined],
      [undefined, 'named for the code'],
      ['of the proof', undefined],
    ])('a key %s binds what follows, and one %s stays', async (jkt, before) => {
      await mustCommit(store(), ...opened(grantRow(before === undefined ? {} : { jkt: before })));
      await mustCommit(store(), { ...redeem, ...(jkt !== undefined && { jkt }) });
      expect((await read())?.jkt).toBe(jkt ?? before);
    });

    test('of 50 who redeem one code at once, one has (OIDC-04)', async () => {
      await mustCommit(store(), ...opened(grantRow()));
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [redeem]),
        ),
      ).toBe(1);
      expect(await read()).toMatchObject({ status: 'active', refreshNo: 1, accessNo: 1 });
    });

    test('a refresh token is replaced once, and its end moves (OIDC-06)', async () => {
      await mustCommit(store(), ...opened(activeGrant()), refresh);
      const after = { refreshNo: 2, accessNo: 2, rotatedAt: refresh.at, expiresAt: refresh.expiresAt };
      expect(await read()).toEqual(activeGrant(after));
      expect(await commit(store(), refresh)).toEqual(refusedAt('grant.refresh'));
      expect(await commit(store(), { ...refresh, seenRefreshNo: 2, at: refresh.expiresAt })).toEqual(
        refusedAt('grant.refresh'),
      );
      const kept = { ...refresh, seenRefreshNo: 2, rotates: false, at: NOW + 20, expiresAt: END + 20 };
      await mustCommit(store(), kept, { ...kept, at: NOW + 30, expiresAt: END + 30 });
      expect(await read()).toEqual(activeGrant({ ...after, accessNo: 4, expiresAt: END + 30 }));
    });

    test('of 50 who refresh at once, one has (OIDC-06)', async () => {
      await mustCommit(store(), ...opened(activeGrant()));
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [refresh]),
        ),
      ).toBe(1);
    });

    test('access tokens are revoked one by one, and the list has an end', async () => {
      await mustCommit(store(), ...opened(activeGrant({ accessNo: 300 })));
      const drop = (accessNo: number) => ({ type: 'grant.dropAccess', id: 'grant-1', accessNo }) as const;
      await mustCommit(store(), drop(299), drop(300), drop(299), drop(12), drop(301));
      expect((await read())?.dropped).toEqual([299, 300]);
      await mustCommit(store(), ...Array.from({ length: 300 }, (_none, at) => drop(at + 1)));
      expect((await read())?.dropped).toEqual(Array.from({ length: 100 }, (_none, at) => at + 201));
    });

    test('a session has what was granted in it that is active, newest first', async () => {
      await mustCommit(
        store(),
        ...opened(...holdings, withoutSession, activeGrant({ id: 'over', expiresAt: NOW })),
        ...opened(activeGrant({ id: 'newest', createdAt: NOW + 1 })),
      );
      const ofSession = (await store().grants.ofSession('user-1', 'sid-1', NOW)).map(({ id }) => id);
      expect(ofSession).toEqual(['newest', 'first', 'first-offline']);
      expect(await store().grants.ofSession('user-2', 'sid-2', NOW)).toEqual([]);
    });

    test('users have what clients hold of them, all that is live of a client as one', async () => {
      const held = [
        activeGrant({ id: 'b1', clientId: 'b', scopes: ['openid', 'mail'], createdAt: NOW - 5, rotatedAt: NOW + 3 }),
        activeGrant({ id: 'b2', clientId: 'b', scopes: ['openid', 'mail'], createdAt: NOW - 9, rotatedAt: NOW - 9 }),
        activeGrant({ id: 'b3', clientId: 'b', scopes: ['phone', 'mail'], rotatedAt: NOW + 1, expiresAt: END + 7 }),
        activeGrant({ id: 'c', clientId: 'c' }),
        activeGrant({ id: 'a', clientId: 'a' }),
        activeGrant({ id: 'A', clientId: 'A' }),
      ];
      const none = [
        grantRow({ id: 'code', clientId: 'd', expiresAt: END }),
        activeGrant({ id: 'over', clientId: 'e', expiresAt: NOW }),
        activeGrant({ id: 'other-credentials', clientId: 'f', credentialRev: 2 }),
        activeGrant({ id: 'others', clientId: 'g', userId: 'user-2' }),
      ];
      await mustCommit(store(), ...opened(...held, ...none));
      const page = (given: { readonly from?: string; readonly limit: number }) =>
        store().grants.heldOf({ userId: 'user-1', credentialRev: 1 }, { now: NOW, ...given });
      const idsOf = async (given: Parameters<typeof page>[0]) => (await page(given)).map(({ clientId }) => clientId);
      expect(await idsOf({ limit: 9 })).toEqual(['A', 'a', 'b', 'c']);
      expect(await idsOf({ limit: 2 })).toEqual(['A', 'a']);
      expect(await idsOf({ from: 'aa', limit: 1 })).toEqual(['b']);
      expect(await idsOf({ from: 'd', limit: 9 })).toEqual([]);
      const [ofB] = await page({ from: 'b', limit: 1 });
      expect(ofB).toMatchObject({ since: NOW - 9, lastUsedAt: NOW + 3, expiresAt: END + 7 });
      expect(ofB?.scopes.toSorted()).toEqual(['mail', 'openid', 'phone']);
    });

    test('of one client in one session the newest live, and what is over takes nobody’s place', async () => {
      const others = [
        activeGrant({ id: 'other-client', clientId: 'other', createdAt: NOW - 999 }),
        activeGrant({ id: 'other-session', sid: 'sid-2', createdAt: NOW - 999 }),
        activeGrant({ id: 'over', createdAt: NOW - 1, expiresAt: NOW }),
      ];
      const rows = Array.from({ length: MAX_GRANTS_OF_SESSION }, (_none, at) =>
        activeGrant({ id: `grant-${at}`, createdAt: NOW + at }),
      );
      await mustCommit(store(), ...opened(...others, ...rows));
      expect(await leftOf(store(), 'grant-0', 'grant-1')).toEqual(['grant-0', 'grant-1']);
      await mustCommit(store(), ...opened(grantRow({ id: 'one-more', createdAt: NOW + 99 })));
      expect(await leftOf(store(), 'grant-0', 'grant-1', 'one-more', 'other-client', 'other-session', 'over')).toEqual([
        'grant-1',
        'one-more',
        'other-client',
        'other-session',
        'over',
      ]);
    });

    test('codes, however many, end none that is in use', async () => {
      const codes = Array.from({ length: MAX_GRANTS_OF_SESSION + 5 }, (_none, at) =>
        grantRow({ id: `code-${at}`, createdAt: NOW + at }),
      );
      await mustCommit(store(), ...opened(activeGrant({ id: 'in-use', createdAt: NOW - 1 })));
      for (const code of codes) await mustCommit(store(), ...opened(code));
      expect(await leftOf(store(), 'in-use', 'code-4', 'code-5')).toEqual(['in-use', 'code-5']);
    });

    test('ends one grant, and all grants of a user to one client', async () => {
      const agreed = {
        type: 'consent.save',
        row: { realm: '/alpha', userId: 'user-1', clientId: 'app', scopes: ['a'] },
      };
      const elsewhere = activeGrant({ id: 'elsewhere', realm: '/beta', userId: 'user-3' });
      const rows = [...holdings, withoutSession, elsewhere, activeGrant({ id: 'other-app', clientId: 'other' })];
      await mustCommit(store(), ...opened(...rows), agreed as StoreChange, { type: 'grant.end', id: 'second' });
      const all = rows.map(({ id }) => id);
      expect(await leftOf(store(), ...all)).toEqual(all.filter((id) => id !== 'second'));
      await mustCommit(store(), { type: 'grant.endOfUser', userId: 'user-1', clientId: 'app' });
      expect(await leftOf(store(), ...all)).toEqual(['others', 'elsewhere', 'other-app']);
      expect(await store().consents.ofUser('user-1', { limit: 9 })).toHaveLength(1);
    });

    test('keeps the generation of the client with a grant through its redemption and refreshes (OIDC-20)', async () => {
      const row = grantRow({ clientGeneration: 'generation-1' });
      await mustCommit(store(), ...opened(row, grantRow({ id: 'older' })));
      expect(await read()).toEqual(row);
      expect(await store().grants.get('older')).not.toHaveProperty('clientGeneration');
      await mustCommit(store(), redeem, refresh);
      expect(await read()).toMatchObject({
        status: 'active',
        refreshNo: 2,
        scopes: row.scopes,
        clientGeneration: 'generation-1',
      });
    });

    test('lists what a client holds by its generations, and counts clients for the limit (OIDC-20)', async () => {
      const scopes = ['openid', 'profile'];
      await mustCommit(
        store(),
        ...opened(
          activeGrant({ id: 'a' }),
          activeGrant({ id: 'b', clientGeneration: 'generation-1', createdAt: NOW + 1 }),
          activeGrant({ id: 'c', clientGeneration: 'generation-2', scopes: ['openid'] }),
          activeGrant({ id: 'd', clientGeneration: 'generation-2', scopes: ['profile'] }),
          activeGrant({ id: 'e', clientId: 'last', clientGeneration: 'generation-2' }),
        ),
      );
      const held = (limit: number) =>
        store().grants.heldOf({ userId: 'user-1', credentialRev: 1 }, { now: NOW, limit });
      const ofApp = await held(1);
      expect(ofApp.map(({ clientId }) => clientId)).toEqual(['app', 'app', 'app']);
      const byGeneration = Object.fromEntries(ofApp.map((it) => [it.clientGeneration ?? '', [...it.scopes].sort()]));
      expect(byGeneration).toEqual({ '': scopes, 'generation-1': scopes, 'generation-2': scopes });
      expect((await held(2)).filter(({ clientId }) => clientId === 'last')).toHaveLength(1);
    });
  });

  describe('what was granted in a session (OIDC-20)', () => {
    const store = freshStore(open);
    const first = sessionRow();
    const second = sessionRow({ tokenHash: 'token-2', sid: 'sid-2' });
    const raised = sessionRow({ tokenHash: 'token-9', sid: 'sid-1' });
    const ofAnother = sessionRow({ tokenHash: 'token-9', sid: 'sid-9', userId: 'user-2' });
    const offline = 'first-offline';

    test.each<[string, StoreChange, readonly string[]]>([
      [
        'a session that somebody ends',
        { type: 'session.end', userId: 'user-1', sid: 'sid-1' },
        [offline, 'second', 'ran-out', 'others', 'no-session'],
      ],
      [
        'one that has run out before somebody ends it',
        { type: 'session.end', userId: 'user-1', sid: 'sid-3' },
        ['first', 'first-code', 'offline-code', offline, 'second', 'others', 'no-session'],
      ],
      [
        'all of a user, those that have run out among them',
        { type: 'session.endAllOf', userId: 'user-1' },
        [offline, 'others', 'no-session'],
      ],
      [
        'all of a user but one',
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-1' },
        ['first', 'first-code', 'offline-code', offline, 'others', 'no-session'],
      ],
      [
        'all of a user but one that has ended meanwhile',
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'gone' },
        [offline, 'others', 'no-session'],
      ],
      [
        'all of a user but one that is somebody else’s',
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-3' },
        [offline, 'others', 'no-session'],
      ],
      ['one that the same user has raised: nothing', { type: 'session.insert', row: raised, replaces: first }, names],
      [
        'one that somebody else has signed in over',
        { type: 'session.insert', row: ofAnother, replaces: first },
        [offline, 'second', 'ran-out', 'others', 'no-session'],
      ],
      ['a session beside the others: nothing', { type: 'session.insert', row: raised }, names],
      ['the end of the user: everything', { type: 'identity.delete', id: 'user-1' }, ['others']],
    ])('ends with it: %s', async (_name, change, left) => {
      const third = sessionRow({ tokenHash: 'token-3', userId: 'user-2', sid: 'sid-1' });
      await mustCommit(
        store(),
        newUser(),
        ...[first, second, third].map((row) => ({ type: 'session.insert', row }) as const),
        ...opened(...holdings, withoutSession),
      );
      await mustCommit(store(), change);
      expect(await leftOf(store(), ...names)).toEqual(left);
      // What is over for its user is over for its session, too.
      expect(await store().sessions.get('token-3')).toEqual(third);
    });

    test('stays where the session runs out by its clock, and is swept at its own time', async () => {
      await mustCommit(store(), { type: 'session.insert', row: first }, ...opened(activeGrant()));
      const over = first.maxExpiresAt + 24 * 3_600_000;
      expect(await store().sweep(over, 100)).toBe(1);
      expect(await store().sessions.get('token-1')).toBeUndefined();
      expect(await leftOf(store(), 'grant-1')).toEqual(['grant-1']);
    });

    test.each<[string, StoreChange, readonly ('approved' | 'denied' | 'pending')[]]>([
      [
        'its session',
        { type: 'session.end', userId: 'user-1', sid: 'sid-1' },
        ['denied', 'denied', 'approved', 'pending'],
      ],
      ['all sessions', { type: 'session.endAllOf', userId: 'user-1' }, ['denied', 'denied', 'denied', 'pending']],
      [
        'the other sessions',
        { type: 'session.endOthersOf', userId: 'user-1', tokenHash: 'token-1' },
        ['approved', 'approved', 'denied', 'pending'],
      ],
      [
        'what its user has granted to the client',
        { type: 'grant.endOfUser', userId: 'user-1', clientId: 'tv' },
        ['denied', 'denied', 'denied', 'pending'],
      ],
      ['its user', { type: 'identity.delete', id: 'user-1' }, ['denied', 'denied', 'denied', 'pending']],
      [
        'another session',
        { type: 'session.end', userId: 'user-2', sid: 'sid-1' },
        ['approved', 'approved', 'approved', 'pending'],
      ],
    ])('is not given to a device that has not fetched it by the end of %s', async (_name, change, after) => {
      const ids = ['in-session', 'offline', 'in-another', 'undecided'];
      const approvals = [{}, { scopes: [OFFLINE_ACCESS] }, { sid: 'sid-2' }].map(approvedBy);
      await mustCommit(
        store(),
        newUser(),
        { type: 'session.insert', row: first },
        ...ids.map((idHash) => ({ type: 'pendingApproval.open', row: pendingRow({ idHash }), now: NOW }) as const),
        ...approvals.map(
          (approved, at) => ({ type: 'pendingApproval.decide', idHash: ids[at] ?? '', now: NOW, approved }) as const,
        ),
        change,
      );
      const rows = await Promise.all(ids.map((idHash) => store().pendingApprovals.get(idHash)));
      expect(rows.map((row) => row?.status)).toEqual(after);
      expect(rows.map((row) => row?.approved !== undefined)).toEqual(after.map((status) => status === 'approved'));
    });

    test('is refused where its session has ended a moment before', async () => {
      await mustCommit(store(), { type: 'session.insert', row: first });
      await mustCommit(store(), { type: 'session.end', userId: 'user-1', sid: 'sid-1' });
      const usable = { type: 'session.usable', tokenHash: 'token-1', now: NOW } as const;
      expect(await commit(store(), usable, ...opened(grantRow()))).toEqual(refusedAt('session.usable'));
      expect(await leftOf(store(), 'grant-1')).toEqual([]);
    });
  });
};
