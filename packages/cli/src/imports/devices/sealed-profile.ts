import { constants, createDecipheriv, createHmac, type KeyObject, privateDecrypt, timingSafeEqual } from 'node:crypto';
import { isJsonObject } from '@assent/wire';

/** Half of the key is for the MAC, half for AES; the tag is half of the MAC (RFC 7518 §5.2). */
const ENCRYPTIONS: Readonly<
  Record<string, { readonly keyBytes: number; readonly hash: string; readonly cipher: string }>
> = {
  'A256CBC-HS512': { keyBytes: 64, hash: 'sha512', cipher: 'aes-256-cbc' },
  'A128CBC-HS256': { keyBytes: 32, hash: 'sha256', cipher: 'aes-128-cbc' },
};

/** AM's schemes are those of `RSA1_5`; the others are what a JWE of today has. */
const OAEP: Readonly<Record<string, string>> = { 'RSA-OAEP': 'sha1', 'RSA-OAEP-256': 'sha256' };

export const isSealedProfile = (text: string): boolean => /^[\w-]+(?:\.[\w-]*){4}$/.test(text);

/**
 * Takes the padding of PKCS #1 v1.5 off. Node refuses to, since a server that does it for strangers tells them the key; here the file
 * of an operator is read, and nobody is told why something did not open.
 */
const withoutPadding = (padded: Buffer, keyBytes: number): Buffer | undefined => {
  const end = padded.length - keyBytes;
  const isPadded = end >= 11 && padded[0] === 0 && padded[1] === 2 && padded.indexOf(0, 2) === end - 1;
  return isPadded ? padded.subarray(end) : undefined;
};

const contentKey = (alg: unknown, encrypted: Buffer, key: KeyObject, keyBytes: number): Buffer | undefined => {
  if (alg === 'RSA1_5') {
    return withoutPadding(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted), keyBytes);
  }
  const oaepHash = typeof alg === 'string' ? OAEP[alg] : undefined;
  if (oaepHash === undefined) return undefined;
  const content = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, encrypted);
  return content.length === keyBytes ? content : undefined;
};

/** The profile within, as text; undefined where the key is another, or it is no JWE that AM writes (RFC 7516 §5.2). */
export const openProfile = (text: string, key: KeyObject): string | undefined => {
  const [head = '', ...rest] = text.split('.');
  const [encryptedKey, iv, ciphertext, tag] = rest.map((part) => Buffer.from(part, 'base64url'));
  if (encryptedKey === undefined || iv === undefined || ciphertext === undefined || tag === undefined) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString());
    if (!isJsonObject(header) || header.zip !== undefined || typeof header.enc !== 'string') return undefined;
    const encryption = ENCRYPTIONS[header.enc];
    const content = encryption && contentKey(header.alg, encryptedKey, key, encryption.keyBytes);
    if (encryption === undefined || content === undefined) return undefined;
    const half = encryption.keyBytes / 2;
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(head.length * 8));
    const mac = createHmac(encryption.hash, content.subarray(0, half)).update(head).update(iv).update(ciphertext);
    const made = mac.update(length).digest().subarray(0, half);
    if (made.length !== tag.length || !timingSafeEqual(made, tag)) return undefined;
    const decipher = createDecipheriv(encryption.cipher, content.subarray(half), iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
  } catch {
    // Whatever node:crypto says of it, it did not open.
    return undefined;
  }
};
