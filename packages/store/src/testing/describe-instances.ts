import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../ports/instances.ts';
import type { Store } from '../ports/store.ts';
import { LEASE_MILLIS } from '../rules/leases.ts';
import type { OpenTwoStores } from './describe-races.ts';
import { journeyRow, mustCommit, NOW } from './rows.ts';

const HOUR = 3_600_000;

const instance = (changes: Partial<Instance> = {}): Instance => ({
  name: 'node-1',
  processId: 'process-1',
  host: 'a.example.com',
  version: '1.2.3',
  startedAt: NOW,
  seenAt: NOW,
  configurationVersion: 7,
  facts: { publicUrl: 'aa', texts: 'bb' },
  ...changes,
});

export const describeInstances = (open: OpenTwoStores): void => {
  describe('instances that share a store', () => {
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await one.close();
      await other.close();
    });

    test('are told of by name, as each of them told last, until it leaves (OPS-31)', async () => {
      expect(await other.instances.list()).toEqual([]);
      const second = instance({ name: 'a first', processId: 'process-2' });
      const again = instance({ seenAt: NOW + 10_000, configurationVersion: 8, facts: { texts: 'cc' } });
      for (const it of [instance(), second, again]) await one.instances.put(it);
      expect(await other.instances.list()).toEqual([second, again]);
      await other.instances.leave('process-1');
      expect(await one.instances.list()).toEqual([second]);
      // One that was started anew under the name of another is not taken away by the end of that.
      await one.instances.put({ ...second, processId: 'process-3' });
      await one.instances.leave('process-2');
      expect(await one.instances.list()).toEqual([{ ...second, processId: 'process-3' }]);
    });

    test('are forgotten an hour after they were last seen (OPS-31)', async () => {
      await one.instances.put(instance());
      await one.instances.put(instance({ name: 'node-2', seenAt: NOW + 1 }));
      expect(await one.sweep(NOW + HOUR - 1, 100)).toBe(0);
      expect(await one.sweep(NOW + HOUR, 100)).toBe(1);
      expect(await other.instances.list()).toMatchObject([{ name: 'node-2' }]);
    });

    const expired = (id: string) =>
      mustCommit(one, { type: 'journey.insert', row: journeyRow({ id, expiresAt: NOW }) });
    const isThere = async (id: string) => (await one.journeySessions.get(id)) !== undefined;

    test('have one that sweeps, and when it is heard of no more, the next (OPS-32)', async () => {
      await expired('first');
      expect(await one.sweep(NOW, 100, 'a')).toBe(1);
      await expired('second');
      // It renews with each batch, and the time counts from the last one.
      expect(await one.sweep(NOW + 10_000, 100, 'a')).toBe(1);
      await expired('third');
      expect(await other.sweep(NOW + 10_000 + LEASE_MILLIS - 1, 100, 'b')).toBeUndefined();
      expect(await isThere('third')).toBe(true);
      expect(await other.sweep(NOW + 10_000 + LEASE_MILLIS, 100, 'b')).toBe(1);
      await expired('fourth');
      // The one before may have been held for all that time, and believes still that it is the one.
      expect(await one.sweep(NOW + 10_000 + LEASE_MILLIS, 100, 'a')).toBeUndefined();
      expect(await isThere('fourth')).toBe(true);
    });

    test('wait for nobody whose clock was set back meanwhile (OPS-32, F32)', async () => {
      expect(await one.sweep(NOW + HOUR, 100, 'a')).toBe(0);
      // By what two clocks may differ, there is one all the same.
      expect(await other.sweep(NOW + HOUR - LEASE_MILLIS, 100, 'b')).toBeUndefined();
      expect(await other.sweep(NOW, 100, 'b')).toBe(0);
      expect(await one.sweep(NOW, 100, 'a')).toBeUndefined();
    });

    test('leave what they did to the next at once when they end in order (OPS-33)', async () => {
      expect(await one.sweep(NOW, 100, 'a')).toBe(0);
      await other.instances.leave('b');
      expect(await other.sweep(NOW, 100, 'b')).toBeUndefined();
      await one.instances.leave('a');
      expect(await other.sweep(NOW, 100, 'b')).toBe(0);
    });

    test('never sweep both, however often they meet at the end of a lease (OPS-32, OPS-07)', async () => {
      for (let round = 0; round < 20; round += 1) {
        await expired(`round-${round}`);
        const at = NOW + 2 * round * LEASE_MILLIS;
        const swept = await Promise.all([one.sweep(at, 100, 'a'), other.sweep(at, 100, 'b')]);
        expect(swept.toSorted(), `round ${round}`).toEqual([1, undefined]);
      }
    });
  });
};
