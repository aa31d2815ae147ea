import type { Database } from './driver.ts';

/**
 * A number that changes with each commit of another process (PRAGMA data_version). What this process commits does not
 * change it: whoever caches something sees to the changes of its own.
 */
export interface DataVersion {
  current(): number;
  /** Asks SQLite again: a transaction may begin later than what was asked last. */
  refresh(): void;
}

const SETTLED = Promise.resolve();

export const createDataVersion = (db: Database): DataVersion => {
  const select = db.prepare<[version: number]>('PRAGMA data_version');
  let known: number | undefined;
  const refresh = (): void => {
    known = undefined;
  };
  const refreshAfterPromises = (): void => process.nextTick(refresh);
  return {
    current() {
      if (known === undefined) {
        known = select.get()?.[0] ?? 0;
        // What runs until the queue of promises is empty was caused by what has arrived already, so that all of it may see
        // the database as of one moment. Whatever arrives later asks again. By a promise, since a tick that is made in a
        // tick runs before promises do.
        void SETTLED.then(refreshAfterPromises);
      }
      return known;
    },
    refresh,
  };
};
