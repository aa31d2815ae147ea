/** What a finished journey gives: proof of who signed in, and how. */
export interface Session {
  /** SHA-256 of the token, base64url; the token itself is kept nowhere. */
  readonly tokenHash: string;
  /** A name for the session that may be shown; it opens nothing. */
  readonly handle: string;
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

export interface SessionReader {
  get(tokenHash: string): Promise<Session | undefined>;
  /** Newest first, expired ones left out. */
  ofUser(userId: string, now: number): Promise<readonly Session[]>;
}

export const isLiveSession = (session: Session, now: number): boolean =>
  now < session.maxExpiresAt && now < session.lastUsedAt + session.maxIdleMillis;
