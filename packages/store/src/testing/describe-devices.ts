import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import {
  codeRow,
  commit,
  countWinners,
  deviceRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  oathRow,
  refusedAt,
} from './rows.ts';

export const describeDevices = (open: OpenStore): void => {
  describe('devices and recovery codes', () => {
    const store = freshStore(open);
    const insert = (given: Parameters<typeof deviceRow>[0] = {}, maxDevices = 5) =>
      ({ type: 'device.insert', row: deviceRow(given), maxDevices }) as const;
    const codes = (...ids: readonly string[]) =>
      ({
        type: 'codes.replace',
        userId: 'user-1',
        deviceType: 'push',
        rows: ids.map((id) => codeRow({ id, selector: `selector-of-${id}` })),
      }) as const;

    test('the limit of devices is kept, for each user on their own', async () => {
      await mustCommit(store(), insert({}, 1));
      expect(await commit(store(), insert({ uuid: 'device-2' }, 1))).toEqual(refusedAt('device.insert'));
      expect(await commit(store(), insert({ uuid: 'device-2', userId: 'user-2' }, 1))).toEqual({ committed: true });
    });

    test('of 50 registrations at once, as many are stored as the limit allows', async () => {
      await mustCommit(store(), newUser());
      const commits = Array.from({ length: 50 }, (_, at) => [insert({ uuid: `device-${at}` }, 3)]);
      expect(await countWinners(store(), commits)).toBe(3);
    });

    test('a device is stored once', async () => {
      await mustCommit(store(), insert());
      expect(await commit(store(), insert({ deviceName: 'Other' }))).toEqual(refusedAt('device.insert'));
      expect(await store().devices.get('device-1')).toEqual(deviceRow());
    });

    test('everything of a device comes back as it was given', async () => {
      const given = {
        secret: Uint8Array.from({ length: 32 }, (_, at) => at * 8),
        xKey: { kty: 'EC', crv: 'P-256', x: 'xx', y: 'yy' } as const,
        refreshHashes: ['one', 'two'],
        deviceName: 'Téléphone 📱',
      };
      await mustCommit(store(), insert(given));
      expect(await store().devices.get('device-1')).toEqual(deviceRow(given));
      expect(await store().devices.byMechanism('/alpha', 'mechanism-1')).toEqual([deviceRow(given)]);
      expect(await store().devices.byMechanism('/', 'mechanism-1')).toEqual([]);
    });

    test('a user’s devices are listed newest first', async () => {
      await mustCommit(
        store(),
        insert({ uuid: 'old', createdAt: NOW - 5 }),
        insert({ uuid: 'new' }),
        insert({ uuid: 'other', userId: 'user-2' }),
      );
      expect((await store().devices.ofUser('user-1')).map(({ uuid }) => uuid)).toEqual(['new', 'old']);
    });

    test('phones that cannot be rung are counted by realm, up to a limit, and no more once they can (OPS-49)', async () => {
      for (const [at, realm] of ['/alpha', '/alpha', '/beta'].entries()) {
        const row = deviceRow({ uuid: `device-${at}`, realm, channelDeadAt: NOW });
        await mustCommit(store(), { type: 'device.insert', row, maxDevices: 5 });
      }
      const { devices } = store();
      expect(await devices.get('device-0')).toEqual(deviceRow({ uuid: 'device-0', channelDeadAt: NOW }));
      const counts = async () => [
        await devices.countUnreachable('/alpha', 9),
        await devices.countUnreachable('/beta', 9),
      ];
      expect(await counts()).toEqual([2, 1]);
      expect(await devices.countUnreachable('/alpha', 1)).toBe(1);
      expect(await devices.countUnreachable('/gamma', 9)).toBe(0);
      await mustCommit(store(), { type: 'device.update', row: deviceRow({ uuid: 'device-0' }) });
      expect(await counts()).toEqual([1, 1]);
      await mustCommit(store(), { type: 'device.delete', uuid: 'device-1' });
      expect(await counts()).toEqual([0, 1]);
    });

    test('a change that saw an older rev is refused', async () => {
      await mustCommit(store(), insert());
      const row = deviceRow({ deviceName: 'Renamed', secret: new Uint8Array(32).fill(1) });
      await mustCommit(store(), { type: 'device.update', row });
      expect(await commit(store(), { type: 'device.update', row })).toEqual(refusedAt('device.update'));
      expect(await store().devices.get('device-1')).toEqual({ ...row, rev: 2 });
    });

    test('a change of a device that is gone is refused', async () => {
      expect(await commit(store(), { type: 'device.update', row: deviceRow() })).toEqual(refusedAt('device.update'));
      expect(await commit(store(), { type: 'device.delete', uuid: 'device-1' })).toEqual(refusedAt('device.delete'));
    });

    test('noting the last access never fails and never goes back', async () => {
      await mustCommit(store(), { type: 'device.accessed', uuid: 'nobody', at: NOW });
      await mustCommit(
        store(),
        insert(),
        { type: 'device.accessed', uuid: 'device-1', at: NOW + 50 },
        { type: 'device.accessed', uuid: 'device-1', at: NOW + 20 },
      );
      expect(await store().devices.get('device-1')).toEqual(deviceRow({ lastAccessAt: NOW + 50 }));
    });

    test('a deleted device takes its pending messages with it, and no answer of it counts (SEC-53)', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'device-2' }), {
        type: 'push.open',
        rows: [messageRow(), messageRow({ id: 'AUTHENTICATE:2', request: 'AUTHENTICATE:1', deviceUuid: 'device-2' })],
      });
      await mustCommit(store(), { type: 'device.delete', uuid: 'device-1' });
      const answer = { type: 'push.answer', state: 'approved', at: NOW + 1, answerHash: 'h' } as const;
      expect(await commit(store(), { ...answer, id: 'AUTHENTICATE:1' })).toEqual(refusedAt('push.answer'));
      expect(await store().messages.get('AUTHENTICATE:1')).toMatchObject({ state: 'closed', reason: 'removed' });
      expect(await commit(store(), { ...answer, id: 'AUTHENTICATE:2' })).toEqual({ committed: true });
    });

    test('an approve of a deleted device that no journey has consumed is void (A108)', async () => {
      await mustCommit(store(), insert(), { type: 'push.open', rows: [messageRow()] });
      const answer = { type: 'push.answer', state: 'approved', at: NOW + 1, answerHash: 'h' } as const;
      await mustCommit(store(), { ...answer, id: 'AUTHENTICATE:1' }, { type: 'device.delete', uuid: 'device-1' });
      const consume = { type: 'push.consume', request: 'AUTHENTICATE:1', state: 'approved', at: NOW + 2 } as const;
      expect(await commit(store(), consume)).toEqual(refusedAt('push.consume'));
    });

    test('the codes go with the last device and not before', async () => {
      await mustCommit(store(), insert(), insert({ uuid: 'device-2' }), codes('code-1'));
      await mustCommit(store(), { type: 'device.delete', uuid: 'device-1' });
      expect(await store().devices.countCodes('user-1', 'push')).toBe(1);
      await mustCommit(store(), { type: 'device.delete', uuid: 'device-2' });
      expect(await store().devices.countCodes('user-1', 'push')).toBe(0);
    });

    test('deleting all phones leaves the generators of passwords, and other users', async () => {
      await mustCommit(
        store(),
        insert(),
        { type: 'oath.insert', row: oathRow(), maxDevices: 5 },
        insert({ uuid: 'other', userId: 'user-2' }),
        codes('code-1'),
        { type: 'push.open', rows: [messageRow()] },
        { type: 'device.deleteAll', userId: 'user-1' },
      );
      expect(await store().devices.ofUser('user-1')).toEqual([]);
      expect(await store().oathDevices.ofUser('user-1')).toHaveLength(1);
      expect(await store().devices.get('other')).toBeDefined();
      expect(await store().devices.countCodes('user-1', 'push')).toBe(0);
      expect(await store().messages.get('AUTHENTICATE:1')).toMatchObject({ state: 'closed', reason: 'removed' });
    });

    test('of 50 uses of one code at once, one is good (SEC-45)', async () => {
      await mustCommit(store(), codes('code-1', 'code-2'));
      const commits = Array.from({ length: 50 }, () => [{ type: 'code.use', id: 'code-1' } as const]);
      expect(await countWinners(store(), commits)).toBe(1);
      expect(await store().devices.countCodes('user-1', 'push')).toBe(1);
      expect(await store().devices.codesBySelector('user-1', 'push', ['selector-of-code-1'])).toEqual([]);
    });

    test('new codes replace the whole set of that user and type', async () => {
      const other = codeRow({ id: 'other', userId: 'user-2' });
      await mustCommit(store(), codes('code-1', 'code-2'), {
        type: 'codes.replace',
        userId: 'user-2',
        deviceType: 'push',
        rows: [other],
      });
      await mustCommit(store(), codes('code-3'));
      expect(await commit(store(), { type: 'code.use', id: 'code-1' })).toEqual(refusedAt('code.use'));
      expect(await store().devices.countCodes('user-1', 'push')).toBe(1);
      expect(await store().devices.codesBySelector('user-1', 'push', ['selector-of-code-3'])).toMatchObject([
        { id: 'code-3' },
      ]);
      expect(await store().devices.codesBySelector('user-1', 'oath', ['selector-of-code-3'])).toEqual([]);
      expect(await store().devices.codesBySelector('user-2', 'push', ['selector-1'])).toEqual([other]);
    });

    test('several codes may have one selector, and are found by any of several', async () => {
      const twin = (id: string) => ({ ...codeRow({ id }), selector: 'imported' });
      const rows = [twin('code-1'), twin('code-2'), codeRow({ id: 'code-3', selector: 'own' })];
      await mustCommit(store(), { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows });
      const found = async (...selectors: readonly string[]) =>
        (await store().devices.codesBySelector('user-1', 'push', selectors)).map(({ id }) => id).sort();
      expect(await found('imported', 'nobody’s')).toEqual(['code-1', 'code-2']);
      expect(await found('own', 'imported')).toEqual(['code-1', 'code-2', 'code-3']);
      expect(await found()).toEqual([]);
    });
  });
};
