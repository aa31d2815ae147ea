/**
 * An authorization request that waits under an address of its own: pushed by its client (RFC 9126), or too long for the
 * address that leads back from the login page.
 */
export interface ParkedRequest {
  /** SHA-256 of the address's secret part, base64url. */
  readonly idHash: string;
  readonly realm: string;
  readonly clientId: string;
  /** JSON text of the parameters; sealed at rest. */
  readonly request: string;
  /**
   * Whether its client has pushed it, and proven who it is. The others were too long to lead back from the login page: anybody can make
   * those, so they must not take the place of the client's own.
   */
  readonly isPushed: boolean;
  /** Milliseconds. */
  readonly expiresAt: number;
}

export interface ParkedRequestReader {
  get(idHash: string): Promise<ParkedRequest | undefined>;
}

/** One client's requests of a kind, pushed or not, that wait at a time; more are refused (OIDC-22). */
export const MAX_PARKED_OF_CLIENT = 1_000;
