import {
  afterHit,
  clearedThrottle,
  type EngineChange,
  type ThrottleReader,
  type ThrottleRow,
  type UnitOfWork,
} from '@assent/engine/host';
import {
  isOverSendLimit,
  pushSubjects,
  refusalSubject,
  SEND_POLICY,
  sendLimitEndsAt,
  sendSubject,
} from '../model/push-limits.ts';

/** Until when nothing goes to a user's phones; not later than now where nothing is held back any more. */
export async function sendsPausedUntil(throttles: ThrottleReader, userId: string, now: number): Promise<number> {
  const rows = await throttles.get(pushSubjects(userId));
  const rowOf = (subject: string) => rows.find((it) => it.subject === subject);
  return Math.max(
    sendLimitEndsAt(rowOf(sendSubject(userId))?.hits ?? [], now),
    rowOf(refusalSubject(userId))?.lockedUntil ?? 0,
  );
}

type ThrottlePut = Extract<EngineChange, { type: 'throttle.put' }>;

/** The push counters of one unit of work: read once, at most one change for each. */
export class PushCounters {
  readonly #unit: UnitOfWork;
  readonly #reader: ThrottleReader;
  readonly #known = new Map<string, ThrottleRow>();
  readonly #own = new Map<string, { type: 'throttle.put'; row: ThrottleRow }>();
  /** By user, a clearing for which nothing was read. */
  readonly #clearings = new Map<string, { type: 'throttle.clear'; subjects: readonly string[] }>();

  constructor(unit: UnitOfWork, reader: ThrottleReader) {
    this.#unit = unit;
    this.#reader = reader;
  }

  /** Takes the user's turn and reads both counters. */
  async load(userId: string): Promise<void> {
    const sends = sendSubject(userId);
    if (this.#known.has(sends)) return;
    // One turn is enough: nobody reads one of the two without the other.
    await this.#unit.holdTurn(sends);
    const subjects = pushSubjects(userId);
    const rows = await this.#reader.get(subjects);
    for (const subject of subjects) {
      const row = rows.find((it) => it.subject === subject);
      this.#known.set(subject, row ?? { subject, hits: [], lockedUntil: 0, rev: 0 });
    }
    const clearing = this.#clearings.get(userId);
    if (clearing === undefined) return;
    // What is counted after the success must join its clearing, and so needs to know what it cleared.
    this.#clearings.delete(userId);
    clearing.subjects = [];
    this.clear(userId);
  }

  /** Whether another message may go to the user now. Needs `load`. */
  maySend(userId: string, now: number): boolean {
    const { hits } = this.#row(sendSubject(userId));
    return !isOverSendLimit(hits, now) && this.#row(refusalSubject(userId)).lockedUntil <= now;
  }

  countSend(userId: string, now: number): void {
    this.#put(afterHit(this.#row(sendSubject(userId)), sendSubject(userId), SEND_POLICY, now));
  }

  /** The change that counts a send, for a commit of its own; `wasCommitted` when it stood. */
  sendChange(userId: string, now: number): ThrottlePut {
    return {
      type: 'throttle.put',
      row: afterHit(this.#row(sendSubject(userId)), sendSubject(userId), SEND_POLICY, now),
    };
  }

  wasCommitted({ row }: ThrottlePut): void {
    const stored = { ...row, rev: row.rev + 1 };
    this.#known.set(row.subject, stored);
    // What this unit of work had staged before is part of what was just written.
    const own = this.#own.get(row.subject);
    if (own !== undefined) own.row = stored;
  }

  /** Reads again what somebody else has changed meanwhile. */
  async reload(userId: string): Promise<void> {
    for (const subject of pushSubjects(userId)) this.#known.delete(subject);
    await this.load(userId);
  }

  /** A success clears both counters, and nothing else does (SEC-27). Nothing is read for it. */
  clear(userId: string): void {
    const subjects = pushSubjects(userId);
    if (!this.#known.has(sendSubject(userId))) {
      const clearing = { type: 'throttle.clear' as const, subjects } satisfies EngineChange;
      this.#clearings.set(userId, clearing);
      this.#unit.stage(clearing);
      return;
    }
    for (const subject of subjects) {
      const row = this.#known.get(subject);
      if (row !== undefined && (row.hits.length > 0 || row.lockedUntil > 0)) this.#put(clearedThrottle(row));
    }
  }

  #row(subject: string): ThrottleRow {
    const row = this.#own.get(subject)?.row ?? this.#known.get(subject);
    if (row === undefined) throw new TypeError(`the counter of ${subject} was not loaded`);
    return row;
  }

  #put(row: ThrottleRow): void {
    const own = this.#own.get(row.subject);
    if (own !== undefined) {
      own.row = row;
      return;
    }
    const change = { type: 'throttle.put' as const, row };
    this.#own.set(row.subject, change);
    this.#unit.stage(change);
  }
}
