import { type Migration, sqlite, statementsFor } from '../migrations/migration.ts';
import { livesWithAll } from './applied.ts';
import { partsOf } from './parts.ts';

/**
 * Who waits for a statement: `nobody`; others who want the same `table`, for a moment; who writes the same `rows`; or every
 * `writer`, until all of it is done.
 */
export type ExpectedLock = 'nobody' | 'table' | 'rows' | 'writer';

export interface PlannedStep {
  readonly statement: string;
  readonly lock: ExpectedLock;
}

/** A migration that a database still has to get. */
export interface PlannedMigration {
  readonly version: number;
  readonly name: string;
  /** `alone`: no older program can serve beside it. */
  readonly kind: 'expand' | 'contract' | 'alone';
  readonly livesWith: number;
  readonly steps: readonly PlannedStep[];
}

export interface SchemaPlan {
  /** What the database has; 0 where it is new. */
  readonly version: number;
  /** What this program knows. */
  readonly known: number;
  readonly migrations: readonly PlannedMigration[];
  /** Indexes that somebody has begun and not ended. */
  readonly indexes: readonly PlannedStep[];
}

const lockOf = (statement: string): ExpectedLock => {
  if (/^(?:INSERT|UPDATE|DELETE)\b/.test(statement)) return 'rows';
  return /^CREATE\b/.test(statement) ? 'nobody' : 'table';
};

const planned = (migration: Migration, steps: readonly PlannedStep[]): PlannedMigration => ({
  version: migration.version,
  name: migration.name,
  kind: migration.beside?.kind ?? 'alone',
  livesWith: migration.beside?.livesWith ?? migration.version,
  steps,
});

/** SQLite has one writer, and it gets all migrations in one transaction. */
export const plannedOnSqlite = (migration: Migration): PlannedMigration =>
  planned(
    migration,
    statementsFor(migration, sqlite).map((statement) => ({ statement, lock: 'writer' })),
  );

export const plannedIndex = (statement: string): PlannedStep => ({ statement, lock: 'nobody' });

export const plannedOnPostgres = (migration: Migration): PlannedMigration => {
  const { atOnce, indexes } = partsOf(migration);
  return planned(migration, [
    ...atOnce.map((statement) => ({ statement, lock: lockOf(statement) })),
    ...indexes.map(({ text }) => plannedIndex(text)),
  ]);
};

/** A new database gets everything at once. */
export const plannedBeginning = (known: readonly Migration[]): PlannedMigration => ({
  version: known.length,
  name: 'all tables of a new database',
  kind: 'alone',
  livesWith: livesWithAll(known),
  steps: [],
});
