import { type SqlValue, type Statement, statement } from './verb.ts';

/** A statement with the values of its places. */
export type Filled = readonly [of: Statement, ...values: readonly SqlValue[]];

/** Rows of one statement: enough that what a statement costs is not what counts, and below the places of any database (32,766). */
const AT_ONCE = 100;

/**
 * Inserts many rows of a table by few statements; those that are there already are passed over. Each text is one of two, so that a database keeps its
 * plan: that of a hundred rows, or that of one.
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
  const [one, many] = [of(1), of(AT_ONCE)];
  return (rows) => {
    const inMany = rows.length - (rows.length % AT_ONCE);
    return [
      ...Array.from(
        { length: inMany / AT_ONCE },
        (_, at): Filled => [many, ...rows.slice(at * AT_ONCE, (at + 1) * AT_ONCE).flat()],
      ),
      ...rows.slice(inMany).map((row): Filled => [one, ...row]),
    ];
  };
};
