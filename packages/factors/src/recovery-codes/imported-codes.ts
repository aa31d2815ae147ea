import { createHash } from 'node:crypto';
import { sameBytes } from '@assent/push/jose';

const PREFIX = '{SSHA-512}';
const DIGEST_BYTES = 64;
const MAX_SALT_BYTES = 64;

/** A code of another server as it was typed, letter by letter; AM's have ten letters and digits. */
export function literalCode(input: string): string | undefined {
  const code = input.trim();
  return /^[0-9A-Za-z]{8,64}$/.test(code) ? code : undefined;
}

interface SaltedDigest {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** AM writes the length of the salt, the salt, and SHA-512 of salt and code, all as base 64. */
const readHash = (stored: string): SaltedDigest | undefined => {
  const text = stored.slice(PREFIX.length);
  if (!stored.startsWith(PREFIX) || !/^[A-Za-z0-9+/]{87,176}={0,2}$/.test(text)) return undefined;
  const whole = Buffer.from(text, 'base64');
  const saltBytes = whole[0] ?? 0;
  if (saltBytes === 0 || saltBytes > MAX_SALT_BYTES || whole.length !== 1 + saltBytes + DIGEST_BYTES) return undefined;
  return { salt: whole.subarray(1, 1 + saltBytes), digest: whole.subarray(1 + saltBytes) };
};

/** The hash of a code as AM stores it, to be kept as it is; undefined for another text. */
export const importedCodeHash = (stored: string): string | undefined =>
  readHash(stored) === undefined ? undefined : stored;

/** A code that AM keeps in clear; undefined for a hash, and for what nobody could type. */
export const codeInClear = (stored: string): string | undefined =>
  stored.startsWith('{') ? undefined : literalCode(stored);

/** Whether a code that another server has kept can be used here. */
export const isImportableCode = (stored: string): boolean =>
  importedCodeHash(stored) !== undefined || codeInClear(stored) !== undefined;

/** Whether what was typed is the code of such a hash. */
export const isImportedCode = (hash: string, input: string): boolean => {
  const read = readHash(hash);
  const code = literalCode(input);
  if (read === undefined || code === undefined) return false;
  return sameBytes(createHash('sha512').update(read.salt).update(code).digest(), read.digest);
};
