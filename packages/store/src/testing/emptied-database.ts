import pg from 'pg';
import type { Store } from '../ports/store.ts';
import type { OpenStore } from './open-in-test.ts';

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

/** `isOpen` says that stores have it open, which read their keys again now and then, and go on with them. */
interface Emptied {
  readonly isOpen?: boolean;
}

const emptyWith = async (client: pg.Client, { isOpen = false }: Emptied = {}): Promise<void> => {
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

/**
 * A store on a PostgreSQL of its own that tests have one after the other, each of them empty: opening one costs more than most tests do with
 * it. One that has swept is not lent again, since a sweep goes on where the last one has stopped, nor one that has read the version of the
 * configuration, which never goes back while a store is open.
 */
class LentStore {
  readonly #open: OpenStore;
  #kept: Store | undefined;

  constructor(open: OpenStore) {
    this.#open = open;
  }

  /** Of a database that is empty by now. */
  async lend(): Promise<Store> {
    this.#kept ??= await this.#open();
    const kept = this.#kept;
    let isSpent = false;
    return {
      ...kept,
      sweep: (...given) => {
        isSpent = true;
        return kept.sweep(...given);
      },
      configuration: {
        ...kept.configuration,
        version: () => {
          isSpent = true;
          return kept.configuration.version();
        },
      },
      close: async () => {
        if (isSpent) await this.close();
      },
    };
  }

  async close(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.close();
  }
}

/** Two of them on one database, which `client` is connected to; a test has the first, or both. */
export class LentStores {
  readonly #client: pg.Client;
  readonly #one: LentStore;
  readonly #other: LentStore;

  constructor(client: pg.Client, open: OpenStore) {
    this.#client = client;
    this.#one = new LentStore(open);
    this.#other = new LentStore(open);
  }

  readonly one = async (): Promise<Store> => {
    await emptyWith(this.#client, { isOpen: true });
    return this.#one.lend();
  };

  readonly two = async (): Promise<readonly [Store, Store]> => {
    const one = await this.one();
    return [one, await this.#other.lend()];
  };

  async close(): Promise<void> {
    await this.#one.close();
    await this.#other.close();
  }
}
