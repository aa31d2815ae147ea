import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../ports/store.ts';
import { KEPT_DATA } from '../../rules/kept-data.ts';
import { LEASE_MILLIS } from '../../rules/leases.ts';
import { USUAL_RETENTION } from '../../rules/retention.ts';
import { auditEvent, CHECKPOINT_KEY_OF_TESTS, mustCommit, NOW, newUser, sealAll } from '../rows.ts';
import { placesOfText, type ReadTables } from '../tables/places-of-text.ts';
import { CANARY, erasePerson, personalRows } from './person.ts';

const DAY = 24 * 3_600_000;
/** As `auditDays` has it, where nobody says otherwise. */
const AUDIT_MILLIS = 400 * DAY;

/** A store of whose database every row can be read. */
export interface OpenedTables extends ReadTables {
  readonly store: Store;
}

export const describeRetention = (open: () => Promise<OpenedTables>): void => {
  describe('what is kept (security-reliability §7 "Retention")', () => {
    let opened: OpenedTables;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.store.close());

    test('stands table by table in one list, and each part of the sweep that deletes it', async () => {
      const listed = KEPT_DATA.flatMap(({ tables }) => tables);
      expect(new Set(listed).size).toBe(listed.length);
      const tables = (await opened.tables()).filter((name) => !name.startsWith('sqlite_'));
      expect(tables.filter((name) => !listed.includes(name))).toEqual([]);

      const swept: string[] = [];
      opened.store.observe({
        repeated: () => undefined,
        waited: () => undefined,
        swept: (part) => swept.push(part),
        expired: () => undefined,
      });
      await opened.store.sweep(NOW, 9);
      expect(swept.sort()).toEqual(KEPT_DATA.flatMap((it) => it.swept ?? []).sort());
    });

    test('goes with a user who is erased, table by table, where the list says that it does (security-reliability §7 "Erase")', async () => {
      const { store } = opened;
      const there = new Set(await opened.tables());
      const goes = KEPT_DATA.filter(({ erasure }) => erasure === 'gone')
        .flatMap(({ tables }) => tables)
        .filter((table) => there.has(table));
      const filled = async (): Promise<readonly string[]> => {
        const found: string[] = [];
        for (const table of goes) if ((await opened.rows(table)).length > 0) found.push(table);
        return found;
      };
      for (const change of personalRows()) await mustCommit(store, change);
      // A table that is missing here is new: `personalRows` makes a row of each kind.
      expect(await filled()).toEqual(goes);
      await mustCommit(store, ...erasePerson());
      expect(await filled()).toEqual([]);
    });

    test('has nothing of a user any more who was deleted, in any table, once the last of it has run out', async () => {
      const { store } = opened;
      for (const change of personalRows()) await mustCommit(store, change);
      await mustCommit(store, newUser({ id: 'user-0', username: 'other' }));
      await mustCommit(store, { type: 'identity.delete', id: 'user-1' });
      await sealAll(store);
      const kept = KEPT_DATA.map(({ longer = 0 }) => (longer === 'audit' ? AUDIT_MILLIS : longer)).map((it) =>
        typeof it === 'number' ? it : USUAL_RETENTION[it],
      );
      // All that a user has is over a day after the last use at the latest.
      const over = NOW + DAY + Math.max(...kept);
      // What is not erased leaves its traces for that long: else this test would find nothing in what it looks through.
      expect(await placesOfText(opened, [CANARY, 'user-1'])).toContain(`audit: ${CANARY}`);

      const now = over + LEASE_MILLIS;
      await mustCommit(store, { type: 'audit.append', event: auditEvent({ at: now, userId: 'user-0' }) });
      while (((await store.sweep(now, 500)) ?? 0) > 0);
      const holder = { holder: 'sealer', now, key: CHECKPOINT_KEY_OF_TESTS, transactionId: 't' };
      await sealAll(store, holder);
      await store.auditChain.trim({ ...holder, limit: 500, before: now - AUDIT_MILLIS, onlySent: false });
      expect(await placesOfText(opened, [CANARY, 'user-1'])).toEqual([]);
      // What is sealed shows no text: of what is about people, no row is left but those of the other one.
      const left = new Map<string, number>();
      for (const { tables, erasure } of KEPT_DATA) {
        for (const table of erasure === undefined ? [] : tables) {
          const isThere = (await opened.tables()).includes(table);
          const count = isThere && !table.startsWith('audit') ? (await opened.rows(table)).length : 0;
          if (count > 0) left.set(table, count);
        }
      }
      expect([...left.keys()].filter((table) => !table.startsWith('identity'))).toEqual([]);
    });
  });
};
