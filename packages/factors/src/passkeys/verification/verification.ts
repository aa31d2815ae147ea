import { createHash } from 'node:crypto';
import { sameText } from '@assent/engine/host';
import { sameBytes } from '@assent/push/jose';
import type { AuthenticatorFlags } from './authenticator-data.ts';
import type { ClientData } from './client-data.ts';

// What both ceremonies have in common: why an answer is refused, and the checks that come first (spec: webauthn §5).

/** The first check that an answer has failed. For logs and audit: a client is told no more than that it failed. */
export type Refusal =
  | 'clientData'
  | 'type'
  | 'challenge'
  | 'origin'
  | 'crossOrigin'
  | 'attestationObject'
  | 'authenticatorData'
  | 'rpIdHash'
  | 'userPresence'
  | 'attestedData'
  | 'userVerification'
  | 'backupState'
  | 'credentialId'
  | 'algorithm'
  | 'publicKey'
  | 'registered'
  | 'attestationFormat'
  | 'certificationLevel'
  | 'attestation'
  | 'signature'
  | 'userHandle';

export interface Refused {
  readonly ok: false;
  readonly reason: Refusal;
  /** In words, one line; never for the client. */
  readonly detail?: string;
}

export const refuse = (reason: Refusal, detail?: string): Refused => ({
  ok: false,
  reason,
  ...(detail !== undefined && { detail }),
});

/** What a server knows when an answer comes in, whichever the ceremony. */
export interface CeremonyExpectations {
  /** base64url without padding, of this visit of the node. */
  readonly challenge: string;
  /** Exact texts out of settings, and never of a request (WA-03). Where there are none, no answer is good. */
  readonly origins: readonly string[];
  readonly rpId: string;
  readonly isUserVerificationRequired: boolean;
}

/** The first check of the client data that fails: type, challenge, origin, frame (WA-03, WA-05, WA-06). */
export function clientDataRefusal(
  data: ClientData,
  type: 'webauthn.create' | 'webauthn.get',
  { challenge, origins }: CeremonyExpectations,
): Refusal | undefined {
  if (data.type !== type) return 'type';
  if (!sameText(data.challenge, challenge)) return 'challenge';
  if (!origins.includes(data.origin)) return 'origin';
  return data.isCrossOrigin ? 'crossOrigin' : undefined;
}

/** Whether the authenticator has signed for this relying party (WA-04). */
export const isForRelyingParty = (rpIdHash: Uint8Array, rpId: string): boolean =>
  sameBytes(rpIdHash, createHash('sha256').update(rpId).digest());

/** What a verified answer says of its passkey. */
export interface VerifiedFacts {
  readonly flags: AuthenticatorFlags;
  readonly signCount: number;
}
