import type { Clock, Random } from '@assent/engine';
import type { Change, Committer, OutboxReader, OutboxRow } from '@assent/engine/host';
import type { Logger } from '../platform/log.ts';

/** What came of a try. */
export type Sent =
  /** Nothing more is to be tried: it has arrived, or nobody wants it any more. */
  | { readonly status: 'settled'; readonly outcome: string }
  /** It may arrive later; the receiver may say when. */
  | { readonly status: 'failed'; readonly cause: string; readonly retryAfterMillis?: number | undefined }
  /** It will not arrive as it is, whenever it is tried. */
  | { readonly status: 'refused'; readonly cause: string };

/** What is tried for so long from its first try on. */
export const triedFor =
  (millis: number) =>
  ({ firstTriedAt }: OutboxRow): number =>
    firstTriedAt + millis;

/** Sends the entries of one kind. */
export interface OutboxSender {
  /** When an entry that has not arrived is given up, milliseconds. */
  triedUntil(row: OutboxRow): number;
  /** Whether what was given up is of use to anybody still: then it is kept, for somebody to mend its cause (OPS-44). */
  readonly keepsGivenUp: boolean;
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

/**
 * Under way at a time. A recipient that hangs leaves room for the others of its realm; and a realm has no more under way than are free, so
 * that one of which nobody answers has half of all, two have a third each, and some are free for the next.
 */
const AT_ONCE = 64;
const AT_ONCE_FOR_RECIPIENT = 8;

const SECOND = 1_000;
/** Longer than any call may take, so that a try is over when somebody else may set out. */
const CLAIM_MILLIS = 30 * SECOND;
const MAX_DELAY = 300 * SECOND;
const MAX_CAUSE_LENGTH = 200;
/** A receiver may have said anything, and PostgreSQL keeps no NUL (OPS-15). */
const causeToKeep = (cause: string): string => cause.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_CAUSE_LENGTH);

/** 1, 2, 4 … 300 seconds, give or take a half, so that what failed together does not come again together (OPS-44). */
const delayAfter = (tries: number, random: Pick<Random, 'int'>): number => {
  const delay = Math.min(SECOND * 2 ** (tries - 1), MAX_DELAY);
  return Math.floor(delay / 2) + random.int(delay);
};

/**
 * Sends what commits have left to be sent (ADR 0063). Before each try the entry is claimed for so long that it is due again by itself,
 * so that whatever becomes of this process, and however many there are, it is tried by one at a time until it is settled or given up.
 */
