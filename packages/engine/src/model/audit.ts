/** One row of the audit trail; never a secret, a code, a number or a body (SEC-79, security-reliability §7). */
export interface AuditEvent {
  readonly at: number;
  readonly event: string;
  readonly realm: string;
  readonly transactionId: string;
  readonly userId?: string;
  readonly journey?: string;
  readonly nodeType?: string;
  readonly nodeId?: string;
  readonly outcome?: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

/** An event with its place in the trail, in words of the store: who wants what stands before it, hands it back. */
export interface PlacedAuditEvent extends AuditEvent {
  readonly place: string;
}

/** Which events of a user are wanted. */
export interface AuditQuery {
  readonly events: readonly string[];
  /** Only what happened at that time or later. */
  readonly since: number;
  /** Only what stands before that place; from the newest where absent. Nothing stands before one that the store has not told. */
  readonly before?: string;
  readonly limit: number;
  /**
   * Only ends of journeys that have made their place known, by a second factor or by anything (`detail.knownBy`): what else ends a journey comes
   * as often as a stranger likes, and would fill a page.
   */
  readonly knownBy?: 'factor' | 'any';
}

/** Whether the end of a journey has made its place known to be the user's, in that way. */
export const hasMadeKnown = ({ detail }: AuditEvent, by: NonNullable<AuditQuery['knownBy']>): boolean =>
  by === 'any' ? detail?.knownBy !== undefined : detail?.knownBy === by;

export interface AuditReader {
  /** What concerns a user, newest first. */
  ofUser(userId: string, limit: number): Promise<readonly AuditEvent[]>;
  /** The events of those names that concern a user, newest first. */
  page(userId: string, query: AuditQuery): Promise<readonly PlacedAuditEvent[]>;
}
