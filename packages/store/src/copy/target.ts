import type pg from 'pg';
import { StoreRefused } from '../ports/store.ts';
import type { ColumnValue, Row } from '../sql/verbs/verb.ts';
import { type Difference, recordOf, type Table } from './rows.ts';

/** What is not copied: the account of the schema, who is there, and what says where a copy is and belongs. */
const NOT_COPIED: readonly string[] = [
  'schema_migration',
  'schema_floor',
  'schema_index',
  'lease',
  'instance',
  'store_copy',
  'configuration_version',
];

/** How far each table has come in either phase; it goes with the end of the copy. */
const PROGRESS = `CREATE TABLE IF NOT EXISTS store_copy (
  table_name TEXT, phase TEXT, after TEXT, is_done BIGINT NOT NULL DEFAULT 0, rows BIGINT NOT NULL DEFAULT 0,
  sha256 TEXT NOT NULL DEFAULT '', differences TEXT NOT NULL DEFAULT '[]', PRIMARY KEY (table_name, phase)
)`;

/** The rows of an answer as lists; statements without values may be several. */
const rowsOf = async (client: pg.Client, text: string, values?: readonly unknown[]): Promise<readonly Row[]> => {
  const { rows } = await client.query<ColumnValue[]>({
    text,
    rowMode: 'array',
    ...(values && { values: [...values] }),
  });
  return rows;
};

const inOne = async <T>(client: pg.Client, work: () => Promise<T>): Promise<T> => {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (failure) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw failure;
  }
};

/** All tables that are copied, with their columns and keys as the catalogue has them. */
export const tablesOf = async (client: pg.Client): Promise<readonly Table[]> => {
  const columns = await rowsOf(
    client,
    `SELECT c.relname::text, a.attname::text, array_position(i.indkey::int2[], a.attnum)
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT c.relname = ANY($1)
     ORDER BY c.relname, a.attnum`,
    [NOT_COPIED],
  );
  const names = [...new Set(columns.map(([name]) => String(name)))];
  return names.map((name) => {
    const own = columns.filter(([table]) => table === name);
    const key = own.filter(([, , place]) => place !== null).sort(([, , a], [, , b]) => Number(a) - Number(b));
    const nameOf = ([, column]: Row) => String(column);
    return { name, columns: own.map(nameOf), key: key.map(nameOf) };
  });
};

const SELECT_HOME = 'SELECT home FROM configuration_version WHERE id = 1';
const homeIn = ([row]: readonly Row[]): string => String(row?.[0] ?? '');
/** Whoever starts a server on the database, or copies into it, waits until the transaction has ended. */
const holdHome = async (client: pg.Client): Promise<string> =>
  homeIn(await rowsOf(client, `${SELECT_HOME} FOR UPDATE`));

/** For a transaction of that copy: throws where the database is another one's by now. */
const holdFor = async (client: pg.Client, id: string): Promise<void> => {
  if ((await holdHome(client)) === `copying ${id}`) return;
  throw new StoreRefused(
    'Another copy into this database was begun, or has come to its end, meanwhile. This one has ended.',
  );
};

/** One transaction of that copy. */
export const inCopy = <T>(client: pg.Client, id: string, work: () => Promise<T>): Promise<T> =>
  inOne(client, async () => {
    await holdFor(client, id);
    return work();
  });

/** Whether the target has a part of that copy already, so that it goes on. */
export const isUnderWay = async (client: pg.Client, id: string): Promise<boolean> =>
  homeIn(await rowsOf(client, SELECT_HOME)) === `copying ${id}`;

/**
 * Makes the target ready for a copy. It is empty, or has a copy that nobody has served on; anything else may be somebody's, and is left as
 * it is.
 */
export const beginIn = (client: pg.Client, tables: readonly Table[], id: string): Promise<void> =>
  inOne(client, async () => {
    if (!/^copying |^copied$/.test(await holdHome(client))) {
      for (const { name } of tables) {
        const [row] = await rowsOf(client, `SELECT 1 FROM "${name}" LIMIT 1`);
        if (row === undefined) continue;
        throw new StoreRefused(
          `The database to copy into has rows of its own (in the table ${name}). Name an empty one; nothing was changed.`,
        );
      }
    }
    await client.query(PROGRESS);
    await client.query(`TRUNCATE ${[...tables.map(({ name }) => `"${name}"`), 'store_copy'].join(', ')}`);
    await client.query({
      text: `INSERT INTO store_copy (table_name, phase)
        SELECT name, phase FROM unnest($1::text[]) AS t(name), unnest(ARRAY['written', 'compared']) AS p(phase)`,
      values: [tables.map(({ name }) => name)],
    });
    await client.query({ text: 'UPDATE configuration_version SET home = $1 WHERE id = 1', values: [`copying ${id}`] });
  });

/** All rows of a table are written, and then all are compared. */
export type Phase = 'written' | 'compared';

