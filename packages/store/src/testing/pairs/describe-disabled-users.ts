import { beforeEach, describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../../ports/store.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import {
  approvedBy,
  backChannelRow,
  commit,
  deviceRow,
  grantRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  pendingRow,
  proposalRow,
  refusedAt,
  sessionRow,
} from '../rows.ts';

const USER = 'user-1';
const usable = (credentialRev: number): StoreChange => ({ type: 'identity.usable', id: USER, credentialRev });
/** What the user was granted: with the session, beyond it, and a code that was not redeemed. */
const GRANTS = {
  active: grantRow({ id: 'active', status: 'active', wantsLogoutNotice: true }),
  offline: grantRow({ id: 'offline', status: 'active', sid: 'sid-2', scopes: ['openid', 'offline_access'] }),
  code: grantRow({ id: 'code', status: 'code' }),
};
const approval = pendingRow({ idHash: 'approved' });

/** All that lets a user in, by what it takes to see it. */
const HELD: Readonly<Record<string, (store: Store) => Promise<boolean>>> = {
  'a session': async (store) => (await store.sessions.get('token-hash-1')) !== undefined,
  'another session': async (store) => (await store.sessions.get('token-hash-2')) !== undefined,
  'a grant of a session': async (store) => (await store.grants.get('active')) !== undefined,
  'a grant that outlives its session': async (store) => (await store.grants.get('offline')) !== undefined,
  'a code that is not redeemed': async (store) => (await store.grants.get('code')) !== undefined,
  'an approval that a device has not fetched': async (store) =>
    (await store.pendingApprovals.get('approved'))?.status === 'approved',
  'a request that waits for the phone': async (store) =>
    (await store.messages.pendingFor([{ userId: USER, uuid: 'device-1' }], NOW)).length > 0,
  'a request that the phone has approved': async (store) =>
    (await store.messages.get('AUTHENTICATE:2'))?.state === 'approved',
  'a back channel that asks for the user': async (store) => (await store.backChannels.get('channel')) !== undefined,
  'a proposal for a second administrator': async (store) =>
    (await store.proposals.get('/alpha', 'proposal')) !== undefined,
  'a journey, link or persistent cookie of these credentials': async (store) =>
    (await commit(store, usable(1))).committed,
};

/** Each change that disables a user, or says that a user has other credentials. */
const DISABLING = {
  'identity.active': { type: 'identity.active', id: USER, active: false },
  'identity.endAccess': { type: 'identity.endAccess', id: USER },
} as const satisfies Readonly<Record<string, StoreChange>>;

/** SEC-90: whatever disables a user ends all that the user holds, in the same commit. */
export const describeDisabledUsers = (open: OpenStore): void => {
  describe('users who are disabled', () => {
    const store = freshStore(open);
    beforeEach(async () => {
      await mustCommit(
        store(),
        newUser(),
        newUser({ id: 'user-2', username: 'other' }),
        { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-hash-1', handle: 'h1', sid: 'sid-1' }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-hash-2', handle: 'h2', sid: 'sid-2' }) },
        { type: 'session.insert', row: sessionRow({ tokenHash: 'token-hash-3', handle: 'h3', userId: 'user-2' }) },
        ...Object.values(GRANTS).map((row): StoreChange => ({ type: 'grant.open', row })),
        { type: 'grant.open', row: grantRow({ id: 'of another', userId: 'user-2', status: 'active' }) },
        { type: 'pendingApproval.open', row: approval, now: NOW },
        { type: 'backChannel.open', row: backChannelRow({ idHash: 'channel', subject: USER }) },
        {
          type: 'proposal.put',
          row: proposalRow({ realm: '/alpha', id: 'proposal', proposer: USER }),
          now: NOW,
        },
      );
      await mustCommit(store(), {
        type: 'pendingApproval.decide',
        idHash: 'approved',
        now: NOW,
        approved: approvedBy(),
      });
      await mustCommit(store(), {
        type: 'push.open',
        rows: [messageRow({ id: 'AUTHENTICATE:2', request: 'AUTHENTICATE:2' })],
      });
      await mustCommit(store(), {
        type: 'push.answer',
        id: 'AUTHENTICATE:2',
        state: 'approved',
        at: NOW,
        answerHash: 'h',
      });
      await mustCommit(store(), { type: 'push.open', rows: [messageRow()] });
    });

    const held = async (): Promise<readonly string[]> => {
      const found = await Promise.all(
        Object.entries(HELD).map(async ([what, has]) => ((await has(store())) ? [what] : [])),
      );
      return found.flat();
    };

    test('hold all of it before', async () => {
      expect(await held()).toEqual(Object.keys(HELD));
    });

    test.each(Object.entries(DISABLING))(
      'hold nothing after %s, nor once they are enabled again (SEC-90)',
      async (_type, disabling) => {
        await mustCommit(store(), disabling);
        expect(await held()).toEqual([]);
        await mustCommit(store(), { type: 'identity.active', id: USER, active: true });
        expect(await held()).toEqual([]);
        expect(await store().identities.findById(USER)).toMatchObject({ active: true, credentialRev: 2 });
        // The device stays, and so does all that another user holds.
        expect(await store().devices.ofUser(USER)).toHaveLength(1);
        expect(await store().sessions.get('token-hash-3')).toBeDefined();
        expect(await store().grants.get('of another')).toBeDefined();
      },
    );

    test.each(Object.entries(DISABLING))(
      'hold all of it where the commit of %s is refused (SEC-90)',
      async (_type, disabling) => {
        const stale: StoreChange = { type: 'identity.unchanged', id: USER, seenRev: 9 };
        expect(await commit(store(), disabling, stale)).toEqual(refusedAt('identity.unchanged'));
        expect(await held()).toEqual(Object.keys(HELD));
      },
    );

    test('are told of as deleted users are: clients hear of the end of their sessions', async () => {
      await mustCommit(store(), { type: 'identity.active', id: USER, active: false });
      const entries = await store().outbox.list({ isDead: false }, 9);
      expect(entries).toContainEqual(expect.objectContaining({ kind: 'logout', realm: '/alpha', recipient: 'app' }));
    });

    test('show no session, also one that was written past the change (SEC-90)', async () => {
      await mustCommit(store(), { type: 'identity.active', id: USER, active: false });
      const row = sessionRow({ tokenHash: 'late', handle: 'late', sid: 'late' });
      await mustCommit(store(), { type: 'session.insert', row });
      expect(await store().sessions.get('late')).toBeUndefined();
    });

    test.each(Object.values(DISABLING))('who are not there are not changed by $type', async (disabling) => {
      expect(await commit(store(), { ...disabling, id: 'nobody' })).toEqual(refusedAt(disabling.type));
    });
  });
};
