import { createHmac, randomBytes } from 'node:crypto';

/** The name of the key that secrets of clients are digested with, among the secrets of a store. */
const KEY = 'client-secret-pepper';

interface Secrets {
  getOrCreate(name: string, make: () => Uint8Array): Promise<Uint8Array>;
}

/** What is kept of the secret of a client. */
export type DigestOfSecret = (secret: string) => Uint8Array;

/**
 * Makes the digest under a sealed key of the store (OIDC-14): who reads the database cannot try secrets, however short the ones are that
 * somebody has brought along.
 */
export const secretDigester = async (secrets: Secrets): Promise<DigestOfSecret> => {
  const key = await secrets.getOrCreate(KEY, () => randomBytes(32));
  return (secret) => createHmac('sha256', key).update(secret).digest();
};

/** A secret that nobody guesses: 256 bits, in letters that no form and no header changes. */
export const newClientSecret = (): string => randomBytes(32).toString('base64url');
