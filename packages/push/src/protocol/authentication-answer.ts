import { readDeny, readResponse } from './device-claims.ts';
import { type Claims, isObject, type Parsed, parsed, refused } from './parsed.ts';

/** Why a user of our own phone said no. */
export type DenyReason = 'not_me' | 'cancelled' | 'other';

/** A phone's yes or no to a login. */
export interface AuthenticationAnswer {
  readonly response: Uint8Array;
  readonly deny: boolean;
  readonly number?: number;
  readonly reason?: DenyReason;
  readonly iat?: number;
  readonly jti?: string;
  readonly mid?: string;
}

/** The answer of a phone with a key of its own: it names the message and the moment. */
export type BoundAuthenticationAnswer = AuthenticationAnswer &
  Required<Pick<AuthenticationAnswer, 'iat' | 'jti' | 'mid'>>;

/** Reads the claims of an `authenticate` JWT whose signature was verified (spec/push-protocol.md §4, design.md §3.3). */
export function parseAuthenticationClaims(claims: unknown): Parsed<AuthenticationAnswer> {
  if (!isObject(claims)) return refused('claims are not an object');
  const response = readResponse(claims);
  if (response === undefined) return refused('response is not 32 bytes of base64');
  // These belong to registration and refresh (SEC-32).
  for (const name of ['deviceId', 'communicationType', 'x_key']) {
    if (Object.hasOwn(claims, name)) return refused(`${name} in an authentication`);
  }
  const deny = readDeny(claims);
  if (deny === undefined) return refused('deny is not true');
  const chosen = claims.challengeResponse ?? undefined;
  const number = readNumber(chosen);
  if (chosen !== undefined && number === undefined) return refused('challengeResponse is not a number');
  const said = claims.x_reason ?? undefined;
  if (said !== undefined && typeof said !== 'string') return refused('x_reason is not text');
  const reason = said === undefined || !deny ? undefined : readReason(said);
  const { iat, jti, mid } = claims;
  if (iat !== undefined && (typeof iat !== 'number' || !Number.isFinite(iat))) return refused('iat is not a number');
  if (jti !== undefined && !isToken(jti)) return refused('jti is not an id');
  if (mid !== undefined && !isToken(mid)) return refused('mid is not an id');

  return parsed({
    response,
    deny,
    ...(number !== undefined && { number }),
    ...(reason !== undefined && { reason }),
    ...(iat !== undefined && { iat }),
    ...(jti !== undefined && { jti }),
    ...(mid !== undefined && { mid }),
  });
}

/** Claims of an answer by a device with `x_key`: `iat`, `jti` and the id of this very message must be there (SEC-33, A042). */
export function parseBoundAuthenticationClaims(claims: unknown, messageId: string): Parsed<BoundAuthenticationAnswer> {
  const answer = parseAuthenticationClaims(claims);
  if (!answer.ok) return answer;
  const { iat, jti, mid } = answer.value;
  if (iat === undefined || jti === undefined || mid === undefined) return refused('iat, jti or mid is missing');
  return mid === messageId ? parsed({ ...answer.value, iat, jti, mid }) : refused('mid names another message');
}

/** Digits and nothing else: `3e1` and `0x22` are numbers to JavaScript, not to a user (A019). */
function readNumber(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  return /^\d{1,8}$/.test(text) ? Number(text) : undefined;
}

const readReason = (text: string): DenyReason => (text === 'not_me' || text === 'cancelled' ? text : 'other');

const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,160}$/.test(value);

/** What a phone signs to answer. `response` is already base64. */
export interface AuthenticationClaims {
  readonly response: string;
  readonly deny?: true;
  readonly number?: string;
  readonly reason?: DenyReason;
  readonly bound?: { readonly iat: number; readonly jti: string; readonly mid: string };
}

/** The claims of an `authenticate` JWT, as the phone sends them: approving is the absence of `deny`. */
export const authenticationClaims = ({ response, deny, number, reason, bound }: AuthenticationClaims): Claims => ({
  response,
  ...(deny && { deny }),
  ...(number !== undefined && { challengeResponse: number }),
  ...(reason !== undefined && { x_reason: reason }),
  ...bound,
});
