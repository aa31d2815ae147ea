import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { JourneyError, type JourneyReference } from '@assent/engine';
import { formatAuthIdClaims, parseAuthIdClaims } from '@assent/wire';

/** The one header that an authId has; another one is not ours. */
const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');

/** Signs and opens authIds: compact JWS, HS256 (RFC 7515 §3.1), by a key of the installation. */
export class AuthIdSigner {
  readonly #key: KeyObject;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  sign(reference: JourneyReference): string {
    const input = `${HEADER}.${Buffer.from(formatAuthIdClaims(reference)).toString('base64url')}`;
    return `${input}.${this.#mac(input).toString('base64url')}`;
  }

  /** Checks the signature before anything in the token is read. */
  open(authId: string): JourneyReference {
    const end = authId.lastIndexOf('.');
    const parts = authId.split('.');
    if (parts.length !== 3 || !/^[\w-]+$/.test(parts[1] ?? '')) {
      throw new JourneyError('AUTH_ID_MALFORMED', { why: 'not a compact JWS' });
    }
    const expected = this.#mac(authId.slice(0, end));
    const given = Buffer.from(authId.slice(end + 1), 'base64url');
    if (parts[0] !== HEADER || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new JourneyError('AUTH_ID_FORGED', {});
    }
    const reference = parseAuthIdClaims(Buffer.from(parts[1] ?? '', 'base64url').toString());
    if (reference === undefined) throw new JourneyError('AUTH_ID_MALFORMED', { why: 'a token of another type' });
    return reference;
  }

  #mac(input: string): Buffer {
    return createHmac('sha256', this.#key).update(input).digest();
  }
}
