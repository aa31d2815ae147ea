import { hash } from 'node:crypto';
import type { ThrottlePolicy } from '@assent/engine';
import {
  type CommitResult,
  DAY_BOUNDS,
  DAY_MILLIS,
  type EngineChange,
  fullUntil,
  hitsWithin,
  isLocked,
  sourceSubject,
  type ThrottleRow,
} from '@assent/engine/host';
import type { PushDevice } from './devices.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How many requests are sent that were not approved: one more is not sent (SEC-25). */
export const SEND_LIMITS: readonly { readonly windowMillis: number; readonly limit: number }[] = [
  { windowMillis: MINUTE, limit: 3 },
  { windowMillis: 10 * MINUTE, limit: 6 },
  { windowMillis: DAY_MILLIS, limit: DAY_BOUNDS.prompts.strangers },
];

/** Sends are counted here and judged by `SEND_LIMITS`: such a row locks nothing. */
export const SEND_POLICY: ThrottlePolicy = {
  windowMillis: DAY_MILLIS,
  free: Number.POSITIVE_INFINITY,
  lockMillis: 0,
  maxLockMillis: 0,
};

/** What a denial or a wrong number does to who has asked (SEC-26). */
export const REFUSAL_LIMITS = {
  /** A pause after a denial, so that nobody asks again while the phone is still in the hand that denied. */
  coolDownMillis: 30 * SECOND,
  /** As many refusals in so much time lock. */
  locksAt: [
    { windowMillis: HOUR, refusals: 2 },
    { windowMillis: DAY_MILLIS, refusals: 3 },
  ],
  /** The lock of the second refusal of a day; each further one doubles it. */
  lockMillis: HOUR,
  maxLockMillis: DAY_MILLIS,
} as const;

const ONCE_POLICY: ThrottlePolicy = { windowMillis: HOUR, free: 1, lockMillis: HOUR, maxLockMillis: HOUR };

/** First in a commit that is to stand once an hour: it is refused by `throttle.hit` where it stood before. */
const onceAnHour = (subject: string, at: number): readonly EngineChange[] => [
  { type: 'throttle.hit', subject, policy: ONCE_POLICY, at, onlyUnlocked: true },
];

/**
 * The owner of an account pauses requests to all phones, whoever asks. Once more while they are paused is refused: a pause is told to those who
 * look after the realm, and nobody fills their mailboxes with it.
 */
export const pauseOf = (userId: string, at: number): readonly EngineChange[] => onceAnHour(pauseSubject(userId), at);

/** As often, what a phone says too late of a request alarms those who look after the realm. */
export const alarmOf = (request: string, at: number): readonly EngineChange[] =>
  onceAnHour(`push-alarm:${request}`, at);

/** As often, the trail says of a message that something comes again: whoever sends it a thousand times writes one row. */
export const repeatOf = (message: string, event: string, outcome: string, at: number): readonly EngineChange[] =>
  onceAnHour(`push-repeat:${event}:${outcome}:${message}`, at);

/** Whether what `onceAnHour` begins was done within the hour. */
export const wasDoneBefore = (result: CommitResult): boolean =>
  !result.committed && result.refused === ('throttle.hit' satisfies EngineChange['type']);

/** More of them than the longest lock takes say nothing else. */
const MAX_REFUSALS_KEPT = 16;

/**
 * From where phones are asked, as it is counted. `place` is a browser that the user has signed in with, or an address that the user has
 * signed in from; absent for strangers, who are counted together, so that many addresses are no way to ask more often.
 */
export interface AskingPlace {
  readonly place?: string | undefined;
  /** `sourceOf` the address. */
  readonly source: string;
}

/** The source of a request of before sources were kept. */
export const NO_SOURCE = 'unknown';

/** What a request keeps of who has asked for it: its answer counts there. */
export interface AskedFrom extends AskingPlace {
  /** When it was counted as sent; absent where it only looked as if it were. */
  readonly countedAt?: number;
  /** When it was also counted in the part of its day; absent where it was not. */
  readonly chargedAt?: number;
}

const withPlace = (subject: string, place: string | undefined): string =>
  place === undefined ? subject : `${subject}:${place}`;

/** Counts the requests to a user that were asked for from a place, or by strangers, and not approved. */
export const sendSubject = (userId: string, place?: string): string => withPlace(`push:${userId}`, place);
/** How many requests each part of known places may have within a day. */
const DAY_PARTS = { addresses: DAY_BOUNDS.prompts.addresses, known: DAY_BOUNDS.prompts.known };
/**
 * Which part of the day a known place draws from. An address is the place of all users who ask there: it takes nothing from the
 * browsers that are known by a cookie (SEC-87).
 */
const partOf = ({ place, source }: AskingPlace): keyof typeof DAY_PARTS => (place === source ? 'addresses' : 'known');
/** Counts for all known addresses, or for all known browsers, together what their own rows have beyond one request each (SEC-87). */
export const dayPartSubject = (asking: AskingPlace & { readonly userId: string }): string =>
  sendSubject(asking.userId, partOf(asking));
/** Counts the denials and wrong numbers, and locks. */
export const refusalSubject = (userId: string, place?: string): string => withPlace(`push-refused:${userId}`, place);
/** Locks all requests to a user, because the user wants it so. */
const pauseSubject = (userId: string): string => `push-paused:${userId}`;
/** Counts what strangers ask of one phone, whichever of its accounts they mean. */
export const phoneSubject = (address: string): string =>
  `push-phone:${hash('sha256', address, 'base64url').slice(0, 22)}`;

/** The phones of a request as they are counted. */
export const phoneSubjectsOf = (
  devices: readonly Pick<PushDevice, 'communicationId' | 'uuid'>[],
): readonly string[] => [...new Set(devices.map(({ communicationId, uuid }) => phoneSubject(communicationId || uuid)))];

