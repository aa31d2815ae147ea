const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6, padded, as AM writes the secret of a generator. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let group = 0;
  let bits = 0;
  for (const byte of bytes) {
    group = ((group << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[(group >> (bits - 5)) & 31];
  }
  if (bits > 0) text += ALPHABET[(group << (5 - bits)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}

/** Reads any case, padded or not; undefined where it is none. */
export function decodeBase32(text: string): Uint8Array | undefined {
  const digits = text.toUpperCase().replace(/=+$/, '');
  const out = new Uint8Array(Math.floor((digits.length * 5) / 8));
  let group = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) return undefined;
    group = ((group << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (group >> bits) & 0xff;
    }
  }
  // What is left over belongs to no byte and must be nothing (RFC 4648 §3.5).
  return bits < 5 && (group & ((1 << bits) - 1)) === 0 ? out : undefined;
}
