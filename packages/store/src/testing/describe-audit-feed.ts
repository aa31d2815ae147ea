import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { LEASE_MILLIS } from '../rules/leases.ts';
import type { OpenTwoStores } from './describe-races.ts';
import { auditEvent, mustCommit, NOW, sealAll } from './rows.ts';

export const describeAuditFeed = (open: OpenTwoStores): void => {
  describe('the trail as it is sent on', () => {
    let one: Store;
    let other: Store;
    beforeEach(async () => {
      [one, other] = await open();
    });
    afterEach(async () => {
      await one.close();
      await other.close();
    });

    const a = { holder: 'a', now: NOW };
    const write = (store: Store, ...names: readonly string[]) =>
      mustCommit(store, ...names.map((event) => ({ type: 'audit.append' as const, event: auditEvent({ event }) })));
    /** Sealed first, as whoever sends does (SEC-80). */
    const next = async (store: Store, by: typeof a, limit: number) => {
      await sealAll(store, { now: by.now });
      return store.auditFeed.next(by, limit);
    };
    const namesOf = (rows: Awaited<ReturnType<Store['auditFeed']['next']>>) =>
      rows?.map(({ event }) => event).filter((event) => event !== 'AUDIT_CHECKPOINT');

    test('comes again until it is said to be sent, and not after that (OPS-58)', async () => {
      expect(await next(one, a, 10)).toEqual([]);
      await write(one, 'FIRST', 'SECOND');
      await mustCommit(other, { type: 'audit.append', event: auditEvent({ event: 'THIRD', at: NOW + 1 }) });
      const rows = (await next(one, a, 2)) ?? [];
      expect(namesOf(rows)).toEqual(['FIRST', 'SECOND']);
      expect(rows[0]).toMatchObject({ ...auditEvent({ event: 'FIRST' }), id: expect.stringMatching(/^[\da-f-]{36}$/) });
      // Whoever was killed between sending and saying so is given the same rows under the same ids.
      expect(await next(one, a, 2)).toEqual(rows);
      expect(await one.auditFeed.sent(a, rows[1]?.position ?? 0)).toBe(true);
      expect(namesOf(await next(one, a, 2))).toEqual(['THIRD']);
      // What is said late, of rows before, takes nothing back.
      expect(await one.auditFeed.sent(a, rows[0]?.position ?? 0)).toBe(true);
      expect(namesOf(await next(one, a, 2))).toEqual(['THIRD']);
    });

    test('has what happens after the clock was set back to before it began (OPS-58, F32)', async () => {
      await one.auditFeed.begin(NOW + 3_600_000);
      await write(one, 'FIRST');
      expect(namesOf(await next(one, a, 10))).toEqual(['FIRST']);
      await write(one, 'SECOND');
      // Also once the time is there where it began before.
      const later = { holder: 'a', now: NOW + 3_600_000 };
      expect(namesOf(await next(one, later, 10))).toEqual(['FIRST', 'SECOND']);
    });

    test('is sent by one instance, and by the next once that is heard of no more (OPS-58, OPS-32)', async () => {
      await write(one, 'FIRST');
      const [row] = (await next(one, a, 10)) ?? [];
      expect(await next(other, { holder: 'b', now: NOW + LEASE_MILLIS - 1 }, 10)).toBeUndefined();
      const late = { holder: 'b', now: NOW + LEASE_MILLIS };
      expect(await next(other, late, 10)).toEqual([row]);
      // The one before was held for all that time; what it has sent is sent twice, and it moves nothing.
      expect(await one.auditFeed.sent({ holder: 'a', now: late.now }, row?.position ?? 0)).toBe(false);
      expect(await next(other, late, 10)).toEqual([row]);
      await other.instances.leave('b');
      expect(await next(one, { holder: 'a', now: late.now }, 10)).toEqual([row]);
    });

    test('begins with what happened from a moment on, whoever commits late and whoever says another one later (OPS-58)', async () => {
      const at = (time: number, event: string) =>
        mustCommit(one, { type: 'audit.append', event: auditEvent({ event, at: time }) });
      await at(NOW - 9_000, 'OLD');
      await at(NOW - 1, 'OLDER-BY-A-MOMENT');
      await at(NOW, 'FIRST');
      expect(await one.auditFeed.oldestUnsent()).toBeUndefined();
      await one.auditFeed.begin(NOW);
      await other.auditFeed.begin(0);
      await at(NOW + 1, 'SECOND');
      expect(await one.auditFeed.oldestUnsent()).toBe(NOW);
      const rows = (await next(one, a, 10)) ?? [];
      expect(namesOf(rows)).toEqual(['FIRST', 'SECOND']);
      await one.auditFeed.sent(a, rows[0]?.position ?? 0);
      expect(await other.auditFeed.oldestUnsent()).toBe(NOW + 1);
      await one.auditFeed.sent(a, rows[1]?.position ?? 0);
      expect(await one.auditFeed.oldestUnsent()).toBeUndefined();
      // Begun is begun, in whichever process.
      await one.auditFeed.begin(0);
      expect(await next(one, a, 10)).toEqual([]);
    });

    test('begins with the first row of all where that is what somebody wants (OPS-58)', async () => {
      await mustCommit(one, { type: 'audit.append', event: auditEvent({ event: 'OLD', at: 1 }) });
      await one.auditFeed.begin(0);
      expect(namesOf(await next(one, a, 10))).toEqual(['OLD']);
    });

    test('has each row once and in one order, whoever commits meanwhile (OPS-58)', async () => {
      const seen: { readonly id: string; readonly event: string; readonly position: number }[] = [];
      const writers = [one, other].map(async (store, writer) => {
        for (let at = 0; at < 20; at += 1) await write(store, `${writer}-${at}-x`, `${writer}-${at}-y`);
      });
      let isOver = false;
      const written = Promise.all(writers).then(() => {
        isOver = true;
      });
      for (let isLast = false; !isLast; ) {
        isLast = isOver;
        // A store of this process answers at once, and writers have their turn, too.
        await nextTurn();
        const rows = (await next(one, a, 7)) ?? [];
        seen.push(...rows);
        const last = rows.at(-1);
        if (last !== undefined) {
          isLast = false;
          await one.auditFeed.sent(a, last.position);
        }
      }
      await written;
      expect(seen.map(({ position }) => position)).toEqual(seen.map((_, at) => at + 1));
      expect(new Set(seen.map(({ id }) => id)).size).toBe(80);
      for (const writer of [0, 1]) {
        const expected = Array.from({ length: 20 }, (_, at) => [`${writer}-${at}-x`, `${writer}-${at}-y`]).flat();
        expect(seen.map(({ event }) => event).filter((event) => event.startsWith(`${writer}-`))).toEqual(expected);
      }
    });
  });
};
