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
  /** All events where absent. */
  readonly events?: readonly string[];
  /** Only what happened at that time or later. */
  readonly since: number;
  /** Only what stands before that place; from the newest where absent. Nothing stands before one that the store has not told. */
  readonly before?: string;
  readonly limit: number;
}

/** How many rows of a user one page reads at most, wanted or not: users write rows that their own pages do not show. */
export const MAX_AUDIT_ROWS_OF_PAGE = 1_000;

/** A part of the audit log of a user. */
export interface AuditPage {
  /** Newest first. */
  readonly events: readonly PlacedAuditEvent[];
  /** Where the next page begins, as `before`. Present where older rows may be left, also on a page with few events or none. */
  readonly next?: string;
}

/** Which sign-ins of a user are wanted, of those that have made their place known (`detail.knownBy` of a `JOURNEY_END`). */
export interface SignInQuery {
  /** Made known by a second factor, or by a second factor or the password alone. */
  readonly knownBy: 'factor' | 'any';
  /** Only what happened at that time or later. */
  readonly since: number;
  /** Of each kind: many sign-ins by the password alone hide none by a second factor. */
  readonly limit: number;
}

export interface AuditReader {
  /** What concerns a user, newest first. */
  ofUser(userId: string, limit: number): Promise<readonly AuditEvent[]>;
  /**
   * The events of those names that concern a user, newest first. Reads {@link MAX_AUDIT_ROWS_OF_PAGE} rows at most. A page that goes on from another
   * one is read in a later turn of the event loop, so a caller that reads all pages blocks no other request.
   */
  page(userId: string, query: AuditQuery): Promise<AuditPage>;
  /**
   * The newest sign-ins of a user that have made their place known. Reads only such rows: a stranger can add any number of other rows to the
   * audit log of a user, and each refused guess asks this question.
   */
  signIns(userId: string, query: SignInQuery): Promise<readonly AuditEvent[]>;
}
