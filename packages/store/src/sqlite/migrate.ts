import { checksumOf, type Migration, sqlFor, sqlite } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';
import type { Database } from './driver.ts';

type Applied = readonly [version: number, checksum: string];

const refuseForeign = (applied: readonly Applied[], known: readonly Migration[]): void => {
  for (const [version, checksum] of applied) {
    const migration = known.find((it) => it.version === version);
    if (migration === undefined) {
      throw new StoreRefused(
        `The database was made by a newer version of Assent (schema ${version}, this one knows ${known.length}). ` +
          'Start that version, or restore a backup made by this one.',
      );
    }
    if (checksumOf(migration) !== checksum) {
      throw new StoreRefused(
        `The database was changed by another migration ${version} than the one this version of Assent has. ` +
          'Start the version that made it, or restore a backup.',
      );
    }
  }
};

/** Brings the schema up to date; two processes that start at once take turns, and a killed one leaves nothing half done. */
export const migrate = (db: Database, known: readonly Migration[]): void => {
  db.exec('BEGIN EXCLUSIVE');
  try {
    db.exec(
      'CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)',
    );
    const applied = db.prepare<Applied>('SELECT version, checksum FROM schema_migration ORDER BY version').all();
    refuseForeign(applied, known);
    const record = db.prepare('INSERT INTO schema_migration (version, name, checksum) VALUES (?, ?, ?)');
    for (const migration of known.filter((it) => it.version > applied.length)) {
      db.exec(sqlFor(migration, sqlite));
      record.run(migration.version, migration.name, checksumOf(migration));
    }
    db.exec('COMMIT');
  } catch (failure) {
    db.exec('ROLLBACK');
    throw failure;
  }
};
