import type { Database } from './driver.ts';

/**
 * What proves that something read before would be read again: it was remembered under the version that is current now.
 * A commit of any other process makes another version, and so does `distrust`. What this process commits does not:
 * whoever remembers something also sees to the changes that concern it.
 */
export interface DataVersion {
  current(): number;
  /** The same where it was asked for just now; it is no reason to ask. */
  known(): number | undefined;
  /** Asks SQLite again: a transaction may begin later than what was asked last. */
  refresh(): void;
  /** Nothing remembered so far counts any more, since what was written was taken back, or many rows changed at once. */
  distrust(): void;
}

/** SQLite counts the commits of others in 32 bits. */
const COUNTED_BY_SQLITE = 2 ** 32;

const SETTLED = Promise.resolve();

export const createDataVersion = (db: Database): DataVersion => {
  const select = db.prepare<[version: number]>('PRAGMA data_version');
  let distrusted = 0;
  let known: number | undefined;
  const refresh = (): void => {
    known = undefined;
  };
  const refreshAfterPromises = (): void => process.nextTick(refresh);
  return {
    current() {
      if (known === undefined) {
        known = distrusted * COUNTED_BY_SQLITE + (select.get()?.[0] ?? 0);
        // What runs until the queue of promises is empty was caused by what has arrived already, so that all of it may see
        // the database as of one moment. Whatever arrives later asks again. By a promise, since a tick that is made in a
        // tick runs before promises do.
        void SETTLED.then(refreshAfterPromises);
      }
      return known;
    },
    known: () => known,
    refresh,
    distrust() {
      distrusted += 1;
      refresh();
    },
  };
};
