import { base64, base64nopad, base64urlnopad } from '@scure/base';

const encoder = new TextEncoder();
// A byte order mark is kept: JSON that begins with one is not JSON.
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** RFC 4648 §4, with padding ("B64" of the protocol). */
export const encodeBase64 = (bytes: Uint8Array): string => base64.encode(bytes);

/** RFC 4648 §5, without padding ("B64U" of the protocol). */
export const encodeBase64Url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes);

/** Reads either alphabet, padded or not, as every decoder of the protocol must (spec/push-protocol.md §0.2). */
export function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text
    .replace(/={1,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  if (digits.length % 4 === 1) return undefined;
  // Some keys are typed by people: bits that belong to no byte may be anything, so they are filled up and cut off.
  const filled = digits.padEnd(Math.ceil(digits.length / 4) * 4, 'A');
  return unlessRefused(() => base64nopad.decode(filled))?.subarray(0, Math.floor((digits.length * 3) / 4));
}

/**
 * Reads only what `encodeBase64Url` writes. A JWT segment has to be this exact: two spellings of one signature would be
 * two JWTs to everything that recognises a repeat by its bytes.
 */
export const decodeBase64UrlExactly = (text: string): Uint8Array | undefined =>
  unlessRefused(() => base64urlnopad.decode(text));

/** The UTF-8 bytes of a text. */
export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);

/** The text of UTF-8 bytes, or undefined where they are not UTF-8. */
export const utf8Text = (bytes: Uint8Array): string | undefined => unlessRefused(() => strictDecoder.decode(bytes));

/** B64U of a text. */
export const encodeTextUrl = (text: string): string => encodeBase64Url(utf8Bytes(text));

/** The text in a base64 value of either alphabet. */
export function decodeText(encoded: string): string | undefined {
  const bytes = decodeBase64(encoded);
  return bytes === undefined ? undefined : utf8Text(bytes);
}

/** What a decoder makes of foreign input; undefined where it throws. */
export function unlessRefused<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
