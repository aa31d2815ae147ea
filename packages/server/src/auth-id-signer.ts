import { timingSafeEqual } from 'node:crypto';
import { JourneyError, type JourneyReference } from '@assent/engine';
import { HmacSha256 } from '@assent/push';
import { formatAuthIdClaims, parseAuthIdClaims, type WrittenStep } from '@assent/wire';

/** The one header that an authId has; another one is not ours. */
const HEADER = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url');

/** Half of what is remembered: with so many new ones, those before them are forgotten. Each takes about a kilobyte. */
const GENERATION = 2_048;

interface Remembered {
  readonly authId: string;
  readonly reference: JourneyReference;
  /** The step that went out with it, until that is answered. */
  shown: WrittenStep | undefined;
}

/**
 * Signs and opens authIds: compact JWS, HS256 (RFC 7515 §3.1), by a key of the installation. What was signed a moment ago
 * comes back with the next submit, so the latest ones are remembered; any other is opened by its signature.
 */
export class AuthIdSigner {
  readonly #mac: HmacSha256;
  /** By signature, the short part of an authId that no two of them share. */
  #latest = new Map<string, Remembered>();
  #before = new Map<string, Remembered>();

  constructor(key: Uint8Array) {
    this.#mac = new HmacSha256(key);
  }

  /** `shown` is the step that goes out with the authId. */
  sign(reference: JourneyReference, shown?: WrittenStep): string {
    const input = `${HEADER}.${Buffer.from(formatAuthIdClaims(reference)).toString('base64url')}`;
    const signature = this.#mac.of(input);
    const authId = `${input}.${signature}`;
    this.#remember(signature, { authId, reference, shown });
    return authId;
  }

  /** Checks the signature before anything in the token is read. */
  open(authId: string): JourneyReference {
    const remembered = this.recall(authId);
    if (remembered !== undefined) return remembered.reference;
    const end = authId.lastIndexOf('.');
    const signature = authId.slice(end + 1);
    const parts = authId.split('.');
    if (parts.length !== 3 || !/^[\w-]+$/.test(parts[1] ?? '')) {
      throw new JourneyError('AUTH_ID_MALFORMED', { why: 'not a compact JWS' });
    }
    if (parts[0] !== HEADER || !isSameText(signature, this.#mac.of(authId.slice(0, end)))) {
      throw new JourneyError('AUTH_ID_FORGED', {});
    }
    const reference = parseAuthIdClaims(Buffer.from(parts[1] ?? '', 'base64url').toString());
    if (reference === undefined) throw new JourneyError('AUTH_ID_MALFORMED', { why: 'a token of another type' });
    this.#remember(signature, { authId, reference, shown: undefined });
    return reference;
  }

  /** Notes the step that goes out again with an authId. */
  showAgain(authId: string, shown: WrittenStep): void {
    const remembered = this.recall(authId);
    if (remembered !== undefined) remembered.shown = shown;
  }

  /** Of a step that was answered nothing stays in memory here: it may have shown a secret. */
  forgetShown(authId: string): void {
    const remembered = this.recall(authId);
    if (remembered !== undefined) remembered.shown = undefined;
  }

  /** What was signed, or opened, a moment ago. */
  recall(authId: string): Remembered | undefined {
    const signature = authId.slice(authId.lastIndexOf('.') + 1);
    const latest = this.#latest.get(signature);
    const remembered = latest ?? this.#before.get(signature);
    if (remembered?.authId !== authId) return undefined;
    // What is asked for again and again, as by a poll, is not forgotten for others that came since.
    if (latest === undefined) this.#remember(remembered.authId.slice(-signature.length), remembered);
    return remembered;
  }

  #remember(signature: string, remembered: Remembered): void {
    if (this.#latest.size >= GENERATION) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(signature, remembered);
  }
}

/** Takes as long wherever two texts of one length differ. */
const isSameText = (given: string, expected: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
};
