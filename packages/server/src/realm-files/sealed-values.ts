import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { PassphraseKey } from './passphrase-key.ts';

const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/** Values under a passphrase: AES-256-GCM by a key of scrypt, each in base64url. */
export interface SealedValues {
  readonly salt: string;
  readonly nonce: string;
  readonly sealed: string;
}

/** `bound` is what the values are for: they open with nothing else. */
export const sealValues = async (values: unknown, passphrase: PassphraseKey, bound: string): Promise<SealedValues> => {
  const [salt, nonce] = [randomBytes(16), randomBytes(NONCE_LENGTH)];
  const cipher = createCipheriv('aes-256-gcm', await passphrase(salt), nonce, {
    authTagLength: TAG_LENGTH,
  });
  cipher.setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(values)), cipher.final(), cipher.getAuthTag()]);
  return {
    salt: salt.toString('base64url'),
    nonce: nonce.toString('base64url'),
    sealed: sealed.toString('base64url'),
  };
};

/** Undefined where the passphrase is another one, or a byte of what it is for. */
export const openValues = async (
  { salt, nonce, sealed }: SealedValues,
  passphrase: PassphraseKey,
  bound: string,
): Promise<unknown> => {
  const [iv, bytes] = [Buffer.from(nonce, 'base64url'), Buffer.from(sealed, 'base64url')];
  if (iv.length !== NONCE_LENGTH || bytes.length < TAG_LENGTH) return undefined;
  const key = await passphrase(Buffer.from(salt, 'base64url'));
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_LENGTH });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(bytes.subarray(-TAG_LENGTH));
  try {
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(0, -TAG_LENGTH)), decipher.final()]).toString());
  } catch {
    return undefined;
  }
};
