/** A call to an address that a client has named. */
export interface OutboundCall {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How much of the answer is read; nothing where absent, and one that is longer is none. */
  readonly maxBytes?: number;
}

/**
 * The way out to addresses that clients have named: by https, to public addresses alone but where an operator says otherwise, without
 * following anything, and within seconds (OIDC-25). Rejects where an address may not be called, and
 * where there is no such answer.
 */
export type Outbound = (
  address: string,
  call: OutboundCall,
) => Promise<{
  readonly status: number;
  readonly body: string;
  /** What the other side says in `Retry-After`, as it says it. */
  readonly retryAfter?: string | undefined;
}>;
