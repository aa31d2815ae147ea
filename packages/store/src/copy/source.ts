import { trailIdOf } from '../sql/trail/trail-id.ts';
import type { ColumnValue, Row } from '../sql/verbs/verb.ts';
import type { Database } from '../sqlite/driver.ts';
import { isTrail, type Table } from './rows.ts';

/** Rows that follow each other by key. */
export interface Batch {
  /** As the target has them. */
  readonly rows: readonly Row[];
  /** Where the next ones begin; undefined where there are none. */
  readonly after: readonly ColumnValue[] | undefined;
}

const AT_ONCE = 1_000;
/** Rows together are one text on their way, which has a limit of its own, however large each of them is. */
const BYTES_AT_ONCE = 16 * 1_024 * 1_024;

const bytesOf = (row: Row): number =>
  row.reduce<number>((sum, value) => sum + (value === null || typeof value === 'number' ? 8 : value.length), 0);

/** As many from the beginning as go into one transaction; one at least. */
const fitting = (rows: readonly Row[]): readonly Row[] => {
  let bytes = 0;
  const end = rows.findIndex((row) => {
    bytes += bytesOf(row);
    return bytes > BYTES_AT_ONCE;
  });
  return end < 0 ? rows : rows.slice(0, Math.max(1, end));
};

const quotedAll = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Reads a table by its key, a thousand rows at a time; the file is a snapshot, which nobody changes. */
export const batchFrom = (db: Database, table: Table, after: readonly ColumnValue[] | undefined): Batch => {
  const { name, columns, key } = table;
  const from = after === undefined ? '' : `WHERE (${quotedAll(key)}) > (${key.map(() => '?').join(', ')})`;
  const read = db
    .prepare(`SELECT ${quotedAll(columns)} FROM "${name}" ${from} ORDER BY ${quotedAll(key)} LIMIT ${AT_ONCE}`)
    .all(...(after ?? []));
  const found = fitting(read);
  const last = found.at(-1);
  const next =
    read.length < AT_ONCE && found.length === read.length
      ? undefined
      : key.map((column) => last?.[columns.indexOf(column)] ?? null);
  if (!isTrail(table)) return { rows: found, after: next };
  const [id, at, position] = ['id', 'at', 'position'].map((column) => columns.indexOf(column)) as [
    number,
    number,
    number,
  ];
  const placed = (row: Row) =>
    row.with(id, trailIdOf(Number(row[at]), Number(row[id]))).with(position, row[id] ?? null);
  return { rows: found.map(placed), after: next };
};

/** The batch behind a key, or undefined where there is none. It is read at once: what may be at work meanwhile is the other database. */
export const batchBehind = async (db: Database, table: Table, after: Batch['after']): Promise<Batch | undefined> =>
  after === undefined ? undefined : batchFrom(db, table, after);

/** The columns of a table there. */
export const columnsIn = (db: Database, name: string): readonly string[] =>
  db
    .prepare<[name: string]>(`SELECT name FROM pragma_table_info('${name}')`)
    .all()
    .map(([column]) => column);
