import type { BoundDeviceJwk } from '../model/bound-device.ts';
import { type ClaimFault, claimFaultOf, type ExpectedClaims, endOfClaims } from './claims-of-device.ts';
import { type DeviceJws, isSignedBy } from './device-jws.ts';
import { signsBy } from './device-key.ts';

/** Why a signed text is not accepted. */
export type SigningFault = ClaimFault | 'algorithm' | 'signature';

export type SigningVerification =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: SigningFault;
      /** AM's name for it, which scripts look for. */
      readonly failure: 'INVALID_CLAIM' | 'INVALID_SIGNATURE';
    };

/**
 * What an app answers whose user is to sign (spec: webauthn §7.2): by the key that was bound, whatever key the answer brings along (WA-43).
 * It throws for nothing that a client sends.
 */
export async function verifySigning(
  signed: DeviceJws,
  key: BoundDeviceJwk,
  expected: ExpectedClaims,
): Promise<SigningVerification> {
  // It comes from an app of ours, for this user, and says what was to be signed.
  const fault = claimFaultOf(signed.claims, expected);
  if (fault !== undefined) return { ok: false, reason: fault, failure: 'INVALID_CLAIM' };
  // The algorithm belongs to the key, never to the message (RFC 8725 §3.1).
  if (!signsBy(key, signed.alg)) return { ok: false, reason: 'algorithm', failure: 'INVALID_SIGNATURE' };
  if (!(await isSignedBy(signed, key))) return { ok: false, reason: 'signature', failure: 'INVALID_SIGNATURE' };
  return { ok: true };
}

/**
 * What has to be remembered of a signed text that was accepted, so that it is not accepted again, and until when, in milliseconds. It is what was
 * signed and not the signature: of one by an elliptic curve anybody can make another that is as good.
 */
export const onceOf = ({ text, claims }: DeviceJws): { readonly answer: string; readonly until: number } => ({
  answer: text.slice(0, text.lastIndexOf('.')),
  until: endOfClaims(claims),
});
