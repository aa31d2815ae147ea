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

export interface AuditReader {
  /** What concerns a user, newest first. */
  ofUser(userId: string, limit: number): Promise<readonly AuditEvent[]>;
}
