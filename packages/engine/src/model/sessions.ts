import { AUTH_FACTORS, JOURNEYS } from './session-proofs.ts';

/** What a finished journey gives: proof of who signed in, and how. */
export interface Session {
  /** SHA-256 of the token, base64url; the token itself is kept nowhere. */
  readonly tokenHash: string;
  /** A name for the session that may be shown; it opens nothing. */
  readonly handle: string;
  /**
   * What applications know the session by. It stays where a journey of the same user makes another session of this one, whose
   * token and handle are new; of two such that meet, both have it.
   */
  readonly sid: string;
  readonly realm: string;
  readonly userId: string;
  readonly username: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Idle time is written at most once a minute. */
  readonly lastUsedAt: number;
  readonly maxExpiresAt: number;
  readonly maxIdleMillis: number;
}

/** What a journey wants of the session that it may end in, and of the words for its end. */
export interface SessionOptions {
  /** `null` removes what the session before this one had. */
  readonly properties: Readonly<Record<string, string | null>>;
  /** Who a node says the user is, where it knows a name only. */
  username?: string;
  /** Names of webhooks that are called when the session ends. */
  logoutWebhooks?: readonly string[];
  maxSessionMinutes?: number;
  maxIdleMinutes?: number;
  errorMessage?: string;
  lockoutMessage?: string;
  /** Members that the client gets on success: by their text, and by property of the session. */
  successDetails?: Readonly<Record<string, string>>;
  successProperties?: Readonly<Record<string, string>>;
  /** Members that it gets on Failure. */
  failureDetails?: Readonly<Record<string, string>>;
}

/** When the factors in `NodeType` were used, as `authInstant` is written: older than that where a later journey used none. */
export const FACTOR_INSTANT = 'FactorInstant';
/** Clocks of the instances of a server differ by at most this much. */
const SKEW_MILLIS = 5_000;

/**
 * Whether the time of a proof, in milliseconds, is in the past. A later time was written by a clock that was set back since: its age is unknown, so it is
 * not recent.
 */
export const isPast = (at: number, now: number): boolean => at - now <= SKEW_MILLIS;

/** The `User-Agent` that the session was made for; its address is AM's `Host`. */
export const USER_AGENT = 'UserAgent';

/** The property of a session that names the webhooks to be called at its end. */
export const LOGOUT_WEBHOOKS = 'LogoutWebhooks';

/** Properties that say who signed in, how and when: the server's own, which no node may set (spec: journeys-rest §5.4). */
const SYSTEM_PROPERTIES: ReadonlySet<string> = new Set(
  [
    'AMCtxId',
    'amlbcookie',
    // What was proven and which journeys were walked: applications are told by it who signed in how (OIDC-12).
    AUTH_FACTORS,
    'AuthLevel',
    'AuthType',
    'authInstant',
    'CharSet',
    'clientType',
    'cookieSupport',
    FACTOR_INSTANT,
    'FullLoginURL',
    'Host',
    'HostName',
    'IndexType',
    JOURNEYS,
    'Locale',
    'loginURL',
    LOGOUT_WEBHOOKS,
    // The factors that were used: whoever could write it here could manage devices without having used one.
    'NodeType',
    'Organization',
    'Principal',
    'Principals',
    'Service',
    'SessionHandle',
    'successURL',
    'sun.am.UniversalIdentifier',
    'TokenRestriction',
    USER_AGENT,
    'UserId',
    'UserToken',
  ].map((name) => name.toLowerCase()),
);

export const isSystemSessionProperty = (name: string): boolean => SYSTEM_PROPERTIES.has(name.toLowerCase());

/** The authentication level of a session; none below any level where the property holds no number. */
export const authLevelOf = ({ properties }: Pick<Session, 'properties'>): number =>
  /^-?\d{1,15}$/.test(properties.AuthLevel ?? '') ? Number(properties.AuthLevel) : Number.NEGATIVE_INFINITY;

/**
 * How many sessions of one user the sweep keeps, those of each strength counted apart: an attacker with the password alone can end no session that
 * has shown a second factor.
 */
export const SESSIONS_OF_USER = {
  /** Above this, the sweep ends sessions that were not used for `idleMillis`. It is also how many sessions one read returns. */
  kept: 1_000,
  /** Above this, the sweep ends sessions in use as well. */
  keptInUse: 5_000,
  /** Instead of both, for sessions that have proven nothing: all guests of a realm are one user. */
  keptOfNothing: 10_000,
  idleMillis: 5 * 60_000,
} as const;

/** How much one read returns at most. */
export interface SessionBounds {
  readonly limit?: number;
  /** Of the properties of all sessions together, as JSON. */
  readonly characters?: number;
}

/** Sessions of a user, expired ones left out. No read returns more than `SESSIONS_OF_USER.kept`. */
export interface SessionReader {
  get(tokenHash: string): Promise<Session | undefined>;
  /** The newest ones that are within the bounds, newest first. They are read in turns of the event loop. */
  ofUser(userId: string, now: number, bounds?: SessionBounds): Promise<readonly Session[]>;
  /** The sessions of the user that have these handles. */
  byHandles(userId: string, handles: readonly string[], now: number): Promise<readonly Session[]>;
  /** Whether the user has a session that applications know by this `sid`. */
  hasSid(userId: string, sid: string, now: number): Promise<boolean>;
  /** How many sessions the user has, without a bound. */
  countOfUser(userId: string, now: number): Promise<number>;
}

export const isLiveSession = (session: Session, now: number): boolean =>
  now < session.maxExpiresAt && now < session.lastUsedAt + session.maxIdleMillis;
