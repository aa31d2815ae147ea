import pg from 'pg';

/**
 * Deletes every row of a PostgreSQL database, so that it is as new: its tables stay, since making them takes a test longer
 * than all that it does with them.
 */
const emptying = (kept: readonly string[]): string => `
DO $$
DECLARE it TEXT;
BEGIN
  FOR it IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN (${kept.map((table) => `'${table}'`).join(', ')}) LOOP
    EXECUTE 'DELETE FROM ' || quote_ident(it);
  END LOOP;
  IF to_regclass('configuration_version') IS NOT NULL THEN UPDATE configuration_version SET version = 0; END IF;
END $$`;

const KEPT = ['schema_migration', 'schema_floor', 'configuration_version'];

interface Emptied {
  /** Stores have the database open: they read their keys again now and then, and go on with them. */
  readonly isOpen?: boolean;
}

export const emptyWith = async (client: pg.Client, { isOpen = false }: Emptied = {}): Promise<void> => {
  await client.query(emptying(isOpen ? [...KEPT, 'data_key'] : KEPT));
};

export const emptyDatabase = async (url: string, emptied?: Emptied): Promise<void> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await emptyWith(client, emptied);
  } finally {
    await client.end();
  }
};

/** The tables of which a row has that text in it, in letters of either case, by name. */
export const tablesWith = async (url: string, text: string): Promise<readonly string[]> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    );
    const found: string[] = [];
    for (const { name } of rows) {
      const having = await client.query(
        `SELECT 1 FROM "${name}" AS it WHERE strpos(lower(CAST(it AS TEXT)), lower($1)) > 0 LIMIT 1`,
        [text],
      );
      if (having.rows.length > 0) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
};
