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
  /** Only what {@link isSignIn}: what else ends a journey comes as often as anybody likes, and would fill a page. */
  readonly signIns?: boolean;
}

/** Whether the end of a journey has signed its user in: one that failed, or made no session, a stranger may have run. */
export const isSignIn = ({ outcome, detail }: AuditEvent): boolean =>
  outcome === 'success' && detail?.noSession !== true;

export interface AuditReader {
  /** What concerns a user, newest first. */
  ofUser(userId: string, limit: number): Promise<readonly AuditEvent[]>;
  /** The events of those names that concern a user, newest first. */
  page(userId: string, query: AuditQuery): Promise<readonly PlacedAuditEvent[]>;
}
