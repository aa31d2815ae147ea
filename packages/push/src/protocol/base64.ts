const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const PAD = '='.charCodeAt(0);
const NOT_A_SEXTET = 0xff;

const encoder = new TextEncoder();
const asciiDecoder = new TextDecoder();
// A byte order mark is kept: JSON that begins with one is not JSON.
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const codesOf = (alphabet: string): Uint8Array => encoder.encode(alphabet);
const standardCodes = codesOf(STANDARD);
const urlSafeCodes = codesOf(URL_SAFE);

const sextetsOf = (...alphabets: readonly Uint8Array[]): Uint8Array => {
  const sextets = new Uint8Array(128).fill(NOT_A_SEXTET);
  for (const codes of alphabets) for (const [sextet, code] of codes.entries()) sextets[code] = sextet;
  return sextets;
};
/** One table for both alphabets: they differ in the names of 62 and 63 only. */
const sextets = sextetsOf(standardCodes, urlSafeCodes);
const urlSafeSextets = sextetsOf(urlSafeCodes);

/** RFC 4648 §4, with padding ("B64" of the protocol). */
export const encodeBase64 = (bytes: Uint8Array): string => encode(bytes, standardCodes, true);

/** RFC 4648 §5, without padding ("B64U" of the protocol). */
export const encodeBase64Url = (bytes: Uint8Array): string => encode(bytes, urlSafeCodes, false);

/** Where characters are put together; nobody keeps it, and to make as much room each time takes longer than to fill it. */
const room = new Uint8Array(4_096);

function encode(bytes: Uint8Array, codes: Uint8Array, padded: boolean): string {
  const whole = Math.floor(bytes.length / 3) * 3;
  const rest = bytes.length - whole;
  const length = (whole / 3) * 4 + (rest === 0 ? 0 : padded ? 4 : rest + 1);
  const out = length <= room.length ? room.subarray(0, length) : new Uint8Array(length);
  const code = (sextet: number): number => codes[sextet & 63] ?? 0;
  let at = 0;
  for (let i = 0; i < whole; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at++] = code(group >> 18);
    out[at++] = code(group >> 12);
    out[at++] = code(group >> 6);
    out[at++] = code(group);
  }
  if (rest > 0) {
    const group = ((bytes[whole] ?? 0) << 16) | ((bytes[whole + 1] ?? 0) << 8);
    out[at++] = code(group >> 18);
    out[at++] = code(group >> 12);
    if (rest === 2) out[at++] = code(group >> 6);
    while (at < out.length) out[at++] = PAD;
  }
  return asciiDecoder.decode(out);
}

/** Reads either alphabet, padded or not, as every decoder of the protocol must (spec/push-protocol.md §0.2). */
export function decodeBase64(text: string): Uint8Array | undefined {
  let length = text.length;
  for (let pads = 0; pads < 2 && length > 0 && text.charCodeAt(length - 1) === PAD; pads += 1) length -= 1;
  return decode(text, length, sextets);
}

function decode(text: string, length: number, sextets: Uint8Array): Uint8Array | undefined {
  if (length % 4 === 1) return undefined;

  const out = new Uint8Array(Math.floor((length * 3) / 4));
  let group = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    const sextet = sextets[text.charCodeAt(i)] ?? NOT_A_SEXTET;
    if (sextet === NOT_A_SEXTET) return undefined;
    group = ((group << 6) | sextet) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (group >> bits) & 0xff;
    }
  }
  return out;
}

/**
 * Reads only what `encodeBase64Url` writes. A JWT segment has to be this exact: two spellings of one signature would be
 * two JWTs to everything that recognises a repeat by its bytes.
 */
export function decodeBase64UrlExactly(text: string): Uint8Array | undefined {
  const bytes = decode(text, text.length, urlSafeSextets);
  if (bytes === undefined || text.length % 4 === 0) return bytes;
  const last = sextets[text.charCodeAt(text.length - 1)] ?? 0;
  const unusedBits = text.length % 4 === 2 ? 0b1111 : 0b11;
  return (last & unusedBits) === 0 ? bytes : undefined;
}

/** Likewise, for the bytes of a text before they are copied out. */
const textRoom = new Uint8Array(4_096);

export const utf8Bytes = (text: string): Uint8Array =>
  text.length * 3 <= textRoom.length
    ? textRoom.slice(0, encoder.encodeInto(text, textRoom).written)
    : encoder.encode(text);

/** The text of UTF-8 bytes, or undefined where they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** B64U of a text. */
export const encodeTextUrl = (text: string): string => encodeBase64Url(utf8Bytes(text));

/** The text in a base64 value of either alphabet. */
export function decodeText(encoded: string): string | undefined {
  const bytes = decodeBase64(encoded);
  return bytes === undefined ? undefined : utf8Text(bytes);
}
