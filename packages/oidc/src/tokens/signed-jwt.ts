import { type KeyObject, sign, verify } from 'node:crypto';
import { parseForeignJson } from '@assent/engine';
import type { SigningAlgorithm } from '../model/clients.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

/** What a JWT of ours is for; each names its own, so that none passes for another (OIDC-17; RFC 8725 §3.11). */
export type JwtType = 'JWT' | 'at+jwt' | 'logout+jwt';

export type JwtClaims = Readonly<Record<string, unknown>>;

/** Longer text is no JWT of ours. */
const MAX_JWT_LENGTH = 16_384;
const PART = /^[\w-]+$/;

/** R and S of ES256 stand side by side in a JWS (RFC 7518 §3.4); an RSA key has no such choice, and does not look at it. */
const withEncoding = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

/** By a thread of the pool: a signature of RSA would keep the loop busy for longer than all else that a token takes. */
const signatureOf = (input: string, key: KeyObject): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    // What is signed is base64url and dots, which are copied in a fifth of the time of UTF-8.
    sign('sha256', Buffer.from(input, 'latin1'), withEncoding(key), (error, signature) =>
      error ? reject(error) : resolve(signature),
    ),
  );

const isSignatureOf = (input: string, key: KeyObject, signature: Buffer): Promise<boolean> =>
  new Promise((resolve, reject) =>
    verify('sha256', Buffer.from(input), withEncoding(key), signature, (error, isRight) =>
      error ? reject(error) : resolve(isRight),
    ),
  );

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const decoded = (part: string): JwtClaims | undefined => {
  try {
    const value: unknown = parseForeignJson(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

/** The compact JWS of claims; members that are undefined are left out. */
export const signJwt = async ({ kid, algorithm, privateKey }: SigningKey, typ: JwtType, claims: JwtClaims) => {
  const input = `${encoded({ typ, alg: algorithm, kid })}.${encoded(claims)}`;
  return `${input}.${(await signatureOf(input, privateKey)).toString('base64url')}`;
};

/** A signature over a text that stands elsewhere: a compact JWS without its payload (RFC 7515 Appendix F). */
export const detachedSignature = async (
  { kid, algorithm, privateKey }: SigningKey,
  typ: string,
  payload: string,
): Promise<string> => {
  const head = encoded({ typ, alg: algorithm, kid });
  const signature = await signatureOf(`${head}.${Buffer.from(payload).toString('base64url')}`, privateKey);
  return `${head}..${signature.toString('base64url')}`;
};

/**
 * The claims of a JWT that a key of this realm has signed as one of that type; undefined for any other text. Nothing of the claims is
 * parsed before that, and nothing of them is judged: not their age either.
 */
export const openJwt = async (
  keys: Pick<SigningKeys, 'byKid'>,
  realm: string,
  typ: JwtType,
  text: string,
): Promise<JwtClaims | undefined> => {
  const parts = text.length > MAX_JWT_LENGTH ? [] : text.split('.');
  const [head, payload, signature] = parts;
  if (parts.length !== 3 || head === undefined || payload === undefined || signature === undefined) return undefined;
  if (!parts.every((part) => PART.test(part))) return undefined;
  const header = decoded(head);
  if (header === undefined || header.typ !== typ || typeof header.kid !== 'string') return undefined;
  const key = await keys.byKid(realm, header.kid);
  // The algorithm is the key's, whatever the header would like (RFC 8725 §3.1).
  if (key === undefined || header.alg !== (key.algorithm satisfies SigningAlgorithm)) return undefined;
  const bytes = Buffer.from(signature, 'base64url');
  if (!(await isSignatureOf(`${head}.${payload}`, key.publicKey, bytes))) return undefined;
  return decoded(payload);
};
