import { type Migration, postgres, statementsFor } from '../migrations/migration.ts';

/** An index on a table that may have many rows by then. */
export interface LateIndex {
  readonly name: string;
  /** Makes it while others write to the table. */
  readonly text: string;
}

/** A migration as PostgreSQL gets it. */
export interface MigrationParts {
  /** What is a matter of a moment, in one transaction. */
  readonly atOnce: readonly string[];
  /** What takes as long as the tables are large: made afterwards, while everybody goes on (OPS-20). */
  readonly indexes: readonly LateIndex[];
}

const NEW_TABLE = /^CREATE TABLE (\w+)/;
const NEW_INDEX = /^(CREATE (?:UNIQUE )?INDEX) ((\w+) ON (\w+)[\s\S]*)$/;

/** An index on a table of the same migration belongs to the table, which nobody has seen yet. */
export const partsOf = (migration: Migration): MigrationParts => {
  const statements = statementsFor(migration, postgres);
  const made = new Set(statements.map((text) => NEW_TABLE.exec(text)?.[1]));
  const indexes = statements.flatMap((text): readonly (LateIndex & { readonly of: string })[] => {
    const [, create, rest, name, table] = NEW_INDEX.exec(text) ?? [];
    if (name === undefined || made.has(table)) return [];
    return [{ name, text: `${create} CONCURRENTLY ${rest}`, of: text }];
  });
  return {
    atOnce: statements.filter((text) => !indexes.some(({ of }) => of === text)),
    indexes: indexes.map(({ name, text }) => ({ name, text })),
  };
};
