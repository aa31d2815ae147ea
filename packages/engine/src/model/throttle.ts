import { port } from './port.ts';

/**
 * Subjects are short and of a few kinds: what a stranger types is in them as a digest only, so that nobody makes rows large
 * and no name stands in them (SEC-46, docs/adr/0039).
 */
export const MAX_SUBJECT_LENGTH = 160;

/** How often a subject did something lately. */
export interface ThrottleRow {
  readonly subject: string;
  /** When the counted events happened, oldest first, milliseconds. */
  readonly hits: readonly number[];
  /** Until when the subject is locked; 0 when it is not. */
  readonly lockedUntil: number;
  readonly rev: number;
}

/** One event that was counted. */
export interface ThrottleHit {
  readonly subject: string;
  readonly at: number;
}

export interface ThrottleReader {
  get(subjects: readonly string[]): Promise<readonly ThrottleRow[]>;
}

/** What counts as too often, and for how long it then locks. */
export interface ThrottlePolicy {
  /** Hits older than this are forgotten. */
  readonly windowMillis: number;
  /** Up to how many hits nothing happens. */
  readonly free: number;
  /** The first lock; each further hit doubles it. */
  readonly lockMillis: number;
  readonly maxLockMillis: number;
}

/** Past the free ones, so many make the longest lock there is; a list of more says nothing else. */
const MAX_DOUBLINGS = 20;
/** How many hits are kept where a policy frees any number, and so only counts. */
const MAX_FREE_KEPT = 128;

/** The row after one more hit. */
export const afterHit = (
  row: ThrottleRow | undefined,
  subject: string,
  policy: ThrottlePolicy,
  now: number,
): ThrottleRow => {
  const hits = [...(row?.hits ?? []).filter((at) => at > now - policy.windowMillis), now].slice(
    -(Math.min(policy.free, MAX_FREE_KEPT) + MAX_DOUBLINGS),
  );
  const over = hits.length - policy.free;
  const lock = over < 0 ? 0 : Math.min(policy.maxLockMillis, policy.lockMillis * 2 ** Math.min(over, MAX_DOUBLINGS));
  return {
    subject,
    hits,
    lockedUntil: Math.max(row?.lockedUntil ?? 0, lock === 0 ? 0 : now + lock),
    rev: row?.rev ?? 0,
  };
};

/** Whether a subject may not do it now. */
export const isLocked = (row: Pick<ThrottleRow, 'lockedUntil'> | undefined, now: number): boolean =>
  (row?.lockedUntil ?? 0) > now;

/** The row once nothing of it counts any more. */
export const clearedThrottle = (row: ThrottleRow): ThrottleRow => ({ ...row, hits: [], lockedUntil: 0 });

/** The row without the hit of that moment. */
export const withoutHit = (row: ThrottleRow, at: number): ThrottleRow => ({
  ...row,
  hits: row.hits.filter((hit) => hit !== at),
});

/** The row as it is stored; undefined where somebody else has changed it since it was read. */
export const storedThrottle = (stored: ThrottleRow | undefined, row: ThrottleRow): ThrottleRow | undefined =>
  (stored?.rev ?? 0) === row.rev ? { ...row, rev: row.rev + 1 } : undefined;

/** Whose secret is guessed; undefined where no user is known. */
export interface Guess {
  readonly userId: string | undefined;
}

/**
 * Counters of guesses and sends; writes belong to the unit of work. With `guess` the source that it comes from counts too: where
 * that has guessed wrong too often, the subject is as good as locked for it (SEC-56).
 */
export interface Throttle {
  /** Hits and lock now, read inside the turn that this unit of work has for the subject. */
  state(
    subject: string,
    guess?: Guess,
  ): Promise<{ readonly hits: readonly number[]; readonly locked: boolean; readonly lockedUntil: number }>;
  hit(subject: string, policy: ThrottlePolicy, guess?: Guess): Promise<void>;
  clear(subject: string): Promise<void>;
}

export const throttle = port<Throttle>()('throttle', 'stages');