/** The rows that were read, by their subjects. */
type RowOf = (subject: string) => ThrottleRow | undefined;

/** Who asks whom, by all that counts against it. */
export interface Asking extends AskingPlace {
  readonly userId: string;
  /** Their subjects. */
  readonly phones: readonly string[];
  /** It was sent before, and is charged in any case. */
  readonly isResend?: boolean | undefined;
}

const ownSubjects = ({ userId, place }: Pick<Asking, 'userId' | 'place'>): readonly string[] => [
  sendSubject(userId, place),
  refusalSubject(userId, place),
];

/** All rows that decide whether a request may be sent. */
export const subjectsOf = (asking: Asking): readonly string[] => [
  ...subjectsAtFirst(asking),
  ...(asking.place === undefined ? [] : [dayPartSubject(asking)]),
];

/** Those that decide as long as nothing of the day is unapproved at a known place: a login there reads no more. */
export const subjectsAtFirst = (asking: Asking): readonly string[] => [
  ...ownSubjects(asking),
  pauseSubject(asking.userId),
  ...(asking.place === undefined ? [...asking.phones, sourceSubject(asking.source)] : []),
];

/** What a success of somebody clears who is known: nobody else is counted there. */
export const clearedBySuccess = ownSubjects;

const isPart = (place: string): place is keyof typeof DAY_PARTS => Object.hasOwn(DAY_PARTS, place);

/** Until when one row of sends holds requests back; `now` where it does not. The row is that of a place, of a phone, or of a part of the day. */
export const sendsHeldUntil = (subject: string, hits: readonly number[], now: number): number => {
  const place = subject.split(':').slice(2).join(':');
  if (isPart(place)) return Math.max(now, fullUntil(hits, { windowMillis: DAY_MILLIS, most: DAY_PARTS[place] }));
  return Math.max(now, ...SEND_LIMITS.map(({ windowMillis, limit: most }) => fullUntil(hits, { windowMillis, most })));
};

/** Until when known places of a kind have used up their part of the day; it concerns a place that has more than one request to answer for. */
const dayHeldUntil = (asking: Asking, rowOf: RowOf, now: number): number => {
  if (asking.place === undefined || !isCharged(asking, rowOf, now)) return now;
  const together = dayPartSubject(asking);
  return sendsHeldUntil(together, rowOf(together)?.hits ?? [], now);
};

/** Until when nothing is sent; `now` where it may be sent (SEC-25, SEC-26, SEC-87). */
export const heldUntil = (asking: Asking, rowOf: RowOf, now: number): number => {
  const { userId, place, phones } = asking;
  const counted = [sendSubject(userId, place), ...(place === undefined ? phones : [])];
  return Math.max(
    dayHeldUntil(asking, rowOf, now),
    ...counted.map((subject) => sendsHeldUntil(subject, rowOf(subject)?.hits ?? [], now)),
    ...subjectsAtFirst(asking).map((subject) => rowOf(subject)?.lockedUntil ?? 0),
  );
};

/**
 * Whether the yes of a phone is little to go by for whoever asks: requests are held back, or one of the day was refused there, or got a wrong
 * number. Whoever has a passkey shows that instead, and the phone stays silent (spec: webauthn §10.5).
 */
export const isAtRisk = (asking: Asking, rowOf: RowOf, now: number): boolean =>
  heldUntil(asking, rowOf, now) > now ||
  hitsWithin(rowOf(refusalSubject(asking.userId, asking.place))?.hits ?? [], now, DAY_MILLIS) > 0;

/** When a send is counted: no two of a row at one moment, so that each can be taken back alone. */
export const momentOfSend = (row: ThrottleRow | undefined, now: number): number =>
  Math.max(now, (row?.hits.at(-1) ?? 0) + 1);

/**
 * Whether a send counts in more than its own row. The first request of a place that was not approved costs nothing else, so that the common login
 * writes one row. Each that follows counts at the phones and, as a wrong proof, at the source where a stranger asks, and in the
 * part of known addresses or of known browsers where one of those does.
 */
export const isCharged = ({ userId, place, isResend = false }: Asking, rowOf: RowOf, now: number): boolean =>
  isResend || hitsWithin(rowOf(sendSubject(userId, place))?.hits ?? [], now, DAY_MILLIS) > 0;

/** Whoever mistypes, or says that they have cancelled their own sign-in, is not made to wait for the next. */
export type Refusal = 'denied' | 'cancelled' | 'wrong number' | 'not me';

/** The row after a refusal, and whether it locks where nothing was locked before. */
export const afterRefusal = (
  row: ThrottleRow | undefined,
  subject: string,
  refusal: Refusal,
  now: number,
): { readonly row: ThrottleRow; readonly locks: boolean } => {
  const { coolDownMillis, locksAt, lockMillis, maxLockMillis } = REFUSAL_LIMITS;
  const hits = [...(row?.hits ?? []).filter((at) => at > now - DAY_MILLIS), now].slice(-MAX_REFUSALS_KEPT);
  const isLock =
    refusal === 'not me' ||
    locksAt.some(({ windowMillis, refusals }) => hits.filter((at) => at > now - windowMillis).length >= refusals);
  const lock = Math.min(maxLockMillis, lockMillis * 2 ** Math.max(0, hits.length - 2));
  const rest = isLock ? lock : refusal === 'denied' ? coolDownMillis : 0;
  return {
    row: {
      subject,
      hits,
      lockedUntil: Math.max(row?.lockedUntil ?? 0, rest === 0 ? 0 : now + rest),
      rev: row?.rev ?? 0,
    },
    locks: isLock && (!isLocked(row, now) || (row?.lockedUntil ?? 0) <= now + coolDownMillis),
  };
};