/** How far a table has come. */
export interface Progress {
  /** Behind which key it goes on; undefined for its beginning. */
  readonly after: readonly ColumnValue[] | undefined;
  readonly isDone: boolean;
  readonly rows: number;
  /** Of the rows that were compared; empty before the first. */
  readonly sha256: string;
  /** Among those, and whether the number of rows is another. */
  readonly differences: readonly Difference[];
}

const keyOrNull = (after: readonly ColumnValue[] | undefined): string | null =>
  after === undefined ? null : JSON.stringify(after);

const progressIn = async (client: pg.Client, { name }: Table, phase: Phase): Promise<Progress> => {
  const [row] = await rowsOf(
    client,
    'SELECT after, is_done, rows, sha256, differences FROM store_copy WHERE table_name = $1 AND phase = $2',
    [name, phase],
  );
  if (row === undefined) throw new Error(`The copy knows nothing of the table ${name}.`);
  const [after, isDone, rows, sha256, differences] = row;
  return {
    after: after === null ? undefined : JSON.parse(String(after)),
    isDone: isDone === 1,
    rows: Number(rows),
    sha256: String(sha256),
    differences: JSON.parse(String(differences)),
  };
};

export const progressOf = (client: pg.Client, id: string, table: Table, phase: Phase): Promise<Progress> =>
  inCopy(client, id, () => progressIn(client, table, phase));

/** A part of a table that is to be written. */
export interface Part {
  readonly rows: readonly Row[];
  /** Behind which they come. */
  readonly behind: readonly ColumnValue[] | undefined;
  /** Where the next ones begin; undefined where there are none. */
  readonly after: readonly ColumnValue[] | undefined;
}

/**
 * The rows, and how far the table has come by them, in a transaction of the copy. One of a copy that was killed may still have been at work,
 * and is waited for there; where the table has come further by it than was known nothing is written, which the answer tells.
 */
export const write = async (client: pg.Client, table: Table, { rows, behind, after }: Part): Promise<boolean> => {
  const { name, columns } = table;
  const names = columns.map((column) => `"${column}"`).join(', ');
  const { rowCount } = await client.query({
    text: `WITH step AS (
        UPDATE store_copy SET after = $3, is_done = $4, rows = rows + $5
        WHERE table_name = $1 AND phase = 'written' AND is_done = 0 AND after IS NOT DISTINCT FROM $2 RETURNING 1
      )
      INSERT INTO "${name}" (${names})
      SELECT ${names} FROM json_populate_recordset(NULL::"${name}", $6) WHERE EXISTS (SELECT 1 FROM step)`,
    values: [
      name,
      keyOrNull(behind),
      keyOrNull(after),
      after === undefined ? 1 : 0,
      rows.length,
      JSON.stringify(rows.map((row) => recordOf(columns, row))),
    ],
  });
  return rowCount === rows.length;
};

/** Up to there the table was compared. */
export const noteCompared = async (
  client: pg.Client,
  id: string,
  { name }: Table,
  progress: Progress,
): Promise<void> => {
  const { after, isDone, rows, sha256, differences } = progress;
  const query = {
    text: `UPDATE store_copy SET after = $2, is_done = $3, rows = $4, sha256 = $5, differences = $6
      WHERE table_name = $1 AND phase = 'compared'`,
    values: [name, keyOrNull(after), isDone ? 1 : 0, rows, sha256, JSON.stringify(differences)],
  };
  await inCopy(client, id, () => client.query(query));
};

/** All is compared from the beginning when the copy is begun again. */
export const forgetCompared = async (client: pg.Client, id: string): Promise<void> => {
  const text = `UPDATE store_copy SET after = NULL, is_done = 0, rows = 0, sha256 = '', differences = '[]' WHERE phase = 'compared'`;
  await inCopy(client, id, () => client.query(text));
};

/** The rows that have those keys, as they are read back. */
export const readBack = (client: pg.Client, table: Table, keys: readonly Row[]): Promise<readonly Row[]> => {
  const { name, columns, key } = table;
  const names = columns.map((column) => `t."${column}"`).join(', ');
  const on = key.map((column) => `t."${column}" = k."${column}"`).join(' AND ');
  return rowsOf(
    client,
    `SELECT ${names} FROM json_populate_recordset(NULL::"${name}", $1) k JOIN "${name}" t ON ${on}`,
    [JSON.stringify(keys.map((values) => recordOf(key, values)))],
  );
};

export const countOf = async (client: pg.Client, { name }: Table): Promise<number> =>
  Number((await rowsOf(client, `SELECT COUNT(*) FROM "${name}"`))[0]?.[0]);

/** The copy is whole: whoever opens it next settles there. */
export const finishIn = (
  client: pg.Client,
  id: string,
  { version, epoch }: { readonly version: number; readonly epoch: number },
): Promise<void> =>
  inCopy(client, id, async () => {
    const text = "UPDATE configuration_version SET version = $1, epoch = $2, home = 'copied' WHERE id = 1";
    await client.query({ text, values: [version, epoch] });
    await client.query('DROP TABLE store_copy');
  });
