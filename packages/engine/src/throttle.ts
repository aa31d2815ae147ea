import { port } from './port.ts';

/** How often a subject did something lately. */
export interface ThrottleRow {
  readonly subject: string;
  /** When the counted events happened, oldest first, milliseconds. */
  readonly hits: readonly number[];
  /** Until when the subject is locked; 0 when it is not. */
  readonly lockedUntil: number;
  readonly rev: number;
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

/** The row after one more hit. */
export const afterHit = (
  row: ThrottleRow | undefined,
  subject: string,
  policy: ThrottlePolicy,
  now: number,
): ThrottleRow => {
  const hits = [...(row?.hits ?? []).filter((at) => at > now - policy.windowMillis), now].slice(-256);
  const over = hits.length - policy.free;
  const lock = over < 0 ? 0 : Math.min(policy.maxLockMillis, policy.lockMillis * 2 ** Math.min(over, 20));
  return {
    subject,
    hits,
    lockedUntil: Math.max(row?.lockedUntil ?? 0, lock === 0 ? 0 : now + lock),
    rev: row?.rev ?? 0,
  };
};

/** Counters of guesses and sends; writes belong to the submit. */
export interface Throttle {
  /** Hits and lock now, read inside this submit's turn for the subject. */
  state(
    subject: string,
  ): Promise<{ readonly hits: readonly number[]; readonly locked: boolean; readonly lockedUntil: number }>;
  hit(subject: string, policy: ThrottlePolicy): Promise<void>;
  clear(subject: string): Promise<void>;
}

export const throttle = port<Throttle>()('throttle');
