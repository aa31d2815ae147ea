import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { commit, countWinners, mustCommit, newUser, refusedAt } from './rows.ts';

/** Users whose password and attributes a directory keeps: what is stored of them is which entry they are (OPS-74). */
export const describeDirectoryUsers = (open: OpenStore): void => {
  describe('users of a directory', () => {
    const store = freshStore(open);
    const seen = (given: Parameters<typeof newUser>[0] & { entryId?: string; entryMark?: string } = {}) => ({
      ...newUser(given),
      entryId: given.entryId ?? 'entry-1',
      entryMark: given.entryMark ?? 'mark-1',
    });

    test('are found by their entry, in their realm alone', async () => {
      await mustCommit(store(), seen(), newUser({ id: 'user-2', username: 'own' }));
      const expected = { id: 'user-1', entryId: 'entry-1', entryMark: 'mark-1', credentialRev: 1 };
      expect(await store().identities.findByEntry('/alpha', 'entry-1')).toMatchObject(expected);
      expect(await store().identities.findById('user-1')).toMatchObject(expected);
      expect(await store().identities.findByEntry('/', 'entry-1')).toBeUndefined();
      expect(await store().identities.findByEntry('/alpha', '')).toBeUndefined();
      expect(await store().identities.findById('user-2')).not.toHaveProperty('entryId');
    });

    test('are one for one entry, however many see it first', async () => {
      const commits = Array.from({ length: 50 }, (_, at) => [seen({ id: `user-${at}`, username: `name-${at}` })]);
      expect(await countWinners(store(), commits)).toBe(1);
      await mustCommit(store(), seen({ id: 'user-50', realm: '/', username: 'other realm' }));
      await mustCommit(
        store(),
        newUser({ id: 'user-51', username: 'own' }),
        newUser({ id: 'user-52', username: 'two' }),
      );
    });

    test('have no name that another user of the realm has', async () => {
      await mustCommit(store(), newUser());
      expect(await commit(store(), seen({ id: 'user-2', username: 'DEMO' }))).toEqual(refusedAt('identity.insert'));
      expect(await store().identities.findByEntry('/alpha', 'entry-1')).toBeUndefined();
    });

    test('are gone with their entry, and may come again as another user', async () => {
      await mustCommit(store(), seen());
      await mustCommit(store(), { type: 'identity.delete', id: 'user-1' });
      expect(await store().identities.findByEntry('/alpha', 'entry-1')).toBeUndefined();
      await mustCommit(store(), seen({ id: 'user-2' }));
    });

    test('are called as the directory calls them, where nobody else is', async () => {
      await mustCommit(store(), seen(), newUser({ id: 'user-2', username: 'own' }));
      const rename = (id: string, username: string) => ({ type: 'identity.rename', id, username }) as const;
      expect(await commit(store(), rename('user-1', 'OWN'))).toEqual(refusedAt('identity.rename'));
      expect(await commit(store(), rename('nobody', 'new'))).toEqual(refusedAt('identity.rename'));
      await mustCommit(store(), rename('user-1', 'Demo'), rename('user-1', 'New'));
      expect(await store().identities.find('/alpha', 'new')).toMatchObject({ id: 'user-1', username: 'New', rev: 3 });
      expect(await store().identities.find('/alpha', 'demo')).toBeUndefined();
      await mustCommit(store(), newUser({ id: 'user-3' }), newUser({ id: 'user-4', realm: '/', username: 'New' }));
    });

    test('of 50 who notice other credentials one tells, and they are others then (OPS-76)', async () => {
      await mustCommit(store(), seen(), newUser({ id: 'user-2', username: 'own' }));
      const noticed = { type: 'identity.entryMark', id: 'user-1', seenMark: 'mark-1', mark: 'mark-2' } as const;
      expect(await countWinners(store(), Array(50).fill([noticed]))).toBe(1);
      expect(await store().identities.findById('user-1')).toMatchObject({
        credentialRev: 2,
        entryMark: 'mark-2',
        rev: 1,
      });
      for (const id of ['user-2', 'nobody']) {
        expect(await commit(store(), { ...noticed, id })).toEqual(refusedAt('identity.entryMark'));
      }
    });
  });
};
