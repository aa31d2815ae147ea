import { StoreRefused } from '../ports/store.ts';
import { migrations } from '../schema/all-migrations.ts';
import { homeOf, type Mark, markAs } from '../sql/installation/life.ts';
import { takeAlone } from '../sqlite/alone.ts';
import { type Database, driverFor, openDatabase } from '../sqlite/driver.ts';
import { refuseOtherSchema } from '../sqlite/migrate.ts';
import { createRunner } from '../sqlite/runner.ts';

/** Works on a database that nobody else has open. */
const alone = async <T>(file: string, work: (db: Database, home: string) => T): Promise<T> => {
  const db = await openDatabase(file, driverFor(process.versions.node));
  try {
    takeAlone(db, file);
    refuseOtherSchema(db, migrations);
    return work(db, createRunner(db)(homeOf()) ?? '');
  } finally {
    db.close();
  }
};

const mark = (db: Database, text: Mark | undefined): void => {
  createRunner(db)(markAs(text));
};

/**
 * Nobody serves on it from now on: what is copied next is all that there will be (OPS-62). `to` is told to whoever starts on it. `false` where
 * that was so already, since an earlier copy was broken off.
 */
export const beginMove = (file: string, to: string): Promise<boolean> =>
  alone(file, (db, home) => {
    if (home.startsWith('moved ')) throw new StoreRefused(`The database was moved already, to ${home.slice(6)}.`);
    if (home.startsWith('moving ') && home !== `moving ${to}`)
      throw new StoreRefused(`The database is being moved to ${home.slice(7)}, and not to ${to}. Call that off first.`);
    mark(db, `moving ${to}`);
    return !home.startsWith('moving ');
  });

export const endMove = (file: string, to: string): Promise<void> => alone(file, (db) => mark(db, `moved ${to}`));

/** The database is served on again, without what was written elsewhere since; `false` where it was not moved. */
export const callOffMove = (file: string): Promise<boolean> =>
  alone(file, (db, home) => {
    if (!/^mov(?:ing|ed) /.test(home)) return false;
    mark(db, undefined);
    return true;
  });
