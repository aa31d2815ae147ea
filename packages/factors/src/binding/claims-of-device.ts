import { sameBytes } from '@assent/push/jose';
import { type Claims, utf8Bytes } from '@assent/push/protocol';

/** Which claim is not what it has to be. */
export type ClaimFault =
  | 'issuer'
  | 'subject'
  | 'challenge'
  | 'time'
  | 'expired'
  | 'expiresTooLate'
  | 'notYet'
  | 'issuedLater';

/** What the claims of a device have to say. */
export interface ExpectedClaims {
  /** Names of packages and bundles of which the app is one; of an empty list, none is (WA-42). */
  readonly applicationIds: readonly string[];
  /** The `userId` that was sent, letter by letter. */
  readonly subject: string;
  /** What was to be signed, byte by byte (WA-47). */
  readonly challenge: string;
  /** For how long the app may ask its user, in seconds. */
  readonly timeoutSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** By how much the clock of a phone may be off. */
const SKEW_SECONDS = 30;
/** How long after its time is up a signed text may be good at the most (WA-41). */
const MAX_BEYOND_TIMEOUT_SECONDS = 300;

/** The first claim that is wrong, or undefined (spec: webauthn §7.1, §7.3). */
export const claimFaultOf = (claims: Claims, expected: ExpectedClaims): ClaimFault | undefined => {
  const { iss, sub, challenge, exp, nbf, iat } = claims;
  if (typeof iss !== 'string' || iss === '' || !expected.applicationIds.includes(iss)) return 'issuer';
  if (sub !== expected.subject) return 'subject';
  if (typeof challenge !== 'string' || !sameBytes(utf8Bytes(challenge), utf8Bytes(expected.challenge)))
    return 'challenge';
  const isTime = (value: unknown): boolean => value === undefined || Number.isFinite(value);
  if (typeof exp !== 'number' || ![exp, nbf, iat].every(isTime)) return 'time';
  const seconds = expected.now / 1_000;
  if (exp + SKEW_SECONDS <= seconds) return 'expired';
  if (exp > seconds + expected.timeoutSeconds + MAX_BEYOND_TIMEOUT_SECONDS) return 'expiresTooLate';
  if (typeof nbf === 'number' && nbf > seconds + SKEW_SECONDS) return 'notYet';
  if (typeof iat === 'number' && iat > seconds + SKEW_SECONDS) return 'issuedLater';
  return undefined;
};

/** Until when a signed text is good, in milliseconds, as the check above has it. */
export const endOfClaims = ({ exp }: Claims): number => (Number(exp) + SKEW_SECONDS) * 1_000;
