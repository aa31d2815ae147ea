import type { ChangeOf, ChangeType } from '../../ports/store.ts';

export type ColumnValue = null | number | string | Uint8Array;
/** A list stands where the text says `{any}`. */
export type SqlValue = ColumnValue | readonly string[];
/** The values of a row, in the order of the columns: an object with named members for each costs as much as finding it. */
export type Row = readonly ColumnValue[];

/**
 * One text for every database; `R` is the shape of its rows, which is the author's word: SQL is not checked by the
 * compiler. Words in braces stand for what a database says its own way: `{lock}` and `{share}` end a SELECT whose rows
 * nobody else may change, or may only read, until the commit; `= {any}` compares with each value of a list,
 * and `= {once}(SELECT …){end}` with each row of a query that runs once, before the rest; `{table_id}` is a
 * number of the table, another one after the table is made again; `{off}` is true of the row of a realm that is switched off;
 * `{lock_table}` with the name of a table and `{exclusively}` waits for each commit under way that has asked for its rows by `{share}`, also where it
 * found none; `{detail_hash}` is the hash of the detail of a row of the audit trail.
 */
export interface Statement<R extends Row = Row> {
  readonly text: string;
  /** For a table that is mostly empty: a plan that is kept was made for no rows, and reads all of them once there are many. */
  readonly isPlannedAnew?: boolean;
  /** Never there: it only tells the compiler of the rows. */
  readonly rows?: readonly R[];
}

export const statement = <R extends Row = Row>(
  text: string,
  options: Pick<Statement, 'isPlannedAnew'> = {},
): Statement<R> => ({ text, ...options });

/** A statement to be executed: for the number of rows it changes, for its first row, or for all of them. */
export interface Call {
  readonly wants: 'count' | 'row' | 'rows';
  readonly statement: Statement;
  readonly values: readonly SqlValue[];
}

/** How many rows calls returned; a call that only changes rows returns none. */
export const rowsReturned = (calls: readonly Call[], answers: readonly unknown[]): number =>
  calls.reduce((rows, { wants }, at) => {
    const answer = answers[at];
    if (wants === 'count' || answer === undefined) return rows;
    return rows + (wants === 'row' ? 1 : (answer as readonly unknown[]).length);
  }, 0);

/**
 * What is asked of a database, and what is made of its answers. A driver executes each call that it yields, at once or
 * after a while, and gives back what came of it; calls in a list need nothing of each other and may go together (OPS-03).
 */
export type Verb<T> = Generator<Call | readonly Call[], T, unknown>;

/** How many rows the statement changes. */
export function* run(of: Statement, ...values: readonly SqlValue[]): Verb<number> {
  return (yield { wants: 'count', statement: of, values }) as number;
}

/** The first row, or undefined where there is none. */
export function* first<R extends Row>(of: Statement<R>, ...values: readonly SqlValue[]): Verb<R | undefined> {
  return (yield { wants: 'row', statement: of, values }) as R | undefined;
}

export function* all<R extends Row>(of: Statement<R>, ...values: readonly SqlValue[]): Verb<readonly R[]> {
  return (yield { wants: 'rows', statement: of, values }) as readonly R[];
}

/** The first row of the same statement for each of the given values. */
export function* firstOfEach<R extends Row>(
  of: Statement<R>,
  given: readonly (readonly SqlValue[])[],
): Verb<readonly (R | undefined)[]> {
  if (given.length === 0) return [];
  return (yield given.map((values) => ({ wants: 'row', statement: of, values }))) as readonly (R | undefined)[];
}

/** The rows of several statements that need nothing of each other. */
export function* allOfEach<R extends Row>(
  given: readonly (readonly [of: Statement<R>, ...values: readonly SqlValue[]])[],
): Verb<readonly (readonly R[])[]> {
  if (given.length === 0) return [];
  return (yield given.map(([of, ...values]) => ({
    wants: 'rows',
    statement: of,
    values,
  }))) as readonly (readonly R[])[];
}

/** Asks for nothing: other requests have their turn there, in SQLite only where the verb reads alone. */
export function* turn(): Verb<void> {
  yield [];
}

/** Runs several statements, in their order; how many rows each changes. */
export function* countOfEach(
  given: readonly (readonly [of: Statement, ...values: readonly SqlValue[]])[],
): Verb<readonly number[]> {
  if (given.length === 0) return [];
  return (yield given.map(([of, ...values]) => ({ wants: 'count', statement: of, values }))) as readonly number[];
}

/** Runs one statement for each of the given values, in their order; how many rows each changes. */
function* countEach(of: Statement, given: readonly (readonly SqlValue[])[]): Verb<readonly number[]> {
  return yield* countOfEach(given.map((values) => [of, ...values] as const));
}

/** Runs one statement for each of the given values; how many rows all of them change. */
export function* runEach(of: Statement, given: readonly (readonly SqlValue[])[]): Verb<number> {
  return (yield* countEach(of, given)).reduce((sum, count) => sum + count, 0);
}

/** A verb for each change of a topic: applies it, and tells whether it did. */
export type ChangeVerbs<V extends ChangeType> = { readonly [K in V]: (change: ChangeOf<K>) => Verb<boolean> };

/** A verb for each method of a reader. */
export type ReadVerbs<R> = {
  readonly [K in keyof R]: R[K] extends (...given: infer G) => Promise<infer T> ? (...given: G) => Verb<T> : never;
};

/** Statements that need nothing of each other, as one verb. */
export function* together(calls: readonly Call[]): Verb<readonly unknown[]> {
  return (yield calls) as readonly unknown[];
}
