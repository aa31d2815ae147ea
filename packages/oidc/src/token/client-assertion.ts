import { parseForeignJson } from '@assent/engine';
import { createLocalJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import { MAX_AHEAD_MILLIS } from '../model/replays.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import { digestOf, ownerOfClient, seenOnce } from './seen-once.ts';

/** RFC 7523 §2.2. */
export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Never `none`, and never an HMAC: its key would have to be kept in clear (OIDC-16). Ed25519 has two names (RFC 9864 §2.2, §4). */
export const ASSERTION_ALGORITHMS = ['ES256', 'PS256', 'RS256', 'Ed25519', 'EdDSA'];

const MAX_LENGTH = 8_192;
const MAX_JTI_LENGTH = 256;
/** Clocks differ. */
const TOLERANCE_SECONDS = 10;
/**
 * For so long an assertion counts from when it was signed, or, where it does not say, up to its end; libraries that are not told otherwise
 * sign for an hour. Each that was seen is kept for that time, and a client has a bounded number of places for them (OIDC-22).
 */
const MAX_AGE_SECONDS = 600;

export interface AssertionExpectations {
  readonly now: number;
  /** The issuer, or the address of the endpoint (RFC 7523 §3). */
  readonly audience: readonly string[];
  readonly keysOfClient: ProviderPorts['keysOfClient'];
}

/** Who a client assertion says that it is, before anything of it is proven: by that its key is found. */
export const claimedClient = (assertion: string): string | undefined => {
  const [, payload = ''] = assertion.length > MAX_LENGTH ? [] : assertion.split('.');
  try {
    const claims: unknown = parseForeignJson(Buffer.from(payload, 'base64url').toString());
    const { sub } = (claims ?? {}) as { readonly sub?: unknown };
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
};

/**
 * What has to be committed with a client assertion that is right, so that it is not shown again; undefined where it is not the
 * client's, not for us, or not of now (RFC 7523 §3).
 */
export const checkAssertion = async (
  client: OAuthClient,
  assertion: string,
  { now, audience, keysOfClient }: AssertionExpectations,
): Promise<readonly OAuthChange[] | undefined> => {
  if (assertion.length > MAX_LENGTH) return undefined;
  let claims: JWTPayload;
  try {
    const { kid } = decodeProtectedHeader(assertion);
    const keys = await keysOfClient(client, typeof kid === 'string' ? kid : undefined);
    const verified = await jwtVerify(assertion, createLocalJWKSet({ keys: [...keys] }), {
      algorithms: ASSERTION_ALGORITHMS,
      issuer: client.id,
      subject: client.id,
      audience: [...audience],
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'jti'],
    });
    claims = verified.payload;
  } catch {
    return undefined;
  }
  const { jti } = claims;
  const end = endOf(claims);
  if (end === undefined || now >= (end + TOLERANCE_SECONDS) * 1_000) return undefined;
  // Signed for next year, or in it.
  if (end * 1_000 > now + (MAX_AGE_SECONDS + TOLERANCE_SECONDS) * 1_000) return undefined;
  const issuedAt = (claims.iat ?? end - MAX_AGE_SECONDS) * 1_000;
  if (issuedAt > now + MAX_AHEAD_MILLIS) return undefined;
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI_LENGTH) return undefined;
  const hash = digestOf('client assertion', client.realm, client.id, jti);
  return seenOnce(ownerOfClient(client), { hash, expiresAt: (end + TOLERANCE_SECONDS) * 1_000, issuedAt, now });
};

/** When an assertion is over, seconds; undefined where it never is. */
const endOf = ({ exp, iat }: JWTPayload): number | undefined =>
  exp === undefined || iat === undefined ? exp : Math.min(exp, iat + MAX_AGE_SECONDS);
