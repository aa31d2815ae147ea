import { MAX_PROPOSALS_OF_PROPOSER, MAX_PROPOSALS_OF_REALM, MAX_PROPOSED_BYTES_OF_REALM } from '@assent/engine/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store, StoreChange } from '../../ports/store.ts';
import type { OpenTwoStores } from '../describe-races.ts';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { commit, countWinners, mustCommit, NOW, newUser, proposalRow, refusedAt } from '../rows.ts';

const put = (given: Parameters<typeof proposalRow>[0] = {}, now = NOW): StoreChange => ({
  type: 'proposal.put',
  row: proposalRow(given),
  now,
});
const settle = { type: 'proposal.settle', id: 'proposal-1', realm: '/alpha', now: NOW } as const;

/** What waits for a second administrator (ADR 118). */
export const describeProposals = (open: OpenStore, openTwo: OpenTwoStores): void => {
  describe('proposals', () => {
    const store = freshStore(open);

    test('one that nobody made is not there to be settled', async () => {
      expect(await store().proposals.get('/alpha', 'proposal-1')).toBeUndefined();
      expect(await store().proposals.ofRealm('/alpha', NOW)).toEqual([]);
      expect(await commit(store(), settle)).toEqual(refusedAt('proposal.settle'));
    });

    test('one is made once, comes back as it was given in its realm alone, and is settled once', async () => {
      await mustCommit(store(), put());
      expect(await commit(store(), put({ document: 'another' }))).toEqual(refusedAt('proposal.put'));
      expect(await store().proposals.get('/alpha', 'proposal-1')).toEqual(proposalRow());
      expect(await store().proposals.get('/beta', 'proposal-1')).toBeUndefined();
      expect(await commit(store(), { ...settle, realm: '/beta' })).toEqual(refusedAt('proposal.settle'));
      await mustCommit(store(), settle);
      expect(await store().proposals.get('/alpha', 'proposal-1')).toBeUndefined();
      expect(await commit(store(), settle)).toEqual(refusedAt('proposal.settle'));
    });

    test('nobody settles their own where another has to, and whoever proposes may take it back', async () => {
      await mustCommit(store(), put());
      expect(await commit(store(), { ...settle, notBy: 'user-1' })).toEqual(refusedAt('proposal.settle'));
      expect(await store().proposals.get('/alpha', 'proposal-1')).toBeDefined();
      await mustCommit(store(), { ...settle, notBy: 'user-2' });
    });

    test('one that has expired is not settled, takes no place, and is swept', async () => {
      await mustCommit(store(), put());
      const over = proposalRow().expiresAt;
      expect(await commit(store(), { ...settle, now: over })).toEqual(refusedAt('proposal.settle'));
      expect(await store().proposals.ofRealm('/alpha', over)).toEqual([]);
      expect(await store().proposals.ofRealm('/alpha', over - 1)).toHaveLength(1);
      await store().sweep(over - 1, 100);
      expect(await store().proposals.get('/alpha', 'proposal-1')).toBeDefined();
      await store().sweep(over, 100);
      expect(await store().proposals.get('/alpha', 'proposal-1')).toBeUndefined();
    });

    test('a realm keeps so many, the oldest first, and no more until one is settled or over', async () => {
      const rows = Array.from({ length: MAX_PROPOSALS_OF_REALM }, (_, at) =>
        put({ id: `p-${String(at).padStart(3, '0')}`, proposer: `user-${at}`, createdAt: NOW + at }),
      );
      await mustCommit(store(), ...rows);
      expect(await commit(store(), put())).toEqual(refusedAt('proposal.put'));
      await mustCommit(store(), put({ realm: '/beta', id: 'elsewhere' }));
      const [oldest] = await store().proposals.ofRealm('/alpha', NOW);
      expect(oldest?.id).toBe('p-000');
      await mustCommit(store(), put({ id: 'later', expiresAt: proposalRow().expiresAt + 1 }, proposalRow().expiresAt));
      await mustCommit(store(), { ...settle, id: 'p-000' }, { ...settle, id: 'p-001' }, put());
    });

    test('a proposer has so many, and takes no place of other proposers and realms (SEC-93)', async () => {
      const rows = Array.from({ length: MAX_PROPOSALS_OF_PROPOSER }, (_, at) => put({ id: `p-${at}` }));
      await mustCommit(store(), ...rows);
      expect(await commit(store(), put({ id: 'more' }))).toEqual(refusedAt('proposal.put'));
      await mustCommit(
        store(),
        put({ id: 'of-another', proposer: 'user-2' }),
        put({ id: 'elsewhere', realm: '/beta' }),
      );
      await mustCommit(store(), { ...settle, id: 'p-0' }, put({ id: 'more' }));
      expect(await commit(store(), put({ id: 'again' }))).toEqual(refusedAt('proposal.put'));
      const { expiresAt } = proposalRow();
      await mustCommit(store(), put({ id: 'later', expiresAt: expiresAt + 1 }, expiresAt));
    });

    test('a realm keeps so many bytes', async () => {
      const half = 'x'.repeat(MAX_PROPOSED_BYTES_OF_REALM / 2);
      await mustCommit(store(), put({ document: half }), put({ id: 'second', document: half }));
      expect(await commit(store(), put({ id: 'third', document: 'x' }))).toEqual(refusedAt('proposal.put'));
      await mustCommit(store(), settle, put({ id: 'third', document: 'x' }));
    });

    test('of 50 who settle one at once, one has', async () => {
      await mustCommit(store(), put());
      const each = Array.from({ length: 50 }, () => [settle]);
      expect(await countWinners(store(), each)).toBe(1);
    });

    test('go with their proposer, and are undone with their commit', async () => {
      await mustCommit(store(), newUser(), put());
      expect(await commit(store(), settle, { ...settle, id: 'nothing' })).toEqual(refusedAt('proposal.settle'));
      expect(await store().proposals.get('/alpha', 'proposal-1')).toEqual(proposalRow());
      await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
      expect(await store().proposals.get('/alpha', 'proposal-1')).toBeUndefined();
    });
  });

  describe('proposals of two instances', () => {
    let one: Store;
    let other: Store;
    beforeAll(async () => {
      [one, other] = await openTwo();
    });
    afterAll(async () => {
      await one.close();
      await other.close();
    });

    test('take no place of a proposer twice (SEC-93)', async () => {
      const of = (id: string) => put({ id, realm: '/gamma' });
      await mustCommit(one, ...Array.from({ length: MAX_PROPOSALS_OF_PROPOSER - 1 }, (_, at) => of(`g-${at}`)));
      const last = await Promise.all([commit(one, of('g-a')), commit(other, of('g-b'))]);
      expect(last.filter(({ committed }) => committed)).toHaveLength(1);
    });

    test('take no place twice, and are settled by one of them', async () => {
      const rows = Array.from({ length: MAX_PROPOSALS_OF_REALM - 1 }, (_, at) =>
        put({ id: `p-${at}`, proposer: `user-${at}` }),
      );
      await mustCommit(one, ...rows);
      const last = await Promise.all([commit(one, put({ id: 'a' })), commit(other, put({ id: 'b' }))]);
      expect(last.filter(({ committed }) => committed)).toHaveLength(1);
      expect(await other.proposals.ofRealm('/alpha', NOW)).toHaveLength(MAX_PROPOSALS_OF_REALM);
      const both = await Promise.all([one, other].map((it) => commit(it, { ...settle, id: 'p-0' })));
      expect(both.filter(({ committed }) => committed)).toHaveLength(1);
    });
  });
};
