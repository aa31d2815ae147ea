import { hash } from 'node:crypto';

/** RFC 2104 §2: the block of SHA-256, and what the key is mixed with for the two digests. */
const BLOCK = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const DIGEST = 32;

/** Longer texts than most are given a buffer of their own. */
const MAX_IN_PLACE = 4_096;

/** Where the block of a key stands with what is digested behind it; each code is worked out in one go. */
const innerPlace = Buffer.alloc(BLOCK + MAX_IN_PLACE);
const outerPlace = Buffer.alloc(BLOCK + DIGEST);

const padded = (key: Uint8Array, pad: number): Uint8Array => {
  const block = new Uint8Array(BLOCK).fill(pad);
  for (let at = 0; at < key.length; at += 1) block[at] = (key[at] ?? 0) ^ pad;
  return block;
};

/**
 * HMAC-SHA-256 by one key, made of two digests as RFC 2104 defines it: an `Hmac` of Node costs several times as much, most of
 * it for an object that serves once (docs/adr/0026).
 */
export class HmacSha256 {
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  constructor(key: Uint8Array) {
    const short = key.length > BLOCK ? hash('sha256', key, 'buffer') : key;
    this.#inner = padded(short, INNER_PAD);
    this.#outer = padded(short, OUTER_PAD);
  }

  /** The code of an ASCII text, as base64url. */
  of(text: string): string {
    return hash('sha256', this.#digested(text), 'base64url');
  }

  /** The 32 bytes of the code of an ASCII text, or of bytes. */
  bytesOf(data: string | Uint8Array): Buffer {
    return hash('sha256', this.#digested(data), 'buffer');
  }

  /** What the outer digest is made of: the key, and the digest of the key and the data. */
  #digested(data: string | Uint8Array): Buffer {
    const place = data.length <= MAX_IN_PLACE ? innerPlace : Buffer.alloc(BLOCK + data.length);
    place.set(this.#inner);
    if (typeof data === 'string') place.write(data, BLOCK, 'latin1');
    else place.set(data, BLOCK);
    outerPlace.set(this.#outer);
    outerPlace.write(hash('sha256', place.subarray(0, BLOCK + data.length), 'binary'), BLOCK, 'latin1');
    return outerPlace;
  }
}
