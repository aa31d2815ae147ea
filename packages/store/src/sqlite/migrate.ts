import { type Applied, refuseForeign } from '../migrations/applied.ts';
import { checksumOf, type Migration, sqlFor, sqlite } from '../migrations/migration.ts';
import type { Database } from './driver.ts';

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
