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
  /** What programs that are older can do with it; absent for those from before two versions served at once: nothing. */
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
  readonly auto_id: string;
  /** A number for each new row, above those of all the rows there are. */
  readonly row_id: string;
  /** After the columns of a table whose rows lie under their primary key. */
  readonly clustered: string;
  /** Before a statement that is for databases which compare texts as people sort them, alone: SQLite compares their bytes. */
  readonly by_language: string;
  /** Before a statement that is for databases whose trail goes by ids alone: in SQLite it goes by numbers. */
  readonly by_id: string;
}

export const sqlite: Dialect = {
  bytes: 'BLOB',
  auto_id: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  row_id: 'INTEGER PRIMARY KEY',
  clustered: ' WITHOUT ROWID',
  by_language: '-- ',
  by_id: '-- ',
};

/** A database of it begins later (`BASELINE_VERSION`), and what was spelled differently before is not spelled any more since. */
export const postgres: Pick<Dialect, 'bytes' | 'by_language' | 'by_id'> = {
  bytes: 'BYTEA',
  by_language: '',
  by_id: '',
};

export const sqlFor = (migration: Migration, dialect: Partial<Dialect>): string =>
  migration.sql.replaceAll(/\{(\w+)\}/g, (_, word: string) => {
    const ours = dialect[word as keyof Dialect];
    if (ours === undefined) throw new TypeError(`this database has no word for {${word}}`);
    return ours;
  });

/** The statements of a migration as a database takes them. */
export const statementsFor = (migration: Migration, dialect: Partial<Dialect>): readonly string[] =>
  sqlFor(migration, dialect)
    .split(';')
    .map((text) => text.trim())
    .filter((text) => text !== '');

/** Of the text before a dialect fills it in, so that it is the same in every database. */
export const checksumOf = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');
