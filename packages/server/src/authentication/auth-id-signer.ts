import { JourneyError } from '@assent/engine';
import type { JourneyReference } from '@assent/engine/host';
import { keyIdOfJws, signKeyedHs256, verifyKeyedHs256 } from '@assent/push/jose';
import type { KeyRing } from '@assent/store';
import { formatAuthIdClaims, parseAuthIdClaims } from '@assent/wire';
import { LRUCache } from 'lru-cache';

/** Three segments, whatever they say. */
const COMPACT_JWS = /^[^.]*\.[\w-]+\.[^.]*$/;

/** Some thousands, each of about a kilobyte. */
const MAX_BYTES = 8 * 1_024 * 1_024;
const BYTES_OF_ENTRY = 256;
const BYTES_OF_CHARACTER = 2;

interface Remembered {
  readonly authId: string;
  readonly reference: JourneyReference;
}

/**
 * Signs and opens authIds: compact JWS, HS256 (RFC 7515 §3.1), by a key of the installation, which each names: so journeys go on when it is
 * replaced, and nothing is opened that a retired one has signed (SEC-76). What was signed a moment ago comes back with the next step, so the
 * latest ones are remembered; any other is opened by its signature.
 */
export class AuthIdSigner {
  readonly #keys: Pick<KeyRing, 'active' | 'find'>;
  readonly #lookForKeys: () => Promise<unknown> | undefined;
  /** By signature, the short part of an authId that no two of them share. */
  readonly #remembered = new LRUCache<string, Remembered>({ maxSize: MAX_BYTES, sizeCalculation: bytesOf });

  /** `lookForKeys` reads keys that others have made since they were read; undefined where that was tried a moment ago. */
  constructor(
    keys: Pick<KeyRing, 'active' | 'find'>,
    lookForKeys: () => Promise<unknown> | undefined = () => undefined,
  ) {
    this.#keys = keys;
    this.#lookForKeys = lookForKeys;
  }

  /** What to wait for before such an authId is opened: it names a key that this instance has not read. */
  reading(authId: string): Promise<unknown> | undefined {
    const id = keyIdOfJws(authId);
    return id === undefined || this.#keys.find(id) !== undefined ? undefined : this.#lookForKeys();
  }

  sign(reference: JourneyReference): string {
    const authId = signKeyedHs256(formatAuthIdClaims(reference), this.#keys.active());
    this.#remember({ authId, reference });
    return authId;
  }

  /** Checks the signature before anything in the token is read. */
  open(authId: string): JourneyReference {
    const remembered = this.#find(authId);
    if (remembered !== undefined) return remembered.reference;
    if (!COMPACT_JWS.test(authId)) throw new JourneyError('AUTH_ID_MALFORMED', { reason: 'not a compact JWS' });
    const verified = verifyKeyedHs256(authId, this.#keys.find);
    if (!verified.ok) throw new JourneyError('AUTH_ID_FORGED', {});
    const reference = parseAuthIdClaims(Buffer.from(verified.value.payload, 'base64url').toString());
    if (reference === undefined) throw new JourneyError('AUTH_ID_MALFORMED', { reason: 'a token of another type' });
    this.#remember({ authId, reference });
    return reference;
  }

  #find(authId: string): Remembered | undefined {
    const remembered = this.#remembered.get(signatureOf(authId));
    return remembered?.authId === authId && this.#isGood(authId) ? remembered : undefined;
  }

  /** Its key may have been retired since. */
  #isGood(authId: string): boolean {
    const id = keyIdOfJws(authId);
    return id !== undefined && this.#keys.find(id) !== undefined;
  }

  #remember(remembered: Remembered): void {
    this.#remembered.set(signatureOf(remembered.authId), remembered);
  }
}

/** An authId stands in memory once as text and once more as what was read from it; the entry itself takes a little. */
const bytesOf = ({ authId }: Remembered): number => BYTES_OF_ENTRY + BYTES_OF_CHARACTER * 2 * authId.length;

const signatureOf = (authId: string): string => authId.slice(authId.lastIndexOf('.') + 1);
