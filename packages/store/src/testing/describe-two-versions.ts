import { afterEach, describe, expect, test } from 'vitest';
import type { Migration } from '../migrations/migration.ts';
import { type Store, StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import type { SchemaPlan } from '../schema/plan.ts';
import { mustCommit, NOW, newUser, sessionRow } from './rows.ts';

/** One database, and programs of several versions that come to it. */
export interface Versions {
  open(options?: { readonly migrations?: readonly Migration[]; readonly migrate?: 'auto' | 'off' }): Promise<Store>;
  plan(migrations: readonly Migration[]): Promise<SchemaPlan>;
  close(): Promise<void>;
}

const NOW_KNOWN = migrations.length;
const next = (by: number, rest: Omit<Migration, 'version' | 'name'>): Migration => ({
  version: NOW_KNOWN + by,
  name: `planted ${by}`,
  ...rest,
});

/** Everybody writes to the tables that it changes, and nobody says a word of what it adds. */
const expand = next(1, {
  sql: `
ALTER TABLE session ADD COLUMN planted TEXT;
ALTER TABLE throttle ADD COLUMN planted BIGINT NOT NULL DEFAULT 7;
CREATE INDEX session_planted ON session (planted);
CREATE TABLE planted (id TEXT PRIMARY KEY);
`,
  beside: { kind: 'expand', livesWith: NOW_KNOWN },
});
const contract = next(2, {
  sql: 'DROP INDEX session_planted; DROP TABLE planted;',
  beside: { kind: 'contract', livesWith: NOW_KNOWN + 1 },
});
const expanded = [...migrations, expand];
const contracted = [...expanded, contract];

/** Two versions of a program on one database, as while one instance after the other is replaced (OPS-19, REL-20, F35). */
export const describeTwoVersions = (make: () => Promise<Versions>): void => {
  describe('two versions at once', () => {
    let versions: Versions | undefined;
    const opened: Store[] = [];
    const begin = async (): Promise<Versions> => {
      versions = await make();
      return versions;
    };
    const openIn = async (at: Versions, ...options: Parameters<Versions['open']>): Promise<Store> => {
      const store = await at.open(...options);
      opened.push(store);
      return store;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
      await versions?.close();
      versions = undefined;
    });
    const logIn = (store: Store, name: string) =>
      mustCommit(
        store,
        newUser({ id: name, username: name }),
        { type: 'session.insert', row: sessionRow({ tokenHash: name, handle: name, sid: name, userId: name }) },
        { type: 'throttle.put', row: { subject: name, hits: [NOW], lockedUntil: 0, rev: 0 } },
      );
    const mustServeBoth = async (one: Store, other: Store): Promise<void> => {
      await logIn(one, 'by-one');
      await logIn(other, 'by-other');
      for (const store of [one, other]) {
        const found = await Promise.all(['by-one', 'by-other'].map((name) => store.sessions.get(name)));
        expect(found.map((it) => it?.userId)).toEqual(['by-one', 'by-other']);
        expect(await store.throttles.get(['by-one', 'by-other'])).toHaveLength(2);
      }
    };

    test('a program does not start on a schema that no longer serves it, and both are named', async () => {
      const at = await begin();
      await openIn(at, { migrations: contracted });
      const refused = at.open();
      await expect(refused).rejects.toThrow(StoreRefused);
      await expect(refused).rejects.toThrow(
        `newer version of Assent (schema ${NOW_KNOWN + 2}, this one knows ${NOW_KNOWN}), and serves programs that know ` +
          `schema ${NOW_KNOWN + 1} or later`,
      );
      await expect(at.open({ migrate: 'off' })).rejects.toThrow(StoreRefused);
      await expect(at.plan(migrations)).rejects.toThrow(StoreRefused);
    });

    test('a migration that says nothing of others leaves no older program to start', async () => {
      const at = await begin();
      await openIn(at, {
        migrations: [...migrations, next(1, { sql: 'CREATE TABLE planted (id TEXT PRIMARY KEY);' })],
      });
      await expect(at.open()).rejects.toThrow(StoreRefused);
    });

    test('another migration under a number that both know is refused, whatever comes after it', async () => {
      const at = await begin();
      await openIn(at, { migrations: contracted });
      const other = { ...expand, sql: 'CREATE TABLE other (id TEXT PRIMARY KEY);' };
      await expect(at.open({ migrations: [...migrations, other] })).rejects.toThrow(
        `another migration ${NOW_KNOWN + 1}`,
      );
    });

    test('a program that may change nothing refuses an older schema, and leaves it as it is', async () => {
      const at = await begin();
      await openIn(at);
      await expect(at.open({ migrations: expanded, migrate: 'off' })).rejects.toThrow(
        'brought there by `assent migrate`',
      );
      expect((await at.plan(expanded)).version).toBe(NOW_KNOWN);
      await openIn(at, { migrate: 'off' });
    });

    test('a program that may change nothing makes no new installation of an empty database (OPS-34)', async () => {
      const at = await begin();
      for (const _start of [1, 2]) await expect(at.open({ migrate: 'off' })).rejects.toThrow('The database is empty');
      expect((await at.plan(migrations)).version).toBe(0);
    });

    test.each(['auto', 'off'] as const)(
      'an older one starts beside a newer one, which serves on (%s)',
      async (migrate) => {
        const at = await begin();
        const newer = await openIn(at, { migrations: expanded });
        const older = await openIn(at, { migrate });
        await mustServeBoth(newer, older);
      },
    );

    test('an older one that serves goes on while a newer one changes the schema, and after it', async () => {
      const at = await begin();
      const older = await openIn(at);
      await logIn(older, 'before');
      const newer = await openIn(at, { migrations: expanded });
      expect((await newer.sessions.get('before'))?.userId).toBe('before');
      await mustServeBoth(older, newer);
      const newest = await openIn(at, { migrations: contracted });
      await openIn(at, { migrations: expanded });
      expect((await newest.sessions.get('by-one'))?.userId).toBe('by-one');
    });

    test('a plan tells what would be done, and does none of it (OPS-20)', async () => {
      const at = await begin();
      await openIn(at);
      expect((await at.plan(migrations)).migrations).toEqual([]);
      const planned = await at.plan(contracted);
      expect(planned).toMatchObject({ version: NOW_KNOWN, known: NOW_KNOWN + 2, indexes: [] });
      expect(planned.migrations).toMatchObject([
        { version: NOW_KNOWN + 1, name: 'planted 1', kind: 'expand', livesWith: NOW_KNOWN },
        { version: NOW_KNOWN + 2, name: 'planted 2', kind: 'contract', livesWith: NOW_KNOWN + 1 },
      ]);
      expect(planned.migrations.map(({ steps }) => steps.length)).toEqual([4, 2]);
      expect(await at.plan(contracted)).toEqual(planned);
    });
  });
};
