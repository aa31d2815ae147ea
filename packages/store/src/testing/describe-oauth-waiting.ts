import { MAX_APPROVED_OF_USER, MAX_SEEN_OF_OWNER, MAX_WAITING_OF_CLIENT, MAX_WAITING_OF_SOURCE } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import type { StoreChange } from '../ports/store.ts';
import { describeWaitingPlaces } from './describe-waiting-places.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  approvedBy,
  commit,
  countWinners,
  grantRow,
  keyRow,
  mustCommit,
  NOW,
  newUser,
  parkedRow,
  pendingRow,
  refusedAt,
} from './rows.ts';

const LAST = NOW + 89_999;

export const describeOAuthWaiting = (open: OpenStore): void => {
  describe('parked requests', () => {
    const store = freshStore(open);
    const put = (given: Parameters<typeof parkedRow>[0] = {}, now = NOW): StoreChange => ({
      type: 'parked.put',
      row: parkedRow(given),
      now,
    });
    const spend = { type: 'parked.spend', idHash: 'parked-1', now: LAST } as const;

    test('one that nobody parked is not there to be spent', async () => {
      expect(await store().parkedRequests.get('parked-1')).toBeUndefined();
      expect(await commit(store(), spend)).toEqual(refusedAt('parked.spend'));
    });

    test('one is parked once, comes back as it was given, and is spent once, in time', async () => {
      await mustCommit(store(), put());
      expect(await commit(store(), put({ clientId: 'other' }))).toEqual(refusedAt('parked.put'));
      expect(await store().parkedRequests.get('parked-1')).toEqual(parkedRow());
      expect(await commit(store(), { ...spend, now: LAST + 1 })).toEqual(refusedAt('parked.spend'));
      await mustCommit(store(), spend);
      expect(await store().parkedRequests.get('parked-1')).toBeUndefined();
      expect(await commit(store(), spend)).toEqual(refusedAt('parked.spend'));
    });

    test('of 50 who spend one at once, one has', async () => {
      await mustCommit(store(), put());
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [spend]),
        ),
      ).toBe(1);
    });

    describeWaitingPlaces(store, {
      put: (given, now) => put(given, now),
      isThere: async (id) => (await store().parkedRequests.get(id)) !== undefined,
      over: LAST + 1,
    });

    test('what anybody can make takes no place of what the client has pushed with its proof', async () => {
      const rows = Array.from({ length: MAX_WAITING_OF_CLIENT }, (_, at) => put({ idHash: `parked-${at}` }));
      await mustCommit(store(), put({ idHash: 'of-a-browser', source: 's', createdAt: NOW - 1 }), ...rows);
      await mustCommit(store(), put({ idHash: 'of-another', source: 't' }));
      expect(await store().parkedRequests.get('parked-0')).toBeDefined();
      expect(await store().parkedRequests.get('of-a-browser')).toBeDefined();
      // A server that has proven itself is no crowd, however many it speaks for; its own oldest goes.
      await mustCommit(store(), put({ idHash: 'one-more' }));
      expect(await store().parkedRequests.get('parked-0')).toBeUndefined();
      expect(await store().parkedRequests.get('parked-1')).toBeDefined();
    });
  });

  describe('what must not be seen twice', () => {
    const store = freshStore(open);
    const see = { type: 'replay.see', hash: 'h', owner: 'o', expiresAt: NOW + 60_000, now: NOW } as const;

    test('is refused until it would be over anyway (RFC 9449 §11.1)', async () => {
      expect(await store().replays.has('h')).toBe(false);
      await mustCommit(store(), see);
      expect(await store().replays.has('h')).toBe(true);
      expect(await commit(store(), { ...see, now: NOW + 59_999 })).toEqual(refusedAt('replay.see'));
      await mustCommit(store(), { ...see, now: NOW + 60_000, expiresAt: NOW + 90_000 });
      expect(await commit(store(), { ...see, now: NOW + 60_001 })).toEqual(refusedAt('replay.see'));
      await mustCommit(store(), { ...see, hash: 'other' });
    });

    test('is kept of one owner up to a number, whatever others have, until it is over (OIDC-22)', async () => {
      const room = { type: 'replay.room', owner: 'o', now: NOW } as const;
      const seen = (owner: string, length: number) =>
        Array.from({ length }, (_, at) => ({ ...see, owner, hash: `${owner} ${at}` }));
      await mustCommit(store(), ...seen('other', 2), ...seen('o', MAX_SEEN_OF_OWNER - 1), room);
      await mustCommit(store(), { ...see, hash: 'last' }, { ...room, owner: 'other' });
      expect(await commit(store(), room, { ...see, hash: 'more' })).toEqual(refusedAt('replay.room'));
      expect(await store().replays.has('more')).toBe(false);
      await mustCommit(store(), { ...room, now: NOW + 60_000 });
    });

    test('is seen first by one of 50', async () => {
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [see]),
        ),
      ).toBe(1);
    });
  });

  describe('consents', () => {
    const store = freshStore(open);
    const save = (clientId: string, ...scopes: readonly string[]): StoreChange => ({
      type: 'consent.save',
      row: { realm: '/alpha', userId: 'user-1', clientId, scopes },
    });

    test('add up, each scope once, and are forgotten together', async () => {
      expect(await store().consents.get('user-1', 'app')).toBeUndefined();
      await mustCommit(store(), save('b', 'mail', 'mail'), save('app', 'openid', 'mail'), save('app', 'mail', 'phone'));
      const ofApp = { realm: '/alpha', userId: 'user-1', clientId: 'app', scopes: ['openid', 'mail', 'phone'] };
      const ofB = { realm: '/alpha', userId: 'user-1', clientId: 'b', scopes: ['mail'] };
      expect(await store().consents.get('user-1', 'app')).toEqual(ofApp);
      expect(await store().consents.get('user-2', 'app')).toBeUndefined();
      expect(await store().consents.ofUser('user-1', { limit: 9 })).toEqual([ofApp, ofB]);
      expect(await store().consents.ofUser('user-1', { limit: 1 })).toEqual([ofApp]);
      expect(await store().consents.ofUser('user-1', { from: 'app-1', limit: 1 })).toEqual([ofB]);
      const drop = { type: 'consent.drop', userId: 'user-1', clientId: 'app' } as const;
      await mustCommit(store(), drop, drop);
      expect(await store().consents.ofUser('user-1', { limit: 9 })).toEqual([ofB]);
    });

    test('open a grant as long as they are stored as they were read', async () => {
      const row = { realm: '/alpha', userId: 'user-1', clientId: 'app', clientGeneration: 'first', scopes: ['a', 'b'] };
      const { clientGeneration: _, ...older } = row;
      let opened = 0;
      const open = (consent: typeof older) => {
        opened += 1;
        return commit(store(), {
          type: 'grant.open',
          row: grantRow({ id: `${opened % 2 === 0 ? 'A' : 'B'}-${opened}`, amr: [] }),
          consent,
        });
      };
      const refused = refusedAt('grant.open');
      const mustRefuse = async (...consents: readonly (typeof older)[]) => {
        // Of grants that prove nothing, those whose id begins with A look at the bound of a user.
        for (const consent of consents) expect([await open(consent), await open(consent)]).toEqual([refused, refused]);
      };
      await mustRefuse(row, older);
      await mustCommit(store(), { type: 'consent.save', row });
      expect([await open(row), await open(row)]).toEqual([{ committed: true }, { committed: true }]);
      await mustRefuse({ ...row, scopes: ['a'] }, { ...row, clientGeneration: 'second' } as typeof older, older);
      await mustCommit(store(), { type: 'consent.save', row: { ...row, scopes: ['c'] } });
      await mustRefuse(row);
      expect(await open({ ...row, scopes: ['a', 'b', 'c'] })).toEqual({ committed: true });
      await mustCommit(store(), { type: 'consent.drop', userId: 'user-1', clientId: 'app' });
      await mustRefuse(row, { ...row, scopes: ['a', 'b', 'c'] });
      const others = { ...row, scopes: ['a'] };
      await mustCommit(store(), { type: 'consent.save', row: { ...others, clientId: 'other' } });
      await mustCommit(store(), { type: 'consent.save', row: { ...others, userId: 'user-2' } });
      await mustRefuse(others);
    });

    test('open a grant where an earlier change of the commit saves them, and none where it drops them', async () => {
      const row = { realm: '/alpha', userId: 'user-1', clientId: 'app', scopes: ['a'] };
      const save = { type: 'consent.save', row } as const;
      const drop = { type: 'consent.drop', userId: 'user-1', clientId: 'app' } as const;
      const open = { type: 'grant.open', row: grantRow(), consent: row } as const;
      expect(await commit(store(), open, save)).toEqual(refusedAt('grant.open'));
      expect(await commit(store(), save, drop, open)).toEqual(refusedAt('grant.open'));
      await mustCommit(store(), save, open, drop);
    });

    test('add up within one generation of the client, and begin again with another one (OIDC-20)', async () => {
      const row = { realm: '/alpha', userId: 'user-1', clientId: 'app' };
      const agreed = (clientGeneration: string, ...scopes: readonly string[]): StoreChange => ({
        type: 'consent.save',
        row: { ...row, clientGeneration, scopes },
      });
      const read = () => store().consents.get('user-1', 'app');
      await mustCommit(store(), save('app', 'older'), agreed('first', 'openid'), agreed('first', 'mail'));
      expect(await read()).toEqual({ ...row, clientGeneration: 'first', scopes: ['openid', 'mail'] });
      await mustCommit(store(), agreed('second', 'phone'));
      expect(await read()).toEqual({ ...row, clientGeneration: 'second', scopes: ['phone'] });
      expect(await store().consents.ofUser('user-1', { limit: 9 })).toEqual([await read()]);
    });

    test('have the time of the latest agreement, of those to the same generation of the client', async () => {
      const row = { realm: '/alpha', userId: 'user-1', clientId: 'app', scopes: ['openid'] };
      const agreed = (agreedAt: number | undefined, clientGeneration = 'first'): StoreChange => ({
        type: 'consent.save',
        row: { ...row, clientGeneration, ...(agreedAt !== undefined && { agreedAt }) },
      });
      const time = async () => (await store().consents.get('user-1', 'app'))?.agreedAt;
      // Of a file that does not say when, as a realm file of an older version.
      await mustCommit(store(), agreed(undefined));
      expect(await store().consents.get('user-1', 'app')).toEqual({ ...row, clientGeneration: 'first' });
      await mustCommit(store(), agreed(NOW));
      expect(await time()).toBe(NOW);
      const refused = await commit(store(), agreed(NOW + 9), {
        type: 'identity.usable',
        id: 'nobody',
        credentialRev: 1,
      });
      expect([refused.committed, await time()]).toEqual([false, NOW]);
      await mustCommit(store(), agreed(NOW - 1), agreed(undefined));
      expect(await time()).toBe(NOW);
      await mustCommit(store(), agreed(NOW + 1));
      expect(await time()).toBe(NOW + 1);
      await mustCommit(store(), agreed(NOW - 5, 'second'));
      expect(await time()).toBe(NOW - 5);
    });

    test('take no generation from the text of a scope (OIDC-20)', async () => {
      await mustCommit(store(), save('app', 'openid', ' generation'));
      expect(await store().consents.get('user-1', 'app')).not.toHaveProperty('clientGeneration');
    });

    test('go with their user', async () => {
      await mustCommit(store(), newUser(), save('app', 'openid'), { type: 'identity.delete', id: 'user-1' });
      expect(await store().consents.ofUser('user-1', { limit: 9 })).toEqual([]);
    });
  });

  describe('signing keys', () => {
    const store = freshStore(open);
    const insert = (given: Parameters<typeof keyRow>[0] = {}): StoreChange => ({
      type: 'signingKey.insert',
      row: keyRow(given),
    });
    const next = { kid: 'kid-2', status: 'next', createdAt: NOW + 1 } as const;
    const rotate = {
      type: 'signingKey.rotate',
      realm: '/alpha',
      nextKid: 'kid-2',
      activeKid: 'kid-1',
      at: NOW + 9,
    } as const;

    test('one of a realm and algorithm signs, and one is next; a kid is given once', async () => {
      expect(await store().signingKeys.ofRealm('/alpha')).toEqual([]);
      await mustCommit(store(), insert(next), insert(), insert({ kid: 'ec', algorithm: 'ES256', createdAt: NOW + 2 }));
      for (const given of [{ kid: 'kid-9' }, { ...next, kid: 'kid-9' }, { ...next, algorithm: 'ES256' as const }]) {
        expect(await commit(store(), insert(given))).toEqual(refusedAt('signingKey.insert'));
      }
      await mustCommit(store(), insert({ realm: '/beta' }));
      const kids = (await store().signingKeys.ofRealm('/alpha')).map(({ kid }) => kid);
      expect(kids).toEqual(['kid-1', 'kid-2', 'ec']);
      expect(await store().signingKeys.ofRealm('/beta')).toEqual([keyRow({ realm: '/beta' })]);
    });

    test('the next one begins to sign as the other stops, and a retired one can go', async () => {
      await mustCommit(store(), insert(), insert(next));
      const drop = { type: 'signingKey.drop', realm: '/alpha', kid: 'kid-1' } as const;
      expect(await commit(store(), drop)).toEqual(refusedAt('signingKey.drop'));
      await mustCommit(store(), rotate);
      expect(await store().signingKeys.ofRealm('/alpha')).toEqual([
        keyRow({ status: 'retired', since: NOW + 9 }),
        keyRow({ ...next, status: 'active', since: NOW + 9 }),
      ]);
      await mustCommit(store(), insert({ kid: 'kid-3', status: 'next' }), drop);
      expect((await store().signingKeys.ofRealm('/alpha')).map(({ kid }) => kid)).toEqual(['kid-3', 'kid-2']);
      expect(await commit(store(), drop)).toEqual(refusedAt('signingKey.drop'));
    });

    test.each([
      ['again', { ...rotate }],
      ['from one that does not sign', { ...rotate, activeKid: 'kid-2', nextKid: 'kid-2' }],
      ['to one that is not there', { ...rotate, activeKid: 'kid-2', nextKid: 'none' }],
      ['to one that signs another way', { ...rotate, activeKid: 'kid-2', nextKid: 'ec' }],
      ['to one of another realm', { ...rotate, activeKid: 'kid-2', nextKid: 'beta' }],
    ])('nothing is rotated %s, and all keys stay as they were', async (_, change) => {
      await mustCommit(store(), insert(), insert(next), rotate);
      await mustCommit(
        store(),
        insert({ kid: 'ec', algorithm: 'ES256', status: 'next' }),
        insert({ kid: 'beta', realm: '/beta', status: 'next' }),
      );
      const before = await store().signingKeys.ofRealm('/alpha');
      expect(await commit(store(), change)).toEqual(refusedAt('signingKey.rotate'));
      expect(await store().signingKeys.ofRealm('/alpha')).toEqual(before);
    });

    test('of 50 who make the first key at once, one has', async () => {
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ kid: `kid-${at}` })]);
      expect(await countWinners(store(), commits)).toBe(1);
    });
  });

  describe('what devices wait for', () => {
    const store = freshStore(open);
    const idHash = 'device-code-1';
    const opened = (given: Parameters<typeof pendingRow>[0] = {}, now = NOW): StoreChange => ({
      type: 'pendingApproval.open',
      row: pendingRow(given),
      now,
    });
    const read = () => store().pendingApprovals.get(idHash);
    const late = NOW + 600_000;
    const poll = {
      type: 'pendingApproval.poll',
      idHash,
      seenNextPollAt: NOW,
      nextPollAt: NOW + 5_000,
      interval: 5,
    } as const;
    const approve = { type: 'pendingApproval.decide', idHash, now: late - 1, approved: approvedBy() } as const;
    const deny = { type: 'pendingApproval.decide', idHash, now: late - 1 } as const;
    const take = { type: 'pendingApproval.take', idHash, now: late - 1 } as const;

    test('what nobody asked for can be nothing more', async () => {
      expect(await read()).toBeUndefined();
      for (const change of [poll, approve, deny, take]) {
        expect(await commit(store(), change)).toEqual(refusedAt(change.type));
      }
    });

    test('is found by both of its codes, which nobody else has', async () => {
      await mustCommit(store(), opened());
      expect(await read()).toEqual(pendingRow());
      const { userCodeDigest } = pendingRow();
      expect(await store().pendingApprovals.byUserCode('/alpha', userCodeDigest)).toEqual(pendingRow());
      expect(await store().pendingApprovals.byUserCode('/beta', userCodeDigest)).toBeUndefined();
      for (const given of [{ userCodeDigest: 'other' }, { idHash: 'other', userCodeDigest }]) {
        expect(await commit(store(), opened(given))).toEqual(refusedAt('pendingApproval.open'));
      }
      await mustCommit(store(), opened({ idHash: 'other', realm: '/beta', userCodeDigest }));
    });

    test('is asked for by one of 50 at a time, and slower where that is wanted (OIDC-24)', async () => {
      await mustCommit(store(), opened());
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [poll]),
        ),
      ).toBe(1);
      await mustCommit(store(), { ...poll, seenNextPollAt: NOW + 5_000, nextPollAt: NOW + 15_000, interval: 10 });
      expect(await read()).toEqual(pendingRow({ nextPollAt: NOW + 15_000, interval: 10 }));
    });

    test('is approved once, in time, and its tokens are fetched once (OIDC-24)', async () => {
      await mustCommit(store(), opened());
      expect(await commit(store(), take)).toEqual(refusedAt('pendingApproval.take'));
      expect(await commit(store(), { ...approve, now: late })).toEqual(refusedAt('pendingApproval.decide'));
      await mustCommit(store(), approve);
      expect(await read()).toEqual(pendingRow({ status: 'approved', approved: approvedBy() }));
      for (const change of [approve, deny]) expect(await commit(store(), change)).toEqual(refusedAt(change.type));
      expect(await commit(store(), { ...take, now: late })).toEqual(refusedAt('pendingApproval.take'));
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [take]),
        ),
      ).toBe(1);
      expect(await read()).toBeUndefined();
    });

    test('one that was denied stays so', async () => {
      await mustCommit(store(), opened(), deny);
      expect(await read()).toEqual(pendingRow({ status: 'denied' }));
      for (const change of [approve, deny, take]) expect(await commit(store(), change)).toEqual(refusedAt(change.type));
    });

    describeWaitingPlaces(store, {
      put: (given, now) => opened(given, now),
      isThere: async (id) => (await store().pendingApprovals.get(id)) !== undefined,
      over: late,
    });

    test('what a user has approved loses its place to nothing that nobody has', async () => {
      const rows = Array.from({ length: MAX_WAITING_OF_SOURCE }, (_, at) =>
        opened({ idHash: `flood-${at}`, source: 'flood', createdAt: NOW + at }),
      );
      const approved = opened({ source: 'flood', createdAt: NOW - 1 });
      await mustCommit(store(), approved, approve, ...rows);
      await mustCommit(store(), opened({ idHash: 'more', source: 'flood', createdAt: NOW + 999 }));
      expect(await read()).toMatchObject({ status: 'approved' });
      expect(await store().pendingApprovals.get('flood-0')).toBeUndefined();
    });

    test('one user has so many approved devices of a client that wait; the one that is over first goes', async () => {
      const ids = Array.from({ length: MAX_APPROVED_OF_USER + 1 }, (_, at) => `device-${at}`);
      const approvalsOf = (clientId: string, userId: string, prefix = '') =>
        ids.flatMap((id, at): readonly StoreChange[] => [
          opened({ idHash: prefix + id, clientId, expiresAt: late + at }),
          { ...approve, idHash: prefix + id, approved: approvedBy({ userId }) },
        ]);
      await mustCommit(store(), ...approvalsOf('other', 'user-1', 'other-').slice(2));
      await mustCommit(store(), ...approvalsOf('tv', 'user-2', 'second-').slice(2));
      await mustCommit(store(), ...approvalsOf('tv', 'user-1'));
      const stateOf = async (id: string) => (await store().pendingApprovals.get(id))?.status;
      expect(await stateOf('device-0')).toBe('denied');
      for (const id of ids.slice(1)) {
        for (const prefix of ['', 'other-', 'second-']) expect(await stateOf(prefix + id)).toBe('approved');
      }
    });
  });
};
