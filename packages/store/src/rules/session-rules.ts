import type { Session } from '@assent/engine';
import {
  type AuditEvent,
  SESSION_PROPERTY_LIMITS,
  SESSIONS_OF_USER,
  STRENGTH,
  type Strength,
  sessionPropertiesProblem,
} from '@assent/engine/host';

type Properties = Readonly<Record<string, string>>;

/**
 * The properties of a session after a change: null takes one away. Undefined where the session would have too many or too long ones (SEC-93), unless
 * the change only takes some away.
 */
export const withProperties = (
  before: Properties,
  changes: Readonly<Record<string, string | null>>,
): Properties | undefined => {
  const merged = new Map([...Object.entries(before), ...Object.entries(changes)]);
  const after = Object.fromEntries([...merged].filter((entry): entry is [string, string] => entry[1] !== null));
  const adds = Object.values(changes).some((value) => value !== null);
  return adds && sessionPropertiesProblem(after) !== undefined ? undefined : after;
};

/** When a session is over: by its idle time, or at the latest. */
export const expiryOf = (session: Pick<Session, 'maxExpiresAt' | 'lastUsedAt' | 'maxIdleMillis'>): number =>
  Math.min(session.maxExpiresAt, session.lastUsedAt + session.maxIdleMillis);

/** How many sessions one read returns: what the caller asks for, within the bound of all reads. */
export const readLimit = (wanted: number = SESSIONS_OF_USER.kept): number => Math.min(wanted, SESSIONS_OF_USER.kept);

/** How many sessions one statement finds. */
export const SESSIONS_AT_ONCE = 500;

/** How many entries of the outbox one step writes for the webhooks of sessions: a sweep writes no more, and goes on with the next one. */
const ENTRIES_AT_ONCE = 250;
/** How many sessions with webhooks are read and told of at once. */
export const SESSIONS_TOLD_AT_ONCE = ENTRIES_AT_ONCE / SESSION_PROPERTY_LIMITS.logoutWebhooks;

/** The sessions that are beyond what a user keeps: up to so many, of those that were last used by that time or have run out. */
export interface ExcessSessions {
  readonly limit: number;
  readonly usedBy: number;
}

/** What to end of `held` sessions of one strength, one after the other: those beyond the upper bound, and then unused ones beyond the lower bound. */
export const excessOf = (strength: Strength, held: number, now: number): readonly ExcessSessions[] => {
  const { keptOfNothing, idleMillis } = SESSIONS_OF_USER;
  const isOfNothing = strength === STRENGTH.nothing;
  const kept = isOfNothing ? keptOfNothing : SESSIONS_OF_USER.kept;
  const keptInUse = isOfNothing ? keptOfNothing : SESSIONS_OF_USER.keptInUse;
  const inUse = Math.max(0, held - keptInUse);
  const unused = Math.max(0, held - inUse - kept);
  return [
    { limit: inUse, usedBy: Number.MAX_SAFE_INTEGER },
    { limit: unused, usedBy: now - idleMillis },
  ].filter(({ limit }) => limit > 0);
};

/** How many sessions one sweep ends as excess, and how many of them may have webhooks. */
export interface MostExcess {
  readonly sessions: number;
  readonly told: number;
}

/** Sessions of one user that the sweep has ended, and what else ends with them once the sweep has come to it. */
export interface EndedExcess {
  readonly userId: string;
  readonly realm: string;
  readonly sessions: number;
  /** How many of them had webhooks. */
  readonly told: number;
  /** Those that no other session of the user has. */
  readonly sids: readonly string[];
}

/** The row of the audit log for the sessions that the sweep has ended. */
export const excessEvent = (
  { userId, realm, sessions }: EndedExcess,
  at: number,
  transactionId: string,
): AuditEvent => ({
  at,
  event: 'SESSION_END',
  realm,
  transactionId,
  userId,
  outcome: 'tooManySessions',
  detail: { sessions },
});
