import type { SigningAlgorithm } from './clients.ts';

/** A key that tokens of a realm are signed with. */
export interface SigningKeyRow {
  readonly realm: string;
  /** RFC 7638. */
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  /** Shown before it signs, signing, or shown for as long as what it has signed is good. */
  readonly status: 'next' | 'active' | 'retired';
  /** PKCS #8, PEM; sealed at rest. */
  readonly privateKey: string;
  readonly createdAt: number;
  /** When its status became what it is, milliseconds. */
  readonly since: number;
}

export interface SigningKeyReader {
  /** All of a realm, the oldest first. */
  ofRealm(realm: string): Promise<readonly SigningKeyRow[]>;
}
