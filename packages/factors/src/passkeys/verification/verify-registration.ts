import { encodeBase64Url } from '@assent/push/protocol';
import type { RegistrationAnswer } from '../ceremony/client-answer.ts';
import {
  type AttestationPolicy,
  type AttestationType,
  policyRefusal,
  provenBy,
  readAttestationObject,
} from './attestation.ts';
import { isBackupSound, readAuthenticatorData } from './authenticator-data.ts';
import { readClientData } from './client-data.ts';
import type { PasskeyJudge } from './passkey-library.ts';
import { type PasskeyKey, readCoseKey } from './public-key.ts';
import {
  type CeremonyExpectations,
  clientDataRefusal,
  isForRelyingParty,
  type Refused,
  refuse,
  type VerifiedFacts,
} from './verification.ts';

export interface RegistrationExpectations extends CeremonyExpectations {
  /** COSE algorithms that were asked for. */
  readonly algorithms: readonly number[];
  /** False for a passkey that a browser makes beside a password, where nobody need be present; it proves no session (WA-30). */
  readonly isUserPresenceRequired: boolean;
  readonly attestation: AttestationPolicy;
  /** Whether anybody in the realm has a passkey of that id; the commit asks once more (WA-08). */
  isRegistered(credentialId: string): Promise<boolean>;
}

/** A passkey as its authenticator has made it. */
export interface VerifiedRegistration extends PasskeyKey, VerifiedFacts {
  readonly ok: true;
  /** base64url without padding, out of what the authenticator has signed. */
  readonly credentialId: string;
  /** The model as the authenticator claims it; a claim, unless `attestation` is `CA` (WA-23). */
  readonly aaguid: string;
  readonly attestation: AttestationType;
}

/**
 * Whether an answer to `create()` has made a passkey of ours: the checks of spec: webauthn §5.1 in their order, and the first that fails. It never
 * throws for what a client has sent; it rejects where the library cannot be asked.
 * @see WebAuthn Level 3 §7.1
 */
export async function verifyRegistration(
  answer: RegistrationAnswer,
  expected: RegistrationExpectations,
  judge: PasskeyJudge,
): Promise<VerifiedRegistration | Refused> {
  // The client speaks of the ceremony that was asked for, on a page of ours.
  const clientData = readClientData(answer.clientDataJson);
  if (!clientData.ok) return refuse(clientData.reason);
  const clientRefusal = clientDataRefusal(clientData.value, 'webauthn.create', expected);
  if (clientRefusal !== undefined) return refuse(clientRefusal);

  // What the authenticator has written has one meaning, for us and for the library.
  const object = readAttestationObject(answer.attestationObject);
  if (!object.ok) return refuse(object.reason);
  const data = readAuthenticatorData(object.value.authData);
  if (!data.ok) return refuse(data.reason);
  const { rpIdHash, flags, signCount, attested } = data.value;

  // It was made for this relying party, with somebody present who was verified where that is required.
  if (!isForRelyingParty(rpIdHash, expected.rpId)) return refuse('rpIdHash');
  if (expected.isUserPresenceRequired && !flags.UP) return refuse('userPresence');
  if (attested === undefined) return refuse('attestedData');
  if (expected.isUserVerificationRequired && !flags.UV) return refuse('userVerification');

  // A passkey that cannot be backed up is not backed up.
  if (!isBackupSound(flags)) return refuse('backupState');

  // The id is the one that was signed, whatever the client calls it.
  const credentialId = encodeBase64Url(attested.credentialId);
  if (credentialId !== answer.credentialId) return refuse('credentialId');

  // The key is of an algorithm that was asked for, and one that can be trusted to hold.
  const key = readCoseKey(attested.coseKey);
  if (!key.ok) return refuse(key.reason);
  const { publicKey, algorithm } = key.value;
  if (!expected.algorithms.includes(algorithm)) return refuse('algorithm');

  // A passkey has one owner.
  if (await expected.isRegistered(credentialId)) return refuse('registered');

  // The authenticator has proven what it says of itself, as far as it says anything.
  const policy = policyRefusal(object.value, algorithm, expected.attestation);
  if (policy !== undefined) return policy;
  const verdict = await judge.judgeRegistration({
    clientDataJson: answer.clientDataJson,
    attestationObject: answer.attestationObject,
    credentialId,
    challenge: expected.challenge,
    origin: clientData.value.origin,
    rpId: expected.rpId,
    algorithm,
    isUserVerificationRequired: expected.isUserVerificationRequired,
    isUserPresenceRequired: expected.isUserPresenceRequired,
  });
  if (!verdict.accepted) return refuse('attestation', verdict.why);
  const { aaguid } = attested;
  const proven = await provenBy(object.value, aaguid, expected.attestation, judge);
  if (!proven.ok) return proven;

  return { ok: true, credentialId, publicKey, algorithm, flags, signCount, aaguid, attestation: proven.value };
}
