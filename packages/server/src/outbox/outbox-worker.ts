import type { Clock, Random } from '@assent/engine';
import type { Change, Committer, OutboxReader, OutboxRow } from '@assent/engine/host';
import type { Logger } from '../platform/log.ts';

/** What came of a try. */
export interface Sent {
  /** Whether nothing more is to be tried: it has arrived, or never can. */
  readonly isSettled: boolean;
  readonly outcome: string;
}

/** Sends the entries of one kind. */
export interface OutboxSender {
  /** For how long an entry is tried, milliseconds. */
  readonly triedForMillis: number;
  send(row: OutboxRow): Promise<Sent>;
  /** The row of the trail for an entry that is settled, one that was given up included. */
  audit(row: OutboxRow, at: number, outcome: string): Change;
}

export interface OutboxWorkerDependencies {
  readonly outbox: OutboxReader;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: Pick<Random, 'int'>;
  readonly log: Logger;
  readonly senders: ReadonlyMap<string, OutboxSender>;
}

/** Under way at a time: one recipient that hangs leaves room for all others. */
const AT_ONCE = 64;
const AT_ONCE_FOR_RECIPIENT = 8;

const MINUTE = 60_000;
/** Longer than any call may take, so that a try is over when the next one is due. */
const FIRST_DELAY = MINUTE / 4;
const MAX_DELAY = 60 * MINUTE;

/** Four times as long after each try, give or take a quarter, so that what failed together does not come again together. */
const delayAfter = (tries: number, random: Pick<Random, 'int'>): number => {
  const delay = Math.min(FIRST_DELAY * 4 ** (tries - 1), MAX_DELAY);
  return Math.floor(0.75 * delay) + random.int(Math.ceil(delay / 2));
};

/**
 * Sends what commits have left to be sent (ADR 0063). Before each try the entry is claimed for so long that it is due again by itself,
 * so that whatever becomes of this process, and however many there are, it is tried by one at a time until somebody settles it.
 */
export class OutboxWorker {
  readonly #with: OutboxWorkerDependencies;
  readonly #underWay = new Map<string, { readonly recipient: string; readonly done: Promise<void> }>();
  #round: Promise<void> | undefined;
  /** Whether there may be more than the round that is under way has seen, or had room for. */
  #isMore = false;
  #isStopped = false;

  constructor(dependencies: OutboxWorkerDependencies) {
    this.#with = dependencies;
  }

  /** Looks what is due, and begins to send it; resolves once that has begun. */
  wake(): Promise<void> {
    this.#isMore = true;
    this.#round ??= this.#rounds().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    for (;;) {
      const running = [this.#round, ...[...this.#underWay.values()].map(({ done }) => done)];
      if (running.every((it) => it === undefined)) return;
      await Promise.all(running);
    }
  }

  /** Starts nothing more; what is under way ends as its calls do, and what is not settled by then is tried by whoever comes next. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.idle();
  }

  async #rounds(): Promise<void> {
    while (this.#isMore && !this.#isStopped) {
      this.#isMore = false;
      try {
        await this.#start();
      } catch (error) {
        // The next wake, by a commit or by the clock, finds the same entries.
        this.#with.log.error({ err: error }, 'The outbox could not be read or written.');
        return;
      }
    }
  }

  async #start(): Promise<void> {
    const { outbox, clock } = this.#with;
    const room = AT_ONCE - this.#underWay.size;
    if (room <= 0) return;
    const rows = await outbox.due(clock.now(), room, AT_ONCE_FOR_RECIPIENT);
    for (const row of rows) if (!this.#isStopped && this.#hasRoomFor(row)) await this.#claim(row);
  }

  #hasRoomFor(row: OutboxRow): boolean {
    const recipient = recipientOf(row);
    const others = [...this.#underWay.values()].filter((it) => it.recipient === recipient).length;
    return others < AT_ONCE_FOR_RECIPIENT && !this.#underWay.has(row.id);
  }

  async #claim(row: OutboxRow): Promise<void> {
    const { committer, clock, random } = this.#with;
    const at = clock.now();
    const tries = row.tries + 1;
    const nextTryAt = at + delayAfter(tries, random);
    const result = await committer.commit([{ type: 'outbox.claim', id: row.id, seenTries: row.tries, at, nextTryAt }]);
    // Another instance was faster, or it is settled by now.
    if (!result.committed) return;
    const claimed = { ...row, tries, firstTriedAt: row.tries === 0 ? at : row.firstTriedAt, nextTryAt };
    const done = this.#send(claimed).finally(() => {
      this.#underWay.delete(row.id);
      // What there was no room for has room now.
      if (!this.#isStopped) void this.wake();
    });
    this.#underWay.set(row.id, { recipient: recipientOf(row), done });
  }

  async #send(row: OutboxRow): Promise<void> {
    const { committer, clock, log, senders } = this.#with;
    const { id, kind, realm, recipient, tries } = row;
    const fields = { kind, realm, recipient, tries };
    try {
      const sender = senders.get(kind);
      // Of a version of Assent that knew more; nobody here could ever send it.
      if (sender === undefined) {
        log.error(fields, 'The outbox has an entry of a kind that nobody sends.');
        await committer.commit([{ type: 'outbox.settle', id }]);
        return;
      }
      const { isSettled, outcome } = await sender.send(row);
      const isLast = row.nextTryAt >= row.firstTriedAt + sender.triedForMillis;
      if (!isSettled) log.warn({ ...fields, cause: outcome, isLast }, 'An entry of the outbox was not sent.');
      if (!isSettled && !isLast) return;
      const said = isSettled ? outcome : `given up: ${outcome}`;
      await committer.commit([{ type: 'outbox.settle', id }, sender.audit(row, clock.now(), said)]);
    } catch (error) {
      log.error({ ...fields, err: error }, 'An entry of the outbox could not be sent or settled.');
    }
  }
}

const recipientOf = ({ realm, kind, recipient }: OutboxRow): string => JSON.stringify([realm, kind, recipient]);
