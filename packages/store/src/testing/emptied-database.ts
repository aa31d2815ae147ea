import pg from 'pg';

/**
 * Deletes every row of a PostgreSQL database, so that it is as new: its tables stay, since making them takes a test longer
 * than all that it does with them.
 */
const EMPTY = `
DO $$
DECLARE it TEXT;
BEGIN
  FOR it IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('schema_migration', 'schema_floor', 'configuration_version') LOOP
    EXECUTE 'DELETE FROM ' || quote_ident(it);
  END LOOP;
  IF to_regclass('configuration_version') IS NOT NULL THEN UPDATE configuration_version SET version = 0; END IF;
END $$`;

export const emptyDatabase = async (url: string): Promise<void> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(EMPTY);
  } finally {
    await client.end();
  }
};
