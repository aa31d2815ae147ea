import { MAX_PARKED_OF_CLIENT, MAX_PENDING_OF_CLIENT } from '@assent/oidc';
import { describe, expect, test } from 'vitest';
import type { StoreChange } from '../ports/store.ts';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  approvedBy,
  commit,
  countWinners,
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

    test('a client has so many that wait and no more, whatever others have (OIDC-22)', async () => {
      const rows = Array.from({ length: MAX_PARKED_OF_CLIENT }, (_, at) => put({ idHash: `parked-${at}` }));
      await mustCommit(store(), ...rows);
      expect(await commit(store(), put({ idHash: 'one-more' }))).toEqual(refusedAt('parked.put'));
      // What anybody can make takes no place of what the client has pushed.
      await mustCommit(store(), put({ idHash: 'of-a-browser', isPushed: false }));
      await mustCommit(store(), put({ idHash: 'other-client', clientId: 'other' }));
      await mustCommit(store(), put({ idHash: 'other-realm', realm: '/beta' }));
      // Those that are over need not have been swept.
      await mustCommit(store(), put({ idHash: 'later', expiresAt: NOW + 999_999 }, LAST + 1));
    });
  });

  describe('what must not be seen twice', () => {
    const store = freshStore(open);
    const see = { type: 'replay.see', hash: 'h', expiresAt: NOW + 60_000, now: NOW } as const;

    test('is refused until it would be over anyway (RFC 9449 §11.1)', async () => {
      expect(await store().replays.has('h')).toBe(false);
      await mustCommit(store(), see);
      expect(await store().replays.has('h')).toBe(true);
      expect(await commit(store(), { ...see, now: NOW + 59_999 })).toEqual(refusedAt('replay.see'));
      await mustCommit(store(), { ...see, now: NOW + 60_000, expiresAt: NOW + 90_000 });
      expect(await commit(store(), { ...see, now: NOW + 60_001 })).toEqual(refusedAt('replay.see'));
      await mustCommit(store(), { ...see, hash: 'other' });
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
      expect(await store().consents.ofUser('user-1')).toEqual([ofApp, ofB]);
      const drop = { type: 'consent.drop', userId: 'user-1', clientId: 'app' } as const;
      await mustCommit(store(), drop, drop);
      expect(await store().consents.ofUser('user-1')).toEqual([ofB]);
    });

    test('go with their user', async () => {
      await mustCommit(store(), newUser(), save('app', 'openid'), { type: 'identity.delete', id: 'user-1' });
      expect(await store().consents.ofUser('user-1')).toEqual([]);
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

    test('a client has so many that wait and no more, whatever others have (OIDC-22)', async () => {
      const rows = Array.from({ length: MAX_PENDING_OF_CLIENT }, (_, at) => opened({ idHash: `device-${at}` }));
      await mustCommit(store(), ...rows);
      expect(await commit(store(), opened({ idHash: 'more' }))).toEqual(refusedAt('pendingApproval.open'));
      await mustCommit(store(), opened({ idHash: 'other', clientId: 'other' }));
      await mustCommit(store(), opened({ idHash: 'later', expiresAt: 2 * late }, late));
    });
  });
};