export class OutboxWorker {
  readonly #with: OutboxWorkerDependencies;
  readonly #underWay = new Map<string, { readonly row: OutboxRow; readonly done: Promise<void> }>();
  /** Who was served last: the next round begins after them. As many as there are realms. */
  #lastRealm: string | undefined;
  readonly #lastRecipients = new Map<string, Pick<OutboxRow, 'kind' | 'recipient'>>();
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
        this.#with.log.error({ cause: error }, 'The outbox could not be read or written.');
        return;
      }
    }
  }

  async #start(): Promise<void> {
    const { outbox, clock } = this.#with;
    if (this.#free() <= 0) return;
    const underWay = [...this.#underWay.values()].map(({ row: { realm } }) => realm);
    const rows = await outbox.due(clock.now(), this.#free(), AT_ONCE_FOR_RECIPIENT, {
      lastRealm: this.#lastRealm,
      lastRecipients: this.#lastRecipients,
      busyRealms: new Set(underWay.filter((realm) => !this.#hasRoomForRealm(realm))),
    });
    for (const row of rows) {
      if (this.#isStopped) return;
      if (!this.#hasRoomFor(row)) continue;
      this.#lastRealm = row.realm;
      this.#lastRecipients.set(row.realm, { kind: row.kind, recipient: row.recipient });
      await this.#claim(row);
    }
  }

  #free(): number {
    return AT_ONCE - this.#underWay.size;
  }

  #countUnderWay(isOne: (row: OutboxRow) => boolean): number {
    return [...this.#underWay.values()].filter(({ row }) => isOne(row)).length;
  }

  #hasRoomForRealm(realm: string): boolean {
    return this.#countUnderWay((it) => it.realm === realm) < this.#free();
  }

  #hasRoomFor(row: OutboxRow): boolean {
    const { id, realm, kind, recipient } = row;
    const isOfRecipient = (it: OutboxRow) => it.realm === realm && it.kind === kind && it.recipient === recipient;
    return (
      !this.#underWay.has(id) &&
      this.#hasRoomForRealm(realm) &&
      this.#countUnderWay(isOfRecipient) < AT_ONCE_FOR_RECIPIENT
    );
  }

  async #claim(row: OutboxRow): Promise<void> {
    const { committer, clock } = this.#with;
    const at = clock.now();
    const nextTryAt = at + CLAIM_MILLIS;
    const result = await committer.commit([{ type: 'outbox.claim', id: row.id, seenTries: row.tries, at, nextTryAt }]);
    // Another instance was faster, or it is settled by now.
    if (!result.committed) return;
    const firstTriedAt = row.firstTriedAt === 0 ? at : row.firstTriedAt;
    const done = this.#send({ ...row, tries: row.tries + 1, firstTriedAt, nextTryAt }).finally(() => {
      this.#underWay.delete(row.id);
      // What there was no room for has room now.
      if (!this.#isStopped) void this.wake();
    });
    this.#underWay.set(row.id, { row, done });
  }

  async #send(row: OutboxRow): Promise<void> {
    const { committer, clock, log, senders } = this.#with;
    const { id, kind, realm, recipient, tries } = row;
    const fields = { id, kind, realm, recipient, tries };
    try {
      const sender = senders.get(kind);
      if (sender === undefined) {
        // Of a newer version of Assent, which sends it if it comes back within its time.
        await this.#fail(row, 'This version of Assent does not know the kind.', clock.now() + MAX_DELAY);
        return;
      }
      const sent = await this.#tried(sender, row);
      if (sent.status === 'settled') {
        await committer.commit([{ type: 'outbox.settle', id }, sender.audit(row, clock.now(), sent.outcome)]);
        return;
      }
      const isFinal = sent.status === 'refused';
      await this.#fail(row, sent.cause, isFinal ? undefined : this.#nextTryAt(row, sender, sent.retryAfterMillis));
    } catch (error) {
      log.error({ ...fields, cause: error }, 'An entry of the outbox could not be settled.');
    }
  }

  /** A sender that throws has sent nothing; what it fails at may be mended like anything else, and has as much time for it. */
  async #tried(sender: OutboxSender, row: OutboxRow): Promise<Sent> {
    try {
      return await sender.send(row);
    } catch (error) {
      const { id, kind, realm, recipient, tries } = row;
      this.#with.log.error(
        { id, kind, realm, recipient, tries, cause: error },
        'An entry of the outbox could not be sent.',
      );
      return { status: 'failed', cause: `${error instanceof Error ? error.name : 'Unknown'}: see the log` };
    }
  }

  /**
   * Undefined where its time is over by then. A receiver that says when to come back is asked no earlier; and no sooner than any other, however
   * soon it wants to be asked, or it would keep this process and the database busy for days.
   */
  #nextTryAt(row: OutboxRow, sender: OutboxSender, retryAfterMillis = 0): number | undefined {
    const { clock, random } = this.#with;
    const at = clock.now() + Math.max(retryAfterMillis, delayAfter(row.tries, random));
    return at < sender.triedUntil(row) ? at : undefined;
  }

  /** Puts an entry off, or gives it up where there is no next try. Somebody who has set out meanwhile says what comes of it. */
  async #fail(row: OutboxRow, said: string, nextTryAt: number | undefined): Promise<void> {
    const { committer, clock, log, senders } = this.#with;
    const { id, kind, realm, recipient, tries } = row;
    const cause = causeToKeep(said);
    const fields = { id, kind, realm, recipient, tries, cause };
    const seen = { id, seenTries: tries, cause };
    if (nextTryAt !== undefined) {
      log.warn(fields, 'An entry of the outbox was not sent, and is tried again.');
      await committer.commit([{ type: 'outbox.defer', nextTryAt, ...seen }]);
      return;
    }
    const at = clock.now();
    const sender = senders.get(kind);
    const trail = sender === undefined ? [] : [sender.audit(row, at, `given up: ${cause}`)];
    if (sender?.keepsGivenUp === false) {
      log.warn(fields, 'An entry of the outbox was given up, and is of no use any more.');
      await committer.commit([{ type: 'outbox.settle', id }, ...trail]);
      return;
    }
    log.warn(
      { ...fields, fix: `Mend the cause, then: assent outbox retry ${id}` },
      'An entry of the outbox was given up.',
    );
    await committer.commit([{ type: 'outbox.bury', at, ...seen }, ...trail]);
  }
}
