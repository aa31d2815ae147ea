import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '@assent/engine';
import { type AuditChain, type CheckpointKey, verifyStored } from '@assent/store';
import type { Logger } from '../platform/log.ts';

export interface AuditSealerOptions {
  readonly chain: AuditChain;
  readonly key: CheckpointKey;
  /** Which process this is. */
  readonly holder: string;
  readonly clock: Clock;
  readonly newTransactionId: () => string;
  /** How long rows are kept, in days. */
  readonly keptDays: number;
  /** Whether the trail is sent on: what the sink does not have is kept. */
  readonly isSent: boolean;
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** Told of each gap that is found. */
  readonly noteGap: () => void;
}

const ROWS_AT_ONCE = 500;
const CHECKPOINT_MILLIS = 60_000;
const DAY = 24 * 60 * 60_000;

/** Sealing takes a second or two; a row that has waited for longer than that tells that nobody seals. */
export const SEALED_WITHIN_MILLIS = 5 * 60_000;

/**
 * Makes the audit trail a chain of hashes after its commits, in batches, one instance at a time (SEC-80, ADR 107). No login waits for it. Where it is
 * killed, whoever is next goes on behind the last batch.
 */
export class AuditSealer {
  readonly #options: AuditSealerOptions;
  #isStopping = false;
  /** Whether this instance has looked at the end of the trail since it seals. */
  #hasLooked = false;
  #gap: string | undefined;
  #waitsSince: number | undefined;

  constructor(options: AuditSealerOptions) {
    this.#options = options;
  }

  get problems(): readonly string[] {
    if (this.#gap !== undefined) return ['The audit trail is not what was sealed: see `assent audit verify`.'];
    return this.unsealedSeconds * 1_000 > SEALED_WITHIN_MILLIS ? ['The audit trail is not sealed.'] : [];
  }

  /** How old the oldest row is that waits to be sealed, in seconds. */
  get unsealedSeconds(): number {
    return this.#waitsSince === undefined ? 0 : Math.max(0, this.#options.clock.now() - this.#waitsSince) / 1_000;
  }

  /** Seals what there is. Where nothing is, nothing is written. */
  async seal(): Promise<void> {
    const { chain } = this.#options;
    this.#waitsSince = (await chain.oldestUnsealed())?.at;
    if (this.#waitsSince === undefined && !(await this.#isCheckpointDue())) return;
    for (let isMore = true; isMore && !this.#isStopping; await nextTurn()) {
      const sealed = await chain.seal(this.#order());
      // Another instance does it, which looks at the end of the trail when it begins.
      if (sealed === undefined) this.#hasLooked = false;
      else await this.#lookAtEnd(sealed.gap);
      isMore = sealed?.isMore === true;
      if (sealed !== undefined && !isMore) this.#waitsSince = undefined;
    }
  }

  /** Lets go of what is older than rows are kept, in batches. */
  async trim(): Promise<void> {
    const { chain, clock, keptDays, isSent: onlySent } = this.#options;
    // By whole days, so that one row of the trail a day tells of it.
    const before = Math.floor((clock.now() - keptDays * DAY) / DAY) * DAY;
    for (let isMore = true; isMore && !this.#isStopping; await nextTurn()) {
      const removed = await chain.trim({ ...this.#order(), before, onlySent });
      isMore = removed === ROWS_AT_ONCE;
    }
  }

  /** Begins no other batch. */
  stop(): void {
    this.#isStopping = true;
  }

  /** When nothing is written any more: seals the rest, and signs where the trail ends. */
  async close(): Promise<void> {
    this.#isStopping = true;
    await this.#options.chain.seal({ ...this.#order(), ends: true });
  }

  #order() {
    const { holder, clock, key, newTransactionId } = this.#options;
    return { holder, now: clock.now(), limit: ROWS_AT_ONCE, key, transactionId: newTransactionId() };
  }

  async #isCheckpointDue(): Promise<boolean> {
    const { head, checkpoint } = await this.#options.chain.state();
    const { clock } = this.#options;
    return head.position > checkpoint.position && Math.abs(clock.now() - checkpoint.at) >= CHECKPOINT_MILLIS;
  }

  /** At first from the last checkpoint on, and then by the last row alone. */
  async #lookAtEnd(found: string | undefined): Promise<void> {
    const gap = this.#hasLooked ? found : (found ?? (await this.#fromLastCheckpoint()));
    this.#hasLooked = true;
    if (gap === undefined || gap === this.#gap) return;
    this.#gap = gap;
    this.#options.noteGap();
    this.#options.log.error(
      { problem: gap, fix: 'Run `assent audit verify`: it names each row that was changed.' },
      'Somebody has changed the audit trail.',
    );
    await this.#options.chain.seal({ ...this.#order(), gap });
  }

  async #fromLastCheckpoint(): Promise<string | undefined> {
    const { chain, key } = this.#options;
    const { checkpoint, begins } = await chain.state();
    const [row] =
      checkpoint.position - 1 > begins.position ? await chain.rows({ position: checkpoint.position - 2 }, 1) : [];
    const isThere = row?.seal !== undefined && row.position === checkpoint.position - 1;
    const since = isThere ? { position: row.position, hash: row.seal.hash } : begins;
    const report = await verifyStored({ chain, keys: [key.publicKey], since, pause: nextTurn });
    const [problem] = report.problems;
    return problem && `${problem.position === undefined ? '' : `At position ${problem.position}: `}${problem.message}`;
  }
}
