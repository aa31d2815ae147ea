import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginMove, callOffMove } from '../copy/final.ts';
import type { Store, StoreChange } from '../ports/store.ts';
import { settingsOf } from '../testing/describe-configuration.ts';
import { World } from '../testing/pairs/world.ts';
import { auditEvent, configuring, mustCommit, NOW } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { type Database, driverFor, openDatabase } from './driver.ts';
import { restoreSqliteInPlace } from './restore.ts';
import { openSqliteStore } from './sqlite-store.ts';

// What an import or a restore writes, broken at each statement: all of it is there, or none.

afterAll(removeScratch);

const masterKey = masterKeyOf('test');
const world = new World('broken');
const open = (file: string) => openSqliteStore({ file, masterKey, random: systemRandom });

const withStore = async (file: string, work: (store: Store) => Promise<unknown>): Promise<void> => {
  const store = await open(file);
  try {
    await work(store);
  } finally {
    await store.close();
  }
};
const committed =
  (...changesOf: readonly ((seenVersion: number) => StoreChange)[]) =>
  (file: string) =>
    withStore(file, async (store) => {
      const seenVersion = await store.configuration.version();
      await mustCommit(store, ...changesOf.map((it) => it(seenVersion)));
    });
const holder = { holder: 'me', now: NOW };

const writes: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  'a better hash of a password': committed(() => world.changes(0)['identity.rehash']),
  'an import of users': committed(
    () => world.changes(0)['users.insert'],
    () => ({ type: 'audit.append', event: auditEvent() }),
  ),
  'an import into a realm': committed((seenVersion) => world.changes(seenVersion)['configuration.change']),
  'an import of a realm': committed((seenVersion) => {
    const realm = '/new';
    return { ...world.carried(realm, seenVersion), createRealm: settingsOf(realm) };
  }),
  'the end of a realm': (file) => withStore(file, (store) => configuring(store).deleteRealm(world.realm)),
  'the mark of the trail': (file) => withStore(file, (store) => store.auditFeed.sent(holder, 1)),
  'a restore': (file) =>
    restoreSqliteInPlace({ file, masterKey, random: systemRandom, now: NOW, transactionId: 't', voidCodes: true }),
  'a move': (file) => beginMove(file, 'db'),
  'a move that is called off': async (file) => {
    const isMoved = await callOffMove(file);
    if (!isMoved) throw new Error('was not moved');
  },
};

const within = async <T>(file: string, work: (db: Database) => T): Promise<T> => {
  const db = await openDatabase(file, driverFor(process.versions.node));
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const tablesIn = (db: Database): readonly string[] =>
  db
    .prepare<[name: string]>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seen_write'",
    )
    .all()
    .map(([name]) => name);
const contentsOf = (file: string) =>
  within(file, (db) => tablesIn(db).map((name) => [name, JSON.stringify(db.prepare(`SELECT * FROM "${name}"`).all())]));

const KINDS = ['INSERT', 'UPDATE', 'DELETE'] as const;
const triggerOf = (table: string, kind: string, then: string): string =>
  `CREATE TRIGGER "seen ${table} ${kind}" BEFORE ${kind} ON "${table}" BEGIN ${then}; END`;

describe('what is broken at a statement leaves all as it was', () => {
  let base: string;
  let moved: string;
  beforeAll(async () => {
    base = scratchFile();
    await withStore(base, async (store) => {
      await mustCommit(store, world.realmMade(await store.configuration.version()));
      await mustCommit(store, ...world.made(), { type: 'audit.append', event: auditEvent() });
      await store.secrets.getOrCreate('auth-id-key', () => new Uint8Array([7]));
    });
    moved = scratchFile();
    copyFileSync(base, moved);
    await beginMove(moved, 'db');
  });

  test.each(Object.entries(writes))('%s (REL-01)', async (name, write) => {
    const from = name === 'a move that is called off' ? moved : base;
    const copy = (): string => {
      const file = scratchFile();
      copyFileSync(from, file);
      return file;
    };
    // Once to its end, to see what it writes.
    const whole = copy();
    await within(whole, (db) => {
      db.exec('CREATE TABLE seen_write (name TEXT NOT NULL)');
      for (const table of tablesIn(db))
        for (const kind of KINDS) db.exec(triggerOf(table, kind, `INSERT INTO seen_write VALUES ('${table} ${kind}')`));
    });
    await write(whole);
    const seen = await within(whole, (db) =>
      db.prepare<[name: string]>('SELECT DISTINCT name FROM seen_write ORDER BY rowid').all(),
    );
    expect(seen.length).toBeGreaterThan(0);
    const before = await contentsOf(from);
    for (const [place] of seen) {
      const [table = '', kind = ''] = place.split(' ');
      const file = copy();
      await within(file, (db) => db.exec(triggerOf(table, kind, "SELECT RAISE(ABORT, 'broken')")));
      await expect(write(file), place).rejects.toThrow();
      expect(await contentsOf(file), place).toEqual(before);
    }
  });
});
