import type pg from 'pg';
import type { Store } from '../../ports/store.ts';
import { emptyWith } from '../emptied-database.ts';
import type { OpenStore } from '../open-in-test.ts';

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
