import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { JourneyError, type JourneyReference } from '@assent/engine';
import { formatAuthIdClaims, parseAuthIdClaims } from '@assent/wire';

/** The one header that an authId has; another one is not ours. */
const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');

/** Half of what is remembered: with so many new ones, those before them are forgotten. Each takes about a kilobyte. */
const GENERATION = 2_048;

/**
 * Signs and opens authIds: compact JWS, HS256 (RFC 7515 §3.1), by a key of the installation. What was signed a moment ago
 * comes back with the next submit, so the latest ones are remembered; any other is opened by its signature.
 */
export class AuthIdSigner {
  readonly #key: KeyObject;
  #latest = new Map<string, JourneyReference>();
  #before = new Map<string, JourneyReference>();

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  sign(reference: JourneyReference): string {
    const input = `${HEADER}.${Buffer.from(formatAuthIdClaims(reference)).toString('base64url')}`;
    return this.#remember(`${input}.${this.#mac(input).toString('base64url')}`, reference);
  }

  /** Checks the signature before anything in the token is read. */
  open(authId: string): JourneyReference {
    const remembered = this.#latest.get(authId) ?? this.#before.get(authId);
    if (remembered !== undefined) return remembered;
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
    this.#remember(authId, reference);
    return reference;
  }

  #remember(authId: string, reference: JourneyReference): string {
    if (this.#latest.size >= GENERATION) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(authId, reference);
    return authId;
  }

  #mac(input: string): Buffer {
    return createHmac('sha256', this.#key).update(input).digest();
  }
}
