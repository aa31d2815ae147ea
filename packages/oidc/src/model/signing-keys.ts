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

/** Both keys after a rotation; undefined where one of them is not what it was taken for, or they sign in two ways. */
export const afterRotation = (
  next: SigningKeyRow | undefined,
  active: SigningKeyRow | undefined,
  at: number,
): readonly [SigningKeyRow, SigningKeyRow] | undefined =>
  next?.status === 'next' && active?.status === 'active' && next.algorithm === active.algorithm
    ? [
        { ...next, status: 'active', since: at },
        { ...active, status: 'retired', since: at },
      ]
    : undefined;
