import { createHmac, randomBytes } from 'node:crypto';
import { type ClientDocument, sameText } from '@assent/engine/host';

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

/** A secret as it is kept of a client. */
export interface KeptSecret {
  /** base64url. */
  readonly digest: string;
  /** Made here, with 256 bits: no rate limit ever refuses it (SEC-96). Secrets that an administrator brought along may be guessed. */
  readonly isGenerated: boolean;
  /** Milliseconds; absent for the secret in force. */
  readonly goodUntil?: number;
}

const KEPT = /^(g:)?([\w-]+)(?:@(\d{1,15}))?$/;

/** The secret in force first, and behind it at most one that is replaced and still good for a while. */
export const keptSecretsOf = ({ secretDigest }: Pick<ClientDocument, 'secretDigest'>): readonly KeptSecret[] =>
  (secretDigest ?? '').split(' ', MAX_SECRETS).flatMap((text) => {
    const [, mark, digest, until] = KEPT.exec(text) ?? [];
    if (digest === undefined) return [];
    return [{ digest, isGenerated: mark !== undefined, ...(until !== undefined && { goodUntil: Number(until) }) }];
  });

const MAX_SECRETS = 2;

const written = ({ digest, isGenerated, goodUntil }: KeptSecret): string =>
  `${isGenerated ? 'g:' : ''}${digest}${goodUntil === undefined ? '' : `@${goodUntil}`}`;

/**
 * What is kept of a client that gets a secret. With `keepOldUntil` the secret in force before stays good until then; an older one is dropped. A
 * secret that is set again stays what it was, also generated.
 */
export const withSecret = (
  before: Pick<ClientDocument, 'secretDigest'> | undefined,
  secret: Pick<KeptSecret, 'isGenerated'> & { readonly digest: Uint8Array },
  keepOldUntil?: number,
): string => {
  const digest = Buffer.from(secret.digest).toString('base64url');
  const [inForce] = keptSecretsOf(before ?? {});
  const isSame = inForce !== undefined && sameText(inForce.digest, digest);
  const next = { digest, isGenerated: secret.isGenerated || (isSame && inForce.isGenerated) };
  if (keepOldUntil === undefined || inForce === undefined || isSame) return written(next);
  return `${written(next)} ${written({ ...inForce, goodUntil: keepOldUntil })}`;
};
