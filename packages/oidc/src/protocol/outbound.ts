/** A call to an address that a client has named. */
export interface OutboundCall {
  /** The realm of the client: its calls look up host names in turns of their own. */
  readonly realm: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How much of the answer is read; nothing where absent, and one that is longer is none. */
  readonly maxBytes?: number;
}

/**
 * The way out to addresses that clients have named: by https, to public addresses alone but where an operator says otherwise, without
 * following anything, and within seconds (OIDC-25). Rejects where an address may not be called, and where there is no such answer; with the code
 * `EAI_AGAIN` where the call has not begun, since too many host names of the realm are looked up.
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

/** Whether a call has not begun, which says nothing of its address. */
export const isCallRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN';
