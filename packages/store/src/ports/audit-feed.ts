import type { AuditEvent } from '@assent/engine/host';
import type { Seal } from '../chain/seals.ts';

/** A row of the trail as it is sent on. */
export interface FedAuditEvent extends AuditEvent {
  /** Of the row for ever, in a copy on another database, too: a UUID. */
  readonly id: string;
  /** Its place in the order in which rows are sent, from 1 on. */
  readonly position: number;
  /** Of the database, as it is when the row is sent: each restore from a backup begins another, in which positions may be given again (OPS-61). */
  readonly epoch: number;
  /** Absent for what somebody has put among sealed rows (SEC-80). */
  readonly seal?: Seal;
  /** The hash that its own goes on from: that of the row before. */
  readonly previous?: string;
}

/** Who wants to send the trail on, and when: one does it for all (OPS-32), until it leaves or is not heard of for half a minute. */
export interface FeedHolder {
  readonly holder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The trail in the order in which it is sent on (OPS-58): what is sealed. A row gets its position after its commit, and no row ever gets one below:
 * what was sent is all that there is up to a position, whoever commits late.
 */
export interface AuditFeed {
  /**
   * Says where sending begins, before it does: with the rows that happened from then on, in milliseconds since 1970. Whoever comes later changes
   * nothing: sending goes on where it has stopped, whatever was said.
   */
  begin(since: number): Promise<void>;
  /** What comes after all that was sent, at most `limit` rows; undefined where another instance sends it. */
  next(holder: FeedHolder, limit: number): Promise<readonly FedAuditEvent[] | undefined>;
  /** When the oldest row happened that is to be sent and was not taken, in milliseconds since 1970; undefined where there is none. */
  oldestUnsent(): Promise<number | undefined>;
  /** Everything up to that position was taken. `false` where another instance sends by now: it sends some of it again. */
  sent(holder: FeedHolder, position: number): Promise<boolean>;
}
