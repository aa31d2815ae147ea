import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SETTLED_MILLIS } from '../../ports/key-kinds.ts';
import type { Store } from '../../ports/store.ts';
import { LEASE_MILLIS } from '../../rules/leases.ts';
import type { OpenTwoStores } from '../describe-races.ts';
import { deviceRow, mustCommit, NOW, newUser } from '../rows.ts';

const ORDER = { at: NOW, transactionId: 'rotation', by: 'command line' } as const;
const ROTATION = { ...ORDER, goodFor: 3_600_000 };

/** Keys are replaced while two instances are open; only one instance can open a store in memory, so it does not run this suite. */
export const describeResealing = (open: OpenTwoStores): void => {
  describe('keys that records are sealed under', () => {
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await one.close();
      await other.close();
    });
    const statesOf = async (kind: string) =>
      (await other.keys.list()).filter((it) => it.kind === kind).map(({ id, status }) => `${id} ${status}`);

    test('seal what is new, open what is old, and are gone when nothing is left under them (SEC-75)', async () => {
      const device = (uuid: string) => deviceRow({ uuid, userId: 'user-1', deviceId: `address ${uuid}` });
      await mustCommit(one, newUser());
      const all = ['d1', 'd2', 'd3'];
      for (const uuid of all) await mustCommit(one, { type: 'device.insert', row: device(uuid), maxDevices: 9 });
      const isWhole = async (store: Store) => {
        for (const uuid of all) expect(await store.devices.get(uuid)).toMatchObject({ deviceId: `address ${uuid}` });
      };
      const kind = 'sealing:device';
      const before = (await one.keys.list()).find((it) => it.kind === kind)?.id ?? 0;
      const { id: after } = await one.keys.announce(kind, ORDER);
      const records = () => Promise.all([before, after].map((id) => other.keys.records(kind, id)));
      expect(await one.keys.activate(kind, ROTATION)).toBe(true);
      all.push('d4');
      await mustCommit(one, { type: 'device.insert', row: device('d4'), maxDevices: 9 });
      expect(await records()).toEqual([3, 1]);
      // Nobody has told the other instance: it reads the keys when it meets one that it does not know.
      await isWhole(other);
      expect(await one.keys.destroy(kind, before, ORDER)).toBe(false);

      const at = (millis: number, holder = 'a') => ({ at: NOW + millis, transactionId: 'by itself', holder });
      const pass = async (store: Store, given: ReturnType<typeof at>) => {
        let rows = 0;
        for (let turn = 0; turn < 20; turn += 1) {
          const done = await store.keys.reseal(given, 2);
          if (done === undefined) return undefined;
          rows += done.rows;
          if (done.isPass) return rows;
        }
        throw new Error('a pass has no end');
      };
      // One is killed after two of three rows; nobody else begins before its lease has ended, and then it is soon done.
      expect(await one.keys.reseal(at(0), 2)).toEqual({ rows: 2, isPass: false });
      await other.keys.refresh();
      expect(await other.keys.reseal(at(0, 'b'), 2)).toBeUndefined();
      expect(await pass(other, at(LEASE_MILLIS, 'b'))).toBe(1);
      expect(await records()).toEqual([0, 4]);
      await isWhole(one);
      // As long as somebody may still seal under it, an empty walk says nothing.
      expect(await pass(other, at(SETTLED_MILLIS - 1, 'b'))).toBe(0);
      expect(await statesOf(kind)).toEqual([`${before} retiring`, `${after} active`]);
      expect(await pass(other, at(SETTLED_MILLIS, 'b'))).toBe(0);
      expect(await statesOf(kind)).toEqual([`${before} retired`, `${after} active`]);
      expect(await one.keys.destroy(kind, before, ORDER)).toBe(true);
      expect(await statesOf(kind)).toEqual([`${after} active`]);
      await isWhole(one);
      await isWhole(other);
    });

    test('never take away what somebody else writes while records are sealed anew (SEC-75)', async () => {
      await mustCommit(one, newUser());
      const row = deviceRow({ uuid: 'd1', userId: 'user-1' });
      await mustCommit(one, { type: 'device.insert', row, maxDevices: 9 });
      for (let round = 0; round < 5; round += 1) {
        await one.keys.announce('sealing:device', ORDER);
        await one.keys.activate('sealing:device', ROTATION);
        const [seen] = await other.devices.ofUser('user-1');
        if (seen === undefined) throw new Error('the device is gone');
        const order = { ...ORDER, at: NOW + round * 2 * LEASE_MILLIS, holder: `holder ${round}` };
        await Promise.all([
          mustCommit(other, { type: 'device.update', row: { ...seen, deviceId: `address ${round}` } }),
          one.keys.reseal(order, 50),
        ]);
        expect(await one.devices.get('d1')).toMatchObject({ deviceId: `address ${round}` });
      }
    });
  });
};
