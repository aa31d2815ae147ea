import type { Random } from './random.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648 §5 without padding, for lengths that are multiples of three. */
const base64Url = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += `${ALPHABET[group >> 18]}${ALPHABET[(group >> 12) & 63]}${ALPHABET[(group >> 6) & 63]}${ALPHABET[group & 63]}`;
  }
  return text;
};

/** 144 random bits, URL-safe. */
export const newNonce = (random: Random): string => base64Url(random.bytes(18));

/**
 * Whether two texts are the same, in a time that tells no more of them than their lengths: for what somebody guesses at (SEC-78).
 * Of texts whose lengths are no secret, such as digests.
 */
export const sameText = (one: string, other: string): boolean => {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
};
