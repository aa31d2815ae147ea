import { writeSync } from 'node:fs';
import { migrations } from '../../schema/all-migrations.ts';
import { driverFor, openDatabase } from '../../sqlite/driver.ts';
import { migrate } from '../../sqlite/migrate.ts';

/** Dies in the middle of the first migration: its tables are made, then it prints, and never comes to the end. */
export const run = async (file: string): Promise<void> => {
  const db = await openDatabase(file, driverFor(process.versions.node));
  db.exec('PRAGMA journal_mode = WAL');
  const [first] = migrations;
  if (first === undefined) throw new Error('there is no migration');
  const stopsHere = {
    ...db,
    exec: (sql: string) => {
      if (sql === 'COMMIT') {
        writeSync(1, 'half-way\n');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      // Pages that do not fit the cache are written to the WAL before the commit: that is the half that must not count.
      db.exec('PRAGMA cache_size = 1');
      db.exec(sql);
    },
  };
  migrate(stopsHere, [first]);
};
