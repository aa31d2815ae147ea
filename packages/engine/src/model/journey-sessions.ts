/** A journey under way, as it is kept. */
export interface JourneySession {
  readonly id: string;
  readonly realm: string;
  readonly tree: string;
  readonly treeVersion: number;
  /** The authId that may advance the journey carries this nonce; every advance makes a new one. */
  readonly nonce: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** A finished journey keeps its row until it expires, so that no authId of it starts anything again. */
  readonly ended: boolean;
  /** JSON text of the journey state; sealed at rest. Empty once ended. */
  readonly state: string;
  /** What the last accepted submit was, so that an identical retry is told apart from a replay (SEC-39). */
  readonly lastSubmit?: { readonly nonce: string; readonly code: string; readonly at: number };
}

/** A user, as journeys under way know one. */
export interface JourneyUser {
  readonly id: string;
  readonly realm: string;
  readonly username: string;
}

export interface JourneySessionReader {
  get(id: string): Promise<JourneySession | undefined>;
  /**
   * Ids of the journeys under way that know the user. No index has them by user, so all journeys of the store are looked through, a bounded number of
   * them in each turn of the event loop; it is for what is done seldom.
   */
  ofUser(user: JourneyUser): Promise<readonly string[]>;
}
