import type { Identity } from '@assent/engine';
import type { ThrottleReader, ThrottleRow } from '@assent/engine/host';

/** Counters, also those of one user. */
export interface CounterReader extends ThrottleReader {
  /** The counters that can lock a factor of the user, of all places. */
  ofUser(user: Pick<Identity, 'id' | 'realm' | 'username'>): Promise<readonly ThrottleRow[]>;
}
