import { hash } from 'node:crypto';

/** RFC 2104 §2: the block of SHA-256, and what the key is mixed with for the two digests. */
const BLOCK = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
const DIGEST = 32;

/** Longer texts than most are given a buffer of their own. */
const LONGEST_IN_PLACE = 4_096;

const padded = (key: Uint8Array, pad: number, room: number): Buffer => {
  const block = Buffer.alloc(BLOCK + room);
  block.set(key);
  for (let at = 0; at < BLOCK; at += 1) block[at] = (block[at] ?? 0) ^ pad;
  return block;
};

/**
 * HMAC-SHA-256 by one key, made of two digests as RFC 2104 defines it: an `Hmac` of Node costs several times as much, most of
 * it for an object that serves once (docs/adr/0026).
 */
export class HmacSha256 {
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** @throws TypeError for a key that would have to be digested first; none of ours is longer than a block */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new TypeError(`A key may have ${BLOCK} bytes at most.`);
    this.#inner = padded(key, INNER_PAD, LONGEST_IN_PLACE);
    this.#outer = padded(key, OUTER_PAD, DIGEST);
  }

  /** The code of an ASCII text, as base64url. */
  of(text: string): string {
    const place =
      text.length <= LONGEST_IN_PLACE
        ? this.#inner
        : Buffer.concat([this.#inner.subarray(0, BLOCK)], BLOCK + text.length);
    const end = BLOCK + place.write(text, BLOCK, 'latin1');
    this.#outer.write(hash('sha256', place.subarray(0, end), 'binary'), BLOCK, 'latin1');
    return hash('sha256', this.#outer, 'base64url');
  }
}
