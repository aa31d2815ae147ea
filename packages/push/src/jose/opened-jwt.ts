import {
  type Claims,
  decodeJwsPayload,
  type JwsAlgorithm,
  type JwtExpectations,
  type Parsed,
  parsed,
  refused,
  type SplitJws,
  splitCompactJws,
  timeOrAudienceProblem,
} from '../protocol/index.ts';

/** The claims of a JWT that was verified, or why it was not: for logs, never for the sender. */
export type OpenedJwt =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: string };

/** Takes a JWT apart and verifies its signature; nothing of its payload is parsed. */
export function verifyJws(jwt: string, alg: JwsAlgorithm, isSigned: (jws: SplitJws) => boolean): Parsed<SplitJws> {
  const jws = splitCompactJws(jwt);
  if (!jws.ok) return jws;
  // The algorithm belongs to the key, never to the message (RFC 8725 §3.1).
  if (jws.value.alg !== alg) return refused(`alg is not ${alg}`);
  return isSigned(jws.value) ? parsed(jws.value) : refused('signature does not verify');
}

/** The claims of what was verified, where they may be used now and by this reader. */
export function openVerified(jws: Parsed<SplitJws>, expectations: JwtExpectations): OpenedJwt {
  const claims = jws.ok ? decodeJwsPayload(jws.value.payload) : jws;
  if (!claims.ok) return claims;
  const problem = timeOrAudienceProblem(claims.value, expectations);
  return problem === undefined ? { ok: true, claims: claims.value } : refused(problem);
}
