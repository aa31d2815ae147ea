import pg from 'pg';
import { openSqlite } from '../faults/servers/stored.ts';

/** What is of one database alone: its schema, who is there, and which life of it this is. */
const OWN = ['schema_migration', 'schema_floor', 'schema_index', 'lease', 'instance', 'configuration_version'];
const AT_ONCE = 5_000;
const SHOWN = 5;

export interface Compared {
  readonly rows: number;
  /** In words, the first few. */
  readonly differences: readonly string[];
}

interface Table {
  readonly name: string;
  /** As each database is asked for the same rows in the same order. */
  readonly inPostgres: string;
  readonly inSqlite: string;
}

type Value = string | number | bigint | Uint8Array | null;

/** The same text for the same value, whichever driver has read it. */
const shown = (value: Value | undefined): string =>
  value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : JSON.stringify(String(value));

const tablesOf = async (client: pg.Client): Promise<readonly Table[]> => {
  const { rows } = await client.query<{ name: string; columns: string[]; key: string[]; texts: string[] }>(
    `SELECT c.table_name AS name, array_agg(c.column_name::text ORDER BY c.ordinal_position) AS columns,
       coalesce(array_agg(c.column_name::text) FILTER (WHERE c.data_type = 'text'), '{}') AS texts,
       (SELECT array_agg(k.column_name::text ORDER BY k.ordinal_position) FROM information_schema.key_column_usage k
        WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name) AS key
     FROM information_schema.columns c WHERE c.table_schema = current_schema() AND NOT c.table_name = ANY($1)
     GROUP BY c.table_schema, c.table_name ORDER BY c.table_name`,
    [OWN],
  );
  return rows.map(({ name, columns, key, texts }) => {
    // The trail goes by numbers in the one, which are beside the ids of the other.
    const isTrail = name === 'audit';
    const wanted = columns.filter((column) => !isTrail || column !== 'id');
    const sqlite = wanted.map((column) => (isTrail && column === 'position' ? 'id' : `"${column}"`));
    const order = isTrail ? ['position'] : key;
    const byBytes = order.map((column) => (texts.includes(column) ? `"${column}" COLLATE "C"` : `"${column}"`));
    return {
      name,
      inPostgres: `SELECT ${wanted.map((it) => `"${it}"`).join(', ')} FROM "${name}" ORDER BY ${byBytes.join(', ')}`,
      inSqlite: `SELECT ${sqlite.join(', ')} FROM "${name}" ORDER BY ${(isTrail ? ['id'] : key).map((it) => `"${it}"`).join(', ')}`,
    };
  });
};

async function* rowsOfPostgres(client: pg.Client, { inPostgres }: Table): AsyncGenerator<readonly Value[], undefined> {
  await client.query('BEGIN');
  await client.query(`DECLARE compared NO SCROLL CURSOR FOR ${inPostgres}`);
  for (;;) {
    const text = `FETCH ${AT_ONCE} FROM compared`;
    const { rows } = await client.query<Value[]>({ text, rowMode: 'array' });
    yield* rows;
    if (rows.length < AT_ONCE) break;
  }
  await client.query('COMMIT');
  return undefined;
}

/** Compares a database of SQLite that nobody writes to with its copy, row by row, by no line of the command that has made the copy. */
export const compareDatabases = async (file: string, url: string): Promise<Compared> => {
  const db = openSqlite(file);
  const client = new pg.Client(url);
  await client.connect();
  const differences: string[] = [];
  let count = 0;
  try {
    for (const table of await tablesOf(client)) {
      const copied = rowsOfPostgres(client, table);
      for (const row of db.prepare(table.inSqlite).iterate()) {
        count += 1;
        const wanted = Object.values(row as Readonly<Record<string, Value>>)
          .map(shown)
          .join();
        const { value } = await copied.next();
        const there = value?.map(shown).join();
        if (wanted !== there) differences.push(`${table.name}: ${wanted.slice(0, 80)} is ${there?.slice(0, 80)}`);
        if (differences.length >= SHOWN) return { rows: count, differences };
      }
      const { value: more } = await copied.next();
      if (more !== undefined)
        differences.push(`${table.name}: ${more.map(shown).join().slice(0, 80)} is not in the source`);
    }
    return { rows: count, differences };
  } finally {
    db.close();
    await client.end();
  }
};
