import { decodeBase64UrlExactly, encodeBase64Url, encodeTextUrl, utf8Text } from './base64.ts';
import { type Claims, type Parsed, parsed, refused } from './parsed.ts';
import { parseJsonObject } from './strict-json.ts';

/** HS256 for every device; ES256 for what a device with a key of its own says. */
export type JwsAlgorithm = 'HS256' | 'ES256';

/** The longest JWT we read (SEC-33). */
export const MAX_JWT_LENGTH = 8192;

/** A compact JWS taken apart, with nothing of its payload believed yet. */
export interface SplitJws {
  readonly alg: JwsAlgorithm;
  /** The signed characters as they were received. */
  readonly signingInput: string;
  /** The encoded payload: decode it with `decodeJwsPayload` after the signature was verified. */
  readonly payload: string;
  readonly signature: Uint8Array;
}

// 27 bytes, so 36 characters: one of the official phones verifies nothing else (spec/push-protocol.md §0.3).
const headerSegments: Readonly<Record<JwsAlgorithm, string>> = {
  HS256: encodeTextUrl('{"typ":"JWT","alg":"HS256"}'),
  ES256: encodeTextUrl('{"typ":"JWT","alg":"ES256"}'),
};
const knownHeaders = new Map<string, JwsAlgorithm>([
  [headerSegments.HS256, 'HS256'],
  [headerSegments.ES256, 'ES256'],
  [encodeTextUrl('{"alg":"HS256","typ":"JWT"}'), 'HS256'],
  [encodeTextUrl('{"alg":"ES256","typ":"JWT"}'), 'ES256'],
]);

/** Takes a compact JWS apart; refuses every header that asks for more than one of our two algorithms (A002-A011). */
export const splitCompactJws = (text: string): Parsed<SplitJws> => splitJwsUnder(text, readHeader);

/** Takes a compact JWS apart whose header `algorithmOf` accepts by giving its algorithm. */
export function splitJwsUnder(
  text: string,
  algorithmOf: (header: string) => JwsAlgorithm | undefined,
): Parsed<SplitJws> {
  if (text.length > MAX_JWT_LENGTH) return refused('JWT too long');
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 0 || second < 0) return refused('not three segments');

  const alg = algorithmOf(text.slice(0, first));
  if (alg === undefined) return refused('header not allowed');
  const payload = text.slice(first + 1, second);
  if (!/^[\w-]+$/.test(payload)) return refused('payload is not base64url');
  const signature = decodeBase64UrlExactly(text.slice(second + 1));
  if (signature === undefined || signature.length === 0) return refused('signature is not base64url');
  return parsed({ alg, signingInput: text.slice(0, second), payload, signature });
}

function readHeader(segment: string): JwsAlgorithm | undefined {
  const known = knownHeaders.get(segment);
  if (known !== undefined) return known;
  const bytes = decodeBase64UrlExactly(segment);
  const text = bytes === undefined || bytes.length > 128 ? undefined : utf8Text(bytes);
  const header = text === undefined ? undefined : parseJsonObject(text);
  if (!header?.ok) return undefined;
  const { alg, typ, ...others } = header.value;
  if (Object.keys(others).length > 0 || (typ !== undefined && typ !== 'JWT')) return undefined;
  return alg === 'HS256' || alg === 'ES256' ? alg : undefined;
}

/** The claims of a payload segment whose signature was verified. */
export function decodeJwsPayload(payload: string): Parsed<Claims> {
  const bytes = decodeBase64UrlExactly(payload);
  const text = bytes === undefined ? undefined : utf8Text(bytes);
  return text === undefined ? refused('payload is not base64url of UTF-8') : parseJsonObject(text);
}

/** Reads the claims without believing them: enough to find the account, never enough to act. */
export function peekClaims(jwt: string): Parsed<Claims> {
  const jws = splitCompactJws(jwt);
  return jws.ok ? decodeJwsPayload(jws.value.payload) : jws;
}

/** The characters to sign for these claims. */
export const encodeJwsSigningInput = (alg: JwsAlgorithm, claims: object): string =>
  joinJwsSigningInput(alg, encodeTextUrl(JSON.stringify(claims)));

/** The characters to sign for claims that are encoded already. */
export const joinJwsSigningInput = (alg: JwsAlgorithm, payload: string): string => `${headerSegments[alg]}.${payload}`;

/** The compact JWS of a signing input and its signature. */
export const encodeJwsParts = (signingInput: string, signature: Uint8Array): string =>
  `${signingInput}.${encodeBase64Url(signature)}`;

/** Five minutes, either way (design.md §3.3). */
const MAX_AGE_SECONDS = 300;

/** What the reader of a JWT knows: the time, and who it is. */
export interface JwtExpectations {
  /** Milliseconds since the epoch, by the reader's clock. */
  readonly now: number;
  /** The only `aud` that is accepted; without it no `aud` is. */
  readonly audience?: string;
}

/** Why the registered claims (RFC 7519 §4.1) forbid to use a JWT now, or undefined; each counts only where present (SEC-33). */
export function timeOrAudienceProblem(claims: Claims, { now, audience }: JwtExpectations): string | undefined {
  const { exp, nbf, iat, aud } = claims;
  const seconds = now / 1000;
  for (const time of [exp, nbf, iat]) if (time !== undefined && !Number.isFinite(time)) return 'a time is not a number';
  if (typeof exp === 'number' && seconds >= exp) return 'expired';
  if (typeof nbf === 'number' && seconds < nbf) return 'not valid yet';
  if (typeof iat === 'number' && Math.abs(seconds - iat) > MAX_AGE_SECONDS) return 'issued at another time';
  if (aud !== undefined && aud !== audience) return 'for another audience';
  return undefined;
}
