import { type SqlValue, type Statement, statement } from './verb.ts';

/** A statement with the values of its places. */
export type Filled = readonly [of: Statement, ...values: readonly SqlValue[]];

/**
 * Rows of one statement. A hundred are enough that what a statement costs is not what counts, and below the places of any database (32,766);
 * ten are the recovery codes of a user.
 */
const AT_ONCE = [100, 10, 1] as const;

/**
 * Inserts many rows of a table by few statements; those that are there already are passed over. Each text is one of three, so that a database keeps
 * its plan.
 */
export const manyRows = (
  table: string,
  columns: string,
): ((rows: readonly (readonly SqlValue[])[]) => readonly Filled[]) => {
  const places = `(${columns
    .split(',')
    .map(() => '?')
    .join(', ')})`;
  const of = (count: number) =>
    statement(
      `INSERT INTO ${table} (${columns}) VALUES ${Array.from({ length: count }, () => places).join(', ')} ON CONFLICT DO NOTHING`,
    );
  const sizes = AT_ONCE.map((count) => ({ count, insert: of(count) }));
  return (rows) => {
    let done = 0;
    return sizes.flatMap(({ count, insert }) => {
      const filled: Filled[] = [];
      for (; rows.length - done >= count; done += count) {
        filled.push([insert, ...rows.slice(done, done + count).flat()]);
      }
      return filled;
    });
  };
};
