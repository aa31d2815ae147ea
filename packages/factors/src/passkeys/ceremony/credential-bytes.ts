import { decodeBase64, encodeBase64Url } from '@assent/push/protocol';

/** The most bytes that a credential id may have (WebAuthn Level 3 §4, "Credential ID"; WA-08). */
export const MAX_CREDENTIAL_ID_BYTES = 1_023;

/** What AM calls a byte array: decimals as `Int8Array` counts them, joined by commas. */
export const signedBytes = (bytes: Uint8Array): readonly number[] => Array.from(new Int8Array(bytes));

/** Reads decimals that are joined by commas, signed or unsigned; undefined for anything else, and for none. */
export function readByteList(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.ceil(text.length / 2));
  let length = 0;
  for (const decimal of text.split(',')) {
    if (!/^(?:\d{1,3}|-\d{1,3})$/.test(decimal)) return undefined;
    const value = Number(decimal);
    if (value < -128 || value > 255) return undefined;
    bytes[length] = value;
    length += 1;
  }
  return bytes.slice(0, length);
}

/** The bytes of a credential id in base64url, padded or not; undefined where it is none, is empty or too long. */
export function readCredentialId(text: string): Uint8Array | undefined {
  if (!/^[\w-]+={0,2}$/.test(text)) return undefined;
  const bytes = decodeBase64(text);
  return bytes !== undefined && bytes.length > 0 && bytes.length <= MAX_CREDENTIAL_ID_BYTES ? bytes : undefined;
}

/** One spelling of a credential id for all: base64url without padding. */
export const canonicalCredentialId = (text: string): string | undefined => {
  const bytes = readCredentialId(text);
  return bytes === undefined ? undefined : encodeBase64Url(bytes);
};
