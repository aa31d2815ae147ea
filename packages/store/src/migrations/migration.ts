import { createHash } from 'node:crypto';

/**
 * One step of the schema, forward only. It is written once for every database: words in braces stand for
 * what they spell differently. A migration that has landed is never edited; the stored checksum would refuse it.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /** One statement before each `;`. */
  readonly sql: string;
  /** Which older programs can serve on the result; none where absent, as for the first. */
  readonly beside?: Beside;
}

/** How a migration lives with programs that do not know it, while one after the other is replaced (OPS-19, REL-20). */
export interface Beside {
  /**
   * `expand` only adds, so that whoever could serve before can serve after it. `contract` takes away what nobody has needed
   * for two releases: so that it is left alone by the release that is replaced, and by the one that could come back.
   */
  readonly kind: 'expand' | 'contract';
  /** The oldest schema whose program serves on this one as it does on its own. */
  readonly livesWith: number;
}

export interface Dialect {
  readonly bytes: string;
  readonly audit_id: string;
  /** After the columns of a table whose rows are stored under their primary key. */
  readonly clustered: string;
  /**
   * After the columns of a table whose rows change often: free space in each page lets PostgreSQL change a row in place, and vacuum starts at
   * 2% dead rows.
   */
  readonly busy: string;
  /** After the type of a text column that must sort by bytes: PostgreSQL may sort by a language. */
  readonly by_bytes: string;
  /** Ends the name of an index on the user: PostgreSQL reserves the word `session_user`. */
  readonly owner: string;
  /** Before a statement on one line that only this database runs: a comment in the other one. */
  readonly in_sqlite: string;
  readonly in_postgres: string;
}

const COMMENT = '-- ';

export const sqlite: Dialect = {
  bytes: 'BLOB',
  audit_id: 'INTEGER',
  clustered: ' WITHOUT ROWID',
  busy: '',
  by_bytes: '',
  owner: 'user',
  in_sqlite: '',
  in_postgres: COMMENT,
};

export const postgres: Dialect = {
  bytes: 'BYTEA',
  audit_id: 'UUID',
  clustered: '',
  busy: ' WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)',
  by_bytes: ' COLLATE "C"',
  owner: 'owner',
  in_sqlite: COMMENT,
  in_postgres: '',
};

/** The text of a migration for one database, without comments. */
export const sqlFor = (migration: Migration, dialect: Dialect): string =>
  migration.sql
    .replaceAll(/\{(\w+)\}/g, (_, word: string) => {
      const spelled = dialect[word as keyof Dialect];
      if (spelled === undefined) throw new TypeError(`migration ${migration.version} has an unknown word {${word}}`);
      return spelled;
    })
    .replaceAll(/^--.*\n/gm, '');

/** The statements of a migration as a database takes them. */
export const statementsFor = (migration: Migration, dialect: Dialect): readonly string[] =>
  sqlFor(migration, dialect)
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '');

/** Of the text before a dialect fills it in, so that it is the same in every database. */
export const checksumOf = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');
