import { first, statement } from '../sql/verbs/verb.ts';
import { DatabaseFailure } from './failures.ts';
import type { Transactions } from './transactions.ts';

/** In a mode that waits for a writer of realms alone. */
const tryLock = statement('{lock_table} realm IN ROW SHARE MODE');
/** Not supported, and a syntax error. */
const UNKNOWN: ReadonlySet<string | undefined> = new Set(['0A000', '42601']);

/**
 * Whether the server locks tables. Engines that only speak the protocol of PostgreSQL may lack that (OPS-25): there, a realm is switched off
 * without waiting for commits that have found it on at this moment.
 */
export const locksTables = async ({ trial }: Pick<Transactions, 'trial'>): Promise<boolean> => {
  try {
    await trial(() => first(tryLock));
    return true;
  } catch (failure) {
    if (failure instanceof DatabaseFailure && UNKNOWN.has(failure.sqlState)) return false;
    throw failure;
  }
};
