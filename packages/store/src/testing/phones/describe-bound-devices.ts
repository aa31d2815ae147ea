import type { BoundDevice } from '@assent/factors';
import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { boundRow, commit, countWinners, mustCommit, NOW, newUser, refusedAt } from '../rows.ts';

export const describeBoundDevices = (open: OpenStore): void => {
  describe('bound devices', () => {
    const store = freshStore(open);
    const insert = (given: Partial<BoundDevice> = {}, maxDevices = 5) =>
      ({ type: 'bound.insert', row: boundRow(given), maxDevices }) as const;
    const named = { realm: '/alpha', uuid: 'kid-1' };
    const stored = (realm = '/alpha') => store().boundDevices.get(realm, 'kid-1');

    test('whose kid somebody else in the realm has are refused, and in another realm they are not (WA-44)', async () => {
      await mustCommit(store(), insert());
      expect(await commit(store(), insert({ userId: 'user-2' }))).toEqual(refusedAt('bound.insert'));
      expect(await commit(store(), insert({ deviceId: 'other' }))).toEqual(refusedAt('bound.insert'));
      await mustCommit(store(), insert({ realm: '/beta', userId: 'user-2' }));
      expect([(await stored())?.userId, (await stored('/beta'))?.userId]).toEqual(['user-1', 'user-2']);
      expect(await stored('/gamma')).toBeUndefined();
    });

    test('of 50 that bring one kid at once, one is stored (WA-44)', async () => {
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ userId: `user-${at}` })]);
      expect(await countWinners(store(), commits)).toBe(1);
    });

    test('of 50 at once, as many are stored as the limit allows (WA-19)', async () => {
      await mustCommit(store(), newUser());
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ uuid: `kid-${at}` }, 3)]);
      expect(await countWinners(store(), commits)).toBe(3);
      await mustCommit(store(), insert({ uuid: 'other', userId: 'user-2' }, 3));
    });

    test('one that is gone signs, is renamed and is removed for nobody, and its namesake stays (WA-32)', async () => {
      await mustCommit(store(), insert(), insert({ realm: '/beta', userId: 'user-2' }));
      await mustCommit(store(), { type: 'bound.delete', ...named });
      expect(await commit(store(), { type: 'bound.accessed', ...named, at: NOW })).toEqual(refusedAt('bound.accessed'));
      expect(await commit(store(), { type: 'bound.update', row: boundRow() })).toEqual(refusedAt('bound.update'));
      expect(await commit(store(), { type: 'bound.delete', ...named })).toEqual(refusedAt('bound.delete'));
      expect(await stored('/beta')).toEqual(boundRow({ realm: '/beta', userId: 'user-2' }));
    });

    test('when one has signed last never goes back', async () => {
      await mustCommit(store(), insert(), { type: 'bound.accessed', ...named, at: NOW + 9 });
      await mustCommit(store(), { type: 'bound.accessed', ...named, at: NOW + 5 });
      expect(await stored()).toEqual(boundRow({ lastAccessAt: NOW + 9 }));
    });

    test('a new name is all that a rename changes, and of two that saw one state the first counts', async () => {
      await mustCommit(store(), insert(), { type: 'bound.accessed', ...named, at: NOW + 9 });
      const row = boundRow({ deviceName: 'Téléphone', attested: true, applicationId: 'other' });
      await mustCommit(store(), { type: 'bound.update', row });
      expect(await commit(store(), { type: 'bound.update', row })).toEqual(refusedAt('bound.update'));
      expect(await stored()).toEqual(boundRow({ deviceName: 'Téléphone', lastAccessAt: NOW + 9, rev: 2 }));
    });

    test('everything of one comes back as it was given, newest first', async () => {
      const other = boundRow({
        uuid: 'kid-2',
        deviceName: 'Gerät 📱',
        key: { kty: 'RSA', kid: 'kid-2', use: 'sig', alg: 'RS512', n: 'n'.repeat(342), e: 'AQAB' },
        attested: true,
        createdAt: NOW + 5,
        rev: 3,
      });
      await mustCommit(store(), insert(), insert(other), insert({ uuid: 'kid-3', userId: 'user-2' }));
      expect(await store().boundDevices.ofUser('user-1')).toEqual([other, boundRow()]);
    });

    test('deleting all of a user leaves those of other users', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'kid-2' }), insert({ uuid: 'kid-3', userId: 'user-2' }));
      await mustCommit(store(), { type: 'bound.deleteAll', userId: 'user-1' });
      expect(await store().boundDevices.ofUser('user-1')).toEqual([]);
      expect(await store().boundDevices.ofUser('user-2')).toHaveLength(1);
    });
  });
};
