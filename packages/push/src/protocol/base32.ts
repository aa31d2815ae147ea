import { base32, base32nopad } from '@scure/base';
import { unlessRefused } from './base64.ts';

/** RFC 4648 §6, padded, as AM writes the secret of a generator. */
export const encodeBase32 = (bytes: Uint8Array): string => base32.encode(bytes);

/** How many digits more than whole groups of eight no number of bytes has: a code of such a length was cut. */
const CUT = new Set([1, 3, 6]);

/** Reads any case, padded or not; undefined where it is none. */
export function decodeBase32(text: string): Uint8Array | undefined {
  const digits = text.toUpperCase().replace(/={1,6}$/, '');
  if (CUT.has(digits.length % 8)) return undefined;
  const length = Math.floor((digits.length * 5) / 8);
  // People make keys by hand: bits that belong to no byte may be anything, so they are filled up and cut off.
  const filled = digits.padEnd(Math.ceil(digits.length / 8) * 8, 'A');
  return unlessRefused(() => base32nopad.decode(filled))?.subarray(0, length);
}
