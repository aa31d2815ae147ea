import { createHash } from 'node:crypto';

/**
 * One step of the schema, forward only. It is written once for every database: `{bytes}` and `{auto_id}` stand for what
 * they spell differently. A migration that has landed is never edited; the stored checksum would refuse it.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export interface Dialect {
  readonly bytes: string;
  readonly auto_id: string;
}

export const sqlite: Dialect = { bytes: 'BLOB', auto_id: 'INTEGER PRIMARY KEY AUTOINCREMENT' };

export const sqlFor = (migration: Migration, dialect: Dialect): string =>
  migration.sql.replaceAll('{bytes}', dialect.bytes).replaceAll('{auto_id}', dialect.auto_id);

/** Of the text before a dialect fills it in, so that it is the same in every database. */
export const checksumOf = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');
