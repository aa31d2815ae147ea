import type { CheckpointKey } from '../chain/checkpoint-key.ts';
import type { ReadableChain } from '../chain/readable-chain.ts';

/** Who seals, and when: one does it for all (OPS-32), until it leaves or is not heard of for half a minute. */
export interface SealOrder {
  readonly holder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly limit: number;
  readonly key: CheckpointKey;
  readonly transactionId: string;
  /** A checkpoint is made now, whatever is due, unless the head has one. */
  readonly ends?: boolean;
  /** What somebody has found wrong: a row `AUDIT_GAP` says it. */
  readonly gap?: string;
}

export interface Sealed {
  readonly rows: number;
  /** Whether there may be more. */
  readonly isMore: boolean;
  readonly madeCheckpoint: boolean;
  /** What is wrong at the head, in a sentence. */
  readonly gap?: string;
}

export interface TrimOrder extends Omit<SealOrder, 'ends' | 'gap'> {
  /** What happened before that moment is let go. */
  readonly before: number;
  /** Only what the sink has. */
  readonly onlySent: boolean;
}

/**
 * The trail as a chain of hashes (SEC-80, ADR 107). It is sealed after the commits that write it, so that none of them waits for another.
 */
export interface AuditChain extends ReadableChain {
  /** Seals the next rows; undefined where another instance does that. */
  seal(order: SealOrder): Promise<Sealed | undefined>;
  /**
   * Takes rows away that are older, at most `limit`, and returns how many; undefined where another instance seals. From where on the trail
   * goes is signed by a row of it, before any goes.
   */
  trim(order: TrimOrder): Promise<number | undefined>;
}
