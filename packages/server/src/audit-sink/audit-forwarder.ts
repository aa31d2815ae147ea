import type { Clock } from '@assent/engine';
import type { AuditFeed, FeedHolder } from '@assent/store';
import type { Logger } from '../platform/log.ts';
import { batchOf } from './audit-line.ts';
import type { AuditSink } from './audit-sink.ts';

export interface AuditForwarderOptions {
  readonly feed: AuditFeed;
  readonly sink: AuditSink;
  /** Which process this is. */
  readonly holder: string;
  readonly clock: Clock;
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsed: () => number;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

const MAX_ROWS = 500;
/** One call of a sink; less than a lease lasts, so that nobody else sends meanwhile. */
const SEND_MILLIS = 10_000;
const FIRST_PAUSE = 1_000;
const MAX_PAUSE = 60_000;

/**
 * Sends the audit trail on (OPS-58): in order, in batches, one instance at a time. What was sent is noted afterwards, so that who is killed between
 * the two leaves rows that come twice and none that is missing. No login waits for it: a sink that is away is tried again, ever more seldom.
 */
export class AuditForwarder {
  readonly #options: AuditForwarderOptions;
  readonly #stopping = new AbortController();
  #failures = 0;
  #notBefore = 0;
  #problem: string | undefined;
  #waitsSince: number | undefined;
  #holds = false;

  constructor(options: AuditForwarderOptions) {
    this.#options = options;
  }

  /** Whether this instance is the one that sends. */
  get holds(): boolean {
    return this.#holds;
  }

  /** What keeps rows here, in a sentence; nothing where all goes well. */
  get problems(): readonly string[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  /** How old the oldest row is that the sink has not taken, in seconds. */
  get lagSeconds(): number {
    return this.#waitsSince === undefined ? 0 : Math.max(0, this.#options.clock.now() - this.#waitsSince) / 1_000;
  }

  /** Sends what there is, as long as that goes well; not before the pause after a failure is over. */
  async forward(): Promise<void> {
    if (this.#options.elapsed() < this.#notBefore) return;
    while (!this.#stopping.signal.aborted && (await this.#forwardSome()));
  }

  /** What lies under the name of the sink may be another file by now. */
  reopen(): void {
    this.#options.sink.reopen();
  }

  /** Ends what is under way: it is sent again by whoever is next. */
  stop(): void {
    this.#stopping.abort(new Error('the server stops'));
  }

  close(): Promise<void> {
    return this.#options.sink.close();
  }

  #as(): FeedHolder {
    return { holder: this.#options.holder, now: this.#options.clock.now() };
  }

  /** Whether there may be more. */
  async #forwardSome(): Promise<boolean> {
    const { feed, sink } = this.#options;
    const rows = await feed.next(this.#as(), MAX_ROWS);
    this.#holds = rows !== undefined;
    const batch = batchOf(rows ?? []);
    const last = batch.at(-1);
    if (last === undefined) {
      // All is sent, or another instance sees to it.
      this.#noteWell(undefined);
      return false;
    }
    this.#waitsSince = batch[0]?.row.at;
    try {
      await sink.send(batch, AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(SEND_MILLIS)]));
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#noteFailure(error);
      return false;
    }
    this.#holds = await feed.sent(this.#as(), last.row.position);
    this.#noteWell(sink.name);
    return this.#holds;
  }

  #noteFailure(cause: unknown): void {
    const { sink, elapsed, log } = this.#options;
    const pause = Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** this.#failures);
    this.#failures += 1;
    this.#notBefore = elapsed() + pause;
    this.#problem = 'The sink of the audit trail does not take it.';
    const fields = { cause, recipient: sink.name, tries: this.#failures };
    if (pause === MAX_PAUSE || this.#failures === 1)
      log.error(fields, 'The audit trail could not be sent on. It is kept, and sent when that is possible.');
  }

  #noteWell(sentTo: string | undefined): void {
    const { log } = this.#options;
    if (sentTo !== undefined && this.#failures > 0)
      log.info({ recipient: sentTo }, 'The audit trail is sent on again.');
    this.#failures = 0;
    this.#problem = undefined;
    this.#waitsSince = undefined;
  }
}
