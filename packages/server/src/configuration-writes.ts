import { createHash } from 'node:crypto';
import type { ConfigurationStore } from '@assent/engine';
import { Turns } from '@assent/engine';
import type { LiveConfiguration } from './live-configuration.ts';

/** Changes of the configuration, one at a time, each seen by this instance as soon as it is answered. */
export class ConfigurationWrites {
  readonly #store: ConfigurationStore;
  readonly #live: LiveConfiguration;
  readonly #turns = new Turns();

  constructor(store: ConfigurationStore, live: LiveConfiguration) {
    this.#store = store;
    this.#live = live;
  }

  /** `work` reads what is in force now and writes what follows from it; nobody here is in between (SEC-72). */
  async inTurn<T>(work: (store: ConfigurationStore) => Promise<T>): Promise<T> {
    const end = await this.#turns.take('configuration');
    try {
      await this.#live.refresh();
      const result = await work(this.#store);
      await this.#live.refresh();
      return result;
    } finally {
      end();
    }
  }
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
};

/** AM's kind of `_rev`: a signed 32-bit number that changes with the content, whatever the order of its members. */
export const contentRevision = (content: unknown): string =>
  String(
    createHash('sha256')
      .update(JSON.stringify(sorted(content)))
      .digest()
      .readInt32BE(),
  );
