import type { Waiting } from './waiting-places.ts';

/**
 * An authorization request that waits under an address of its own: pushed by its client (RFC 9126), or too long for the
 * address that leads back from the login page.
 */
export interface ParkedRequest extends Waiting {
  /** SHA-256 of the address's secret part, base64url. */
  readonly idHash: string;
  readonly realm: string;
  readonly clientId: string;
  /** JSON text of the parameters; sealed at rest. */
  readonly request: string;
  /** Milliseconds. */
  readonly expiresAt: number;
}

export interface ParkedRequestReader {
  get(idHash: string): Promise<ParkedRequest | undefined>;
}
