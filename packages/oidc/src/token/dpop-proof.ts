import { createHash } from 'node:crypto';
import { foreignKeyFault } from '@assent/engine';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTVerifyResult, jwtVerify } from 'jose';
import type { OAuthChange } from '../model/changes.ts';
import { MAX_AHEAD_MILLIS } from '../model/replays.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import { digestOf, seenOnce } from './seen-once.ts';

/** Never `none`, and never an HMAC (OIDC-16). Ed25519 has two names (RFC 9864 §2.2, §4); an RSA key may sign in both ways. */
export const DPOP_ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA', 'PS256', 'RS256'];

const MAX_LENGTH = 4_096;
const MAX_JTI_LENGTH = 256;
/** How far a proof's time may be from ours, either way. */
const WINDOW_SECONDS = MAX_AHEAD_MILLIS / 1_000;

/** That the caller holds a key. */
export interface DpopProof {
  /** Thumbprint of the key (RFC 7638). */
  readonly jkt: string;
  /** For the commit: a proof is shown once, and counted by who shows it. */
  readonly changesFor: (owner: string) => readonly OAuthChange[];
}

const refused = (detail: string, cause?: unknown): OAuthError =>
  new OAuthError('invalid_dpop_proof', { detail, ...(cause !== undefined && { cause }) });

/**
 * The proof that a request brings (RFC 9449 §4.3, in that order); undefined where it has none. With `accessToken` it must be a proof for
 * that token.
 */
export const dpopProof = async (
  { header, method, address }: Pick<OAuthRequest, 'header' | 'method' | 'address'>,
  now: number,
  accessToken?: string,
): Promise<DpopProof | undefined> => {
  const text = header('dpop');
  if (text === undefined) return undefined;
  if (text.length > MAX_LENGTH) throw refused('too long');
  const { payload, protectedHeader } = await verified(text, now);
  const { htm, htu, iat, jti, ath } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) throw refused('no jti');
  if (htm !== method) throw refused('for another method');
  if (typeof htu !== 'string' || withoutQuery(htu) !== withoutQuery(address)) throw refused('for another address');
  const second = Math.floor(now / 1_000);
  if (typeof iat !== 'number' || Math.abs(second - iat) > WINDOW_SECONDS) throw refused('not of now');
  if (accessToken !== undefined && ath !== digest(accessToken)) throw refused('for another access token');
  const { jwk } = protectedHeader;
  if (jwk === undefined) throw refused('no key');
  const jkt = await calculateJwkThumbprint(jwk);
  const hash = digestOf('dpop', jkt, jti);
  const seen = { hash, expiresAt: (iat + WINDOW_SECONDS + 1) * 1_000, issuedAt: iat * 1_000, now };
  return { jkt, changesFor: (owner) => seenOnce(owner, seen) };
};

const verified = async (text: string, now: number): Promise<JWTVerifyResult> => {
  try {
    return await jwtVerify(text, keyOfProof, {
      typ: 'dpop+jwt',
      algorithms: DPOP_ALGORITHMS,
      currentDate: new Date(now),
    });
  } catch (cause) {
    throw refused('not a proof, or not by its key', cause);
  }
};

/** The key that a proof brings. It is looked at before it verifies anything: a large one would keep the processor busy (SEC-95). */
const keyOfProof: typeof EmbeddedJWK = (header, token) => {
  const fault = foreignKeyFault(header?.jwk, header?.alg);
  if (fault !== undefined) throw refused(`key refused: ${fault}`);
  return EmbeddedJWK(header, token);
};

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

const withoutQuery = (address: string): string | undefined => {
  if (!URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
};
