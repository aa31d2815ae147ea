import { StoreRefused } from '../ports/store.ts';
import type { Database } from './driver.ts';

/** Another process has the database open; a server, as a rule. */
class DatabaseInUse extends StoreRefused {
  constructor(file: string, cause?: unknown) {
    super(`A server, or another command, works on ${file}. Stop it first; nothing was changed.`, { cause });
  }
}

/**
 * Has the database in a file to itself until it is closed; throws `DatabaseInUse` where another process has it open. Leaving the journal
 * needs a lock that nobody else may hold who has the file open, at work or at rest, and one that was killed holds none. What was in the
 * journal is in the file by then, so that the file is all of it.
 */
export const takeAlone = (db: Database, file: string): void => {
  try {
    db.exec('PRAGMA busy_timeout = 0');
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    const mode = db.prepare<[mode: string]>('PRAGMA journal_mode = DELETE').get()?.[0];
    if (mode !== 'delete') throw new DatabaseInUse(file);
    // Only with the first transaction is the lock taken where there was no journal to leave.
    db.exec('BEGIN EXCLUSIVE');
    db.exec('COMMIT');
  } catch (failure) {
    if (failure instanceof Error && /locked|busy/i.test(failure.message)) throw new DatabaseInUse(file, failure);
    throw failure;
  }
};
