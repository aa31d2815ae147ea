import { createHash } from 'node:crypto';
import type { ColumnValue, Row } from '../sql/verbs/verb.ts';

/** A table as both databases have it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of the primary key, in its order. */
  readonly key: readonly string[];
}

/** What is not the same in both. */
export interface Difference {
  readonly table: string;
  /** Of which row, in words; absent where only the number of rows is another. */
  readonly key?: string;
  readonly problem: string;
}

/** The trail goes by numbers in SQLite, and by ids that tell the time elsewhere, beside which the numbers are its positions (OPS-16, OPS-58). */
export const isTrail = ({ name }: Table): boolean => name === 'audit';

/** A value as JSON has it; bytes as PostgreSQL writes them. */
const plainOf = (value: ColumnValue): string | number | null =>
  value instanceof Uint8Array
    ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
    : value;

/** The row as an object of its columns, for PostgreSQL to read. */
export const recordOf = (columns: readonly string[], row: Row): Readonly<Record<string, string | number | null>> =>
  Object.fromEntries(columns.map((column, at) => [column, plainOf(row[at] ?? null)]));

/** The form in which a row of one database is compared with that of the other. */
export const canonical = (row: Row): string => JSON.stringify(row.map(plainOf));

/** Which row it is, in words for an operator. */
export const keyText = ({ key }: Table, values: Row): string =>
  key.map((column, at) => `${column} ${String(plainOf(values[at] ?? null))}`).join(', ');

/** The SHA-256 of rows in that form, in the order of their keys, on top of that of all rows before them: so it can go on after a break. */
export const chained = (sha256: string, forms: readonly string[]): string =>
  createHash('sha256')
    .update(`${sha256}\n${forms.join('\n')}`)
    .digest('hex');
