import type { Identity } from '@assent/engine';
import {
  afterHit,
  clearedThrottle,
  type EngineChange,
  SOURCE_POLICY,
  sourceOf,
  sourceSubject,
  type ThrottleReader,
  type ThrottleRow,
  type UnitOfWork,
  withoutHit,
} from '@assent/engine/host';
import type { PushDevice } from '../model/devices.ts';
import type { PushMessage } from '../model/messages.ts';
import {
  type AskedFrom,
  type Asking,
  clearedBySuccess,
  dayPartSubject,
  heldUntil,
  isAtRisk,
  isCharged,
  momentOfSend,
  NO_SOURCE,
  phoneSubjectsOf,
  SEND_POLICY,
  sendSubject,
  subjectsAtFirst,
  subjectsOf,
} from '../model/push-limits.ts';
import type { PushDependencies } from './push-dependencies.ts';

/** Until when nothing goes to these phones for whoever has asked for the request; not later than now where nothing is held back any more. */
export async function sendsPausedUntil(
  throttles: ThrottleReader,
  { userId, askedFrom }: Pick<PushMessage, 'userId' | 'askedFrom'>,
  devices: readonly PushDevice[],
  now: number,
): Promise<number> {
  const asking = { userId, source: NO_SOURCE, ...askedFrom, phones: phoneSubjectsOf(devices) };
  const rows = await throttles.get(subjectsOf(asking));
  return heldUntil(asking, (subject) => rows.find((row) => row.subject === subject), now);
}

/** The changes that count a send, and what its messages keep of it. */
export interface CountedSend {
  readonly changes: readonly EngineChange[];
  readonly askedFrom: AskedFrom;
}

/** What a send counts: the row of its place, and further rows where it is charged. */
export const countedSend = (
  asking: Asking,
  rowOf: (subject: string) => ThrottleRow | undefined,
  now: number,
): CountedSend => {
  const { userId, place, source, phones } = asking;
  const subject = sendSubject(userId, place);
  const before = rowOf(subject);
  const countedAt = momentOfSend(before, now);
  const put = (counted: string, at: number): EngineChange => ({
    type: 'throttle.put',
    row: afterHit(rowOf(counted), counted, SEND_POLICY, at),
  });
  const first = put(subject, countedAt);
  if (!isCharged(asking, rowOf, now)) return { changes: [first], askedFrom: { place, source, countedAt } };
  if (place === undefined) {
    const wrongProof: EngineChange = {
      type: 'throttle.hit',
      subject: sourceSubject(source),
      policy: SOURCE_POLICY,
      at: now,
    };
    const charges = [...phones.map((phone) => put(phone, now)), wrongProof];
    return { changes: [first, ...charges], askedFrom: { place, source, countedAt } };
  }
  const together = dayPartSubject(asking);
  const chargedAt = momentOfSend(rowOf(together), now);
  return { changes: [first, put(together, chargedAt)], askedFrom: { place, source, countedAt, chargedAt } };
};

/** What a success stages. Empty once the rows that it means are written whole. */
type Clearing =
  | { readonly type: 'throttle.clear'; subjects: readonly string[] }
  | { readonly type: 'throttle.takeBack'; hits: readonly { readonly subject: string; readonly at: number }[] };

type CounterDependencies = Pick<PushDependencies, 'throttles' | 'isKnownSource' | 'clock'>;

/** Whose phones are asked: a user, or a name that stands for one that does not exist. */
type Asked = Pick<Identity, 'id'> & Partial<Pick<Identity, 'credentialRev'>>;

/** Kept with the unit of work: all ports of it count in the same rows. */
export const pushCountersOf = (unit: UnitOfWork, dependencies: CounterDependencies): PushCounters =>
  unit.keep('push:counters', () => new PushCounters(unit, dependencies));

/** The push counters of one unit of work: read once, at most one change for each row. */
export class PushCounters {
  readonly #unit: UnitOfWork;
  readonly #reader: ThrottleReader;
  readonly #isKnownSource: PushDependencies['isKnownSource'];
  readonly #clock: PushDependencies['clock'];
  readonly #known = new Map<string, ThrottleRow>();
  readonly #own = new Map<string, { type: 'throttle.put'; row: ThrottleRow }>();
  /** What was staged for rows of which nothing was read. */
  readonly #clearings: Clearing[] = [];

  constructor(unit: UnitOfWork, { throttles, isKnownSource, clock }: CounterDependencies) {
    this.#unit = unit;
    this.#clock = clock;
    this.#reader = throttles;
    this.#isKnownSource = isKnownSource;
  }

