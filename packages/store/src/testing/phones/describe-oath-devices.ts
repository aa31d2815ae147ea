import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from '../open-in-test.ts';
import { codeRow, commit, countWinners, mustCommit, NOW, newUser, oathRow, refusedAt } from '../rows.ts';

export const describeOathDevices = (open: OpenStore): void => {
  describe('generators of one-time passwords', () => {
    const store = freshStore(open);
    const insert = (given: Parameters<typeof oathRow>[0] = {}, maxDevices = 5) =>
      ({ type: 'oath.insert', row: oathRow(given), maxDevices }) as const;
    const codes = () =>
      ({
        type: 'codes.replace',
        userId: 'user-1',
        deviceType: 'oath',
        rows: [codeRow({ id: 'oath-code', deviceType: 'oath' })],
      }) as const;
    const countCodes = () => store().devices.countCodes('user-1', 'oath');

    test('of 50 registrations at once, as many are stored as the limit allows', async () => {
      await mustCommit(store(), newUser());
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ uuid: `oath-${at}` }, 3)]);
      expect(await countWinners(store(), commits)).toBe(3);
      expect(await commit(store(), insert({ uuid: 'other', userId: 'user-2' }, 3))).toEqual({ committed: true });
    });

    test('a device is stored once', async () => {
      await mustCommit(store(), insert());
      expect(await commit(store(), insert({ deviceName: 'Other' }))).toEqual(refusedAt('oath.insert'));
      expect(await store().oathDevices.get('oath-1')).toEqual(oathRow());
    });

    test('of 50 logins with one password at once, one is good (SEC-49, A109)', async () => {
      await mustCommit(store(), insert());
      const row = oathRow({ counter: 8, lastLoginSeconds: 1_800_000_000 });
      const commits = Array.from({ length: 50 }, () => [{ type: 'oath.used', row } as const]);
      expect(await countWinners(store(), commits)).toBe(1);
      expect(await store().oathDevices.get('oath-1')).toEqual({ ...row, rev: 2 });
      const renamed = { type: 'oath.update', row: oathRow({ deviceName: 'Other' }) } as const;
      expect(await commit(store(), renamed)).toEqual(refusedAt('oath.update'));
    });

    test('an accepted password moves the counters and the last access, and leaves the rest of the device (SEC-49)', async () => {
      await mustCommit(store(), insert());
      const moved = { counter: 8, lastLoginSeconds: 1_800_000_000, clockDriftSeconds: -30, lastAccessAt: NOW + 7 };
      const others = { deviceName: 'Other', secret: new Uint8Array(64), userId: 'user-2' };
      await mustCommit(store(), { type: 'oath.used', row: oathRow({ ...moved, ...others }) });
      expect(await store().oathDevices.get('oath-1')).toEqual(oathRow({ ...moved, rev: 2 }));
    });

    test('a change of a device that is gone is refused', async () => {
      expect(await commit(store(), { type: 'oath.update', row: oathRow() })).toEqual(refusedAt('oath.update'));
      expect(await commit(store(), { type: 'oath.used', row: oathRow() })).toEqual(refusedAt('oath.used'));
      expect(await commit(store(), { type: 'oath.delete', uuid: 'oath-1' })).toEqual(refusedAt('oath.delete'));
    });

    test('everything of a device comes back as it was given, newest first', async () => {
      const given = {
        secret: Uint8Array.from({ length: 64 }, (_, at) => at * 4),
        counter: 2 ** 40,
        lastLoginSeconds: 1_800_000_030,
        clockDriftSeconds: -60,
        checksumDigit: true,
        truncationOffset: 3,
        deviceName: 'Générateur 🔑',
      };
      const { digits: _, ...imported } = oathRow({ uuid: 'new', createdAt: NOW + 5 });
      await mustCommit(store(), insert(given), { type: 'oath.insert', row: imported, maxDevices: 5 });
      await mustCommit(store(), insert({ uuid: 'other', userId: 'user-2' }));
      expect(await store().oathDevices.ofUser('user-1')).toEqual([imported, oathRow(given)]);
    });

    test('the codes go with the last device and not before (SEC-48)', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'oath-2' }), codes());
      await mustCommit(store(), { type: 'oath.delete', uuid: 'oath-1' });
      expect(await countCodes()).toBe(1);
      await mustCommit(store(), { type: 'oath.delete', uuid: 'oath-2' });
      expect(await countCodes()).toBe(0);
    });

    test('deleting all of a user takes the codes too, and leaves the codes of phones and other users', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'other', userId: 'user-2' }), codes(), {
        type: 'codes.replace',
        userId: 'user-1',
        deviceType: 'push',
        rows: [codeRow()],
      });
      await mustCommit(store(), { type: 'oath.deleteAll', userId: 'user-1' });
      expect(await store().oathDevices.ofUser('user-1')).toEqual([]);
      expect(await countCodes()).toBe(0);
      expect(await store().devices.countCodes('user-1', 'push')).toBe(1);
      expect(await store().oathDevices.get('other')).toBeDefined();
    });
  });
};
