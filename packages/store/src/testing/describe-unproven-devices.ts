import { describe, expect, test } from 'vitest';
import { freshStore, type OpenStore } from './open-in-test.ts';
import { codeRow, commit, countWinners, deviceRow, messageRow, mustCommit, NOW, refusedAt } from './rows.ts';

const UNTIL = NOW + 90_000;

export const describeUnprovenDevices = (open: OpenStore): void => {
  describe('phones that have yet to prove themselves (SEC-05)', () => {
    const store = freshStore(open);
    const unproven = (given: Parameters<typeof deviceRow>[0] = {}) =>
      deviceRow({ pending: { journeyId: 'journey-1', until: UNTIL }, ...given });
    const insert = (row = unproven(), maxDevices = 5) => ({ type: 'device.insert', row, maxDevices }) as const;
    const confirm = (given: { uuid?: string; journeyId?: string; at?: number } = {}) =>
      ({ type: 'device.confirm', uuid: 'device-1', journeyId: 'journey-1', at: NOW + 1, ...given }) as const;
    const discard = (journeyId = 'journey-1') => ({ type: 'device.discard', journeyId }) as const;

    test('are found by id and mechanism, and are none of the user’s (SEC-05)', async () => {
      await mustCommit(store(), insert(), insert(deviceRow({ uuid: 'device-2' })));
      expect(await store().devices.get('device-1')).toEqual(unproven());
      expect(await store().devices.byMechanism('/alpha', 'mechanism-1')).toContainEqual(unproven());
      expect((await store().devices.ofUser('user-1')).map(({ uuid }) => uuid)).toEqual(['device-2']);
    });

    test('count towards the limit, but only while they may still prove themselves', async () => {
      await mustCommit(store(), insert());
      expect(await store().devices.countOfUser('user-1', UNTIL - 1)).toBe(1);
      expect(await store().devices.countOfUser('user-1', UNTIL)).toBe(0);
      expect(await store().devices.countOfUser('user-2', NOW)).toBe(0);
      const next = (createdAt: number) => insert(deviceRow({ uuid: 'device-2', createdAt }), 1);
      expect(await commit(store(), next(UNTIL - 1))).toEqual(refusedAt('device.insert'));
      expect(await commit(store(), next(UNTIL))).toEqual({ committed: true });
      expect(await store().devices.countOfUser('user-1', UNTIL)).toBe(1);
    });

    test('become devices when their journey confirms them', async () => {
      await mustCommit(store(), insert(), confirm());
      expect(await store().devices.ofUser('user-1')).toEqual([deviceRow({ rev: 2 })]);
    });

    test.each([
      ['another journey', { journeyId: 'journey-2' }],
      ['their time being over', { at: UNTIL }],
      ['a device that is not there', { uuid: 'device-2' }],
    ])('are not confirmed by %s', async (_by, given) => {
      await mustCommit(store(), insert());
      expect(await commit(store(), confirm(given))).toEqual(refusedAt('device.confirm'));
      expect(await store().devices.get('device-1')).toEqual(unproven());
    });

    test('are confirmed once, of 50 who ask at the same time', async () => {
      await mustCommit(store(), insert());
      expect(
        await countWinners(
          store(),
          Array.from({ length: 50 }, () => [confirm()]),
        ),
      ).toBe(1);
      expect(await commit(store(), confirm())).toEqual(refusedAt('device.confirm'));
    });

    test('a device that always counted cannot be confirmed', async () => {
      await mustCommit(store(), insert(deviceRow()));
      expect(await commit(store(), confirm())).toEqual(refusedAt('device.confirm'));
    });

    test('a change that saw them unproven does not undo the proof', async () => {
      await mustCommit(store(), insert(), confirm());
      const row = unproven({ deviceName: 'Renamed' });
      expect(await commit(store(), { type: 'device.update', row })).toEqual(refusedAt('device.update'));
      expect(await store().devices.ofUser('user-1')).toHaveLength(1);
    });

    test('a change of them leaves them unproven', async () => {
      await mustCommit(store(), insert(), { type: 'device.update', row: unproven({ deviceName: 'Renamed' }) });
      expect(await store().devices.get('device-1')).toEqual(unproven({ deviceName: 'Renamed', rev: 2 }));
    });

    test('go with their journey, and so do their messages and an approve that nobody has consumed', async () => {
      await mustCommit(store(), insert(), { type: 'push.open', rows: [messageRow()] });
      const id = 'AUTHENTICATE:1';
      const answer = { type: 'push.answer', id, state: 'approved', at: NOW + 1, answerHash: 'h' } as const;
      await mustCommit(store(), answer, discard());
      expect(await store().devices.get('device-1')).toBeUndefined();
      expect(await store().messages.get(id)).toMatchObject({ state: 'closed', reason: 'removed' });
      expect(await commit(store(), confirm())).toEqual(refusedAt('device.confirm'));
    });

    test('stay when another journey ends; a confirmed one stays when its own does', async () => {
      await mustCommit(store(), insert(), discard('journey-2'));
      expect(await store().devices.get('device-1')).toEqual(unproven());
      await mustCommit(store(), confirm(), discard());
      expect(await store().devices.ofUser('user-1')).toHaveLength(1);
    });

    test('keep no recovery codes, and take none with them', async () => {
      const codes = { type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] } as const;
      await mustCommit(store(), insert(), insert(deviceRow({ uuid: 'device-2' })), codes);
      await mustCommit(store(), discard());
      expect(await store().devices.countCodes('user-1', 'push')).toBe(1);
      await mustCommit(store(), insert(), { type: 'device.delete', uuid: 'device-2' });
      expect(await store().devices.countCodes('user-1', 'push')).toBe(0);
    });

    test('are deleted when all phones of the user are', async () => {
      await mustCommit(store(), insert(), { type: 'device.deleteAll', userId: 'user-1' });
      expect(await store().devices.get('device-1')).toBeUndefined();
    });

    test('are swept when their time is over, no more than asked for, and no others', async () => {
      await mustCommit(
        store(),
        insert(),
        insert(unproven({ uuid: 'device-2' })),
        insert(deviceRow({ uuid: 'device-3' })),
      );
      expect(await store().sweep(UNTIL - 1, 100)).toBe(0);
      expect(await store().sweep(UNTIL, 1)).toBe(1);
      expect(await store().sweep(UNTIL, 100)).toBe(1);
      expect(await store().devices.get('device-1')).toBeUndefined();
      expect(await store().devices.get('device-2')).toBeUndefined();
      expect(await store().devices.ofUser('user-1')).toHaveLength(1);
    });
  });
};