  /**
   * Takes the turn of the place that the request comes from, and reads all that counts against this place in one go. Where strangers are held back,
   * or one of them was refused within the day, an address that the user has signed in from counts for itself (SEC-26): what strangers did neither
   * stops its requests nor makes an approval from there a risk.
   */
  async load({ id: userId, credentialRev }: Asked, devices: readonly PushDevice[], now: number): Promise<Asking> {
    const source = sourceOf(this.#unit.request.clientAddress);
    const place =
      credentialRev === undefined
        ? undefined
        : this.#unit.request.browserKnownTo?.({ userId, credentialRev }, 'factor');
    const asking: Asking = { userId, place, source, phones: phoneSubjectsOf(devices) };
    await this.#read(asking);
    if (place !== undefined || !this.isAtRisk(asking, now)) return asking;
    if (!(await this.#isKnownSource(userId, source, 'factor'))) return asking;
    const known = { ...asking, place: source };
    await this.#read(known);
    return known;
  }

  /** Until when nothing is sent; `now` where it may be sent. */
  heldUntil(asking: Asking, now: number): number {
    return heldUntil(asking, (subject) => this.#row(subject), now);
  }

  /** Whether the yes of a phone would be little to go by. */
  isAtRisk(asking: Asking, now: number): boolean {
    return isAtRisk(asking, (subject) => this.#row(subject), now);
  }

  /** Counts a send with the unit of work. */
  count(asking: Asking, now: number): AskedFrom {
    const { changes, askedFrom } = this.countApart(asking, now);
    for (const change of changes) {
      if (change.type === 'throttle.put') this.#put(change.row);
      else this.#unit.stage(change);
    }
    return askedFrom;
  }

  /** What counts a send, for a commit of its own; `wasCommitted` when it stood. */
  countApart(asking: Asking, now: number): CountedSend {
    return countedSend(asking, (subject) => this.#row(subject), now);
  }

  wasCommitted({ changes }: CountedSend): void {
    for (const change of changes) {
      if (change.type !== 'throttle.put') continue;
      const { row } = change;
      const stored = { ...row, rev: row.rev + 1 };
      this.#known.set(row.subject, stored);
      // What this unit of work had staged before is part of what was just written.
      const own = this.#own.get(row.subject);
      if (own !== undefined) own.row = stored;
    }
  }

  /** Reads again what somebody else has changed meanwhile. */
  async reload(asking: Asking): Promise<void> {
    for (const subject of subjectsOf(asking)) this.#known.delete(subject);
    await this.#read(asking);
  }

  /** Another factor than a phone was shown: at a place that is known, phones may be asked again (spec: webauthn §10.5). */
  provenOtherwise({ id: userId, credentialRev }: Pick<Identity, 'id' | 'credentialRev'>): void {
    const place = this.#unit.request.browserKnownTo?.({ userId, credentialRev }, 'factor');
    if (place !== undefined) this.succeeded(userId, { place, source: sourceOf(this.#unit.request.clientAddress) });
  }

  /**
   * A success undoes what its own place has counted, and nothing else does (SEC-27, A142): a known one has a row of its own; of what strangers
   * have counted together, only its own send is taken back. `resends` is the row of what was charged for sending it again. The rows are not read
   * for it.
   */
  succeeded(userId: string, { place, source, countedAt, chargedAt }: AskedFrom, resends?: ThrottleRow): void {
    const again = resends?.hits ?? [];
    const [subject, first] =
      place === undefined ? [sendSubject(userId), countedAt] : [dayPartSubject({ userId, place, source }), chargedAt];
    if (place !== undefined) this.#clear({ type: 'throttle.clear', subjects: clearedBySuccess({ userId, place }) });
    const moments = [...(first === undefined ? [] : [first]), ...again];
    if (moments.length > 0) this.#clear({ type: 'throttle.takeBack', hits: moments.map((at) => ({ subject, at })) });
    // Written whole: where a resend is taken back at the same time, one of both commits and the other reads again.
    if (resends !== undefined && again.length > 0)
      this.#unit.stage({ type: 'throttle.put', row: clearedThrottle(resends) });
  }

  #clear(clearing: Clearing): void {
    this.#clearings.push(clearing);
    this.#unit.stage(clearing);
    this.#join(clearing);
  }

  /** What known places have used together is read only where it may hold this one back: a login there needs no more than its own rows. */
  async #read(asking: Asking): Promise<void> {
    const { userId, place } = asking;
    const together = dayPartSubject(asking);
    // One turn is enough: nobody reads the other rows of a place without it.
    await this.#readRows(sendSubject(userId, place), subjectsAtFirst(asking));
    const isTogether = place !== undefined && isCharged(asking, (subject) => this.#row(subject), this.#clock.now());
    if (isTogether) await this.#readRows(together, [together]);
  }

  async #readRows(turn: string, wanted: readonly string[]): Promise<void> {
    const subjects = wanted.filter((subject) => !this.#known.has(subject));
    if (subjects.length === 0) return;
    await this.#unit.holdTurn(turn);
    const rows = await this.#reader.get(subjects);
    for (const subject of subjects) {
      const row = rows.find((it) => it.subject === subject);
      this.#known.set(subject, row ?? { subject, hits: [], lockedUntil: 0, rev: 0 });
    }
    for (const clearing of this.#clearings) this.#join(clearing);
  }

  /** What is counted after a success must join its clearing, and so needs to know what it cleared. */
  #join(clearing: Clearing): void {
    if (clearing.type === 'throttle.clear') {
      const read = clearing.subjects.filter((subject) => this.#known.has(subject));
      clearing.subjects = clearing.subjects.filter((subject) => !this.#known.has(subject));
      for (const subject of read) this.#putChanged(subject, clearedThrottle(this.#row(subject)));
      return;
    }
    const read = clearing.hits.filter(({ subject }) => this.#known.has(subject));
    clearing.hits = clearing.hits.filter(({ subject }) => !this.#known.has(subject));
    for (const { subject, at } of read) this.#putChanged(subject, withoutHit(this.#row(subject), at));
  }

  #putChanged(subject: string, after: ThrottleRow): void {
    const before = this.#row(subject);
    if (after.hits.length !== before.hits.length || after.lockedUntil !== before.lockedUntil) this.#put(after);
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
