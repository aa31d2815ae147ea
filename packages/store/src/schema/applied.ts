import { checksumOf, type Migration } from '../migrations/migration.ts';
import { StoreRefused } from '../ports/store.ts';

/** A migration that a database has had. */
export type Applied = readonly [version: number, checksum: string];

/** What a database says of its schema. */
export interface SchemaState {
  readonly applied: readonly Applied[];
  /** The oldest schema whose program can serve on a certain one; absent where nobody has said so. */
  readonly floor?: Floor;
}

export type Floor = readonly [version: number, livesWith: number];

/**
 * How a database keeps account of its schema, in any of them: a row for each migration, and one for all of them that says who
 * can live with the whole. Programs that are older than a migration read nothing else of it (OPS-19).
 */
export const BOOKKEEPING: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)',
  'CREATE TABLE IF NOT EXISTS schema_floor (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, lives_with BIGINT NOT NULL)',
];
/** With the newest version that is applied, and who lives with all of them. */
export const WRITE_FLOOR = `INSERT INTO schema_floor (id, version, lives_with) VALUES (1, ?, ?)
  ON CONFLICT (id) DO UPDATE SET version = excluded.version, lives_with = excluded.lives_with`;
export const READ_FLOOR = 'SELECT version, lives_with FROM schema_floor';

/** The oldest schema whose program can serve once these were applied. */
export const livesWithAll = (migrations: readonly Migration[]): number =>
  Math.max(0, ...migrations.map(({ version, beside }) => beside?.livesWith ?? version));

/** The migrations that a database still has to get. */
export const pendingIn = ({ applied }: SchemaState, known: readonly Migration[]): readonly Migration[] =>
  known.filter(({ version }) => version > applied.length);

/** The checksum of the first of the 39 migrations that made the schema before the first release (ADR 140). */
const FIRST_OF_DEVELOPMENT = 'febfdb53c7224f6988dfb461754df67ecd984b33fdb20a219c81053dc5ae2f3a';

/**
 * Throws where the database was made, or changed, by another version of Assent than this one can live with. A newer schema is
 * none of them where it says that a program of this one can serve on it (OPS-19).
 */
export const refuseForeign = ({ applied, floor }: SchemaState, known: readonly Migration[]): void => {
  if (applied.some(([version, checksum]) => version === 1 && checksum === FIRST_OF_DEVELOPMENT))
    throw new StoreRefused(
      'The database was made by a development version of Assent, from before the first release: export each realm with its users by that ' +
        'version (`assent export realm FILE --users`), start this version on an empty database, and import the files there ' +
        '(`assent import realm FILE --users`).',
    );
  const newest = applied.at(-1)?.[0] ?? 0;
  const livesWith = floor?.[0] === newest ? floor[1] : undefined;
  if (newest > known.length && (livesWith === undefined || livesWith > known.length)) {
    const needed = livesWith === undefined ? '' : `, and serves programs that know schema ${livesWith} or later`;
    throw new StoreRefused(
      `The database was made by a newer version of Assent (schema ${newest}, this one knows ${known.length})${needed}. ` +
        'Start that version, or restore a backup made by this one.',
    );
  }
  for (const [version, checksum] of applied) {
    const migration = known.find((it) => it.version === version);
    if (migration !== undefined && checksumOf(migration) !== checksum) {
      throw new StoreRefused(
        `The database was changed by another migration ${version} than the one this version of Assent has. ` +
          'Start the version that made it, or restore a backup.',
      );
    }
  }
};

/**
 * Why a program that may change nothing does not start. One that finds nothing at all makes no new installation of it: whoever has one
 * has named another database, or lost theirs (OPS-34).
 */
export const notUpToDate = ({ applied }: SchemaState): StoreRefused =>
  new StoreRefused(
    applied.length === 0
      ? 'The database is empty, and is made by `assent migrate`, or by a start without ASSENT_MIGRATE=off. If there ought to be ' +
          'something in it, look whether ASSENT_DATABASE_URL or ASSENT_DATA_DIR names another, or restore a backup.'
      : 'The schema of the database is not yet the one of this version of Assent, and is brought there by `assent migrate`, or by a ' +
          'start without ASSENT_MIGRATE=off; `assent upgrade-check` tells whether servers that run now could serve on.',
  );
