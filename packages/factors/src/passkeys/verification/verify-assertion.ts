import { countFollows, type Passkey } from '../../model/passkey.ts';
import type { AuthenticationAnswer } from '../ceremony/client-answer.ts';
import { isSameUserHandle } from '../ceremony/user-handle.ts';
import { isBackupSound, readAuthenticatorData } from './authenticator-data.ts';
import { readClientData } from './client-data.ts';
import type { PasskeyJudge } from './passkey-library.ts';
import {
  type CeremonyExpectations,
  clientDataRefusal,
  isForRelyingParty,
  type Refused,
  refuse,
  type VerifiedFacts,
} from './verification.ts';

/** What a store has kept of a passkey, as far as its next use is compared with it. */
export type KnownPasskey = Pick<
  Passkey,
  'credentialId' | 'userHandle' | 'publicKey' | 'algorithm' | 'signCount' | 'backupEligible'
>;

export interface AssertionExpectations extends CeremonyExpectations {
  readonly passkey: KnownPasskey;
  /** Whether the authenticator has to name the user, because nobody else has (WA-13). */
  readonly isUserHandleRequired: boolean;
}

/** The use of a passkey that its authenticator has signed. */
export interface VerifiedAssertion extends VerifiedFacts {
  readonly ok: true;
  /**
   * The count is not above the stored one, and one of them is not 0: the passkey may exist twice. Whether that is told, the journey decides; the
   * stored count never falls (WA-11).
   */
  readonly isCounterMismatch: boolean;
}

/**
 * Whether an answer to `get()` was signed with a passkey: the checks of spec: webauthn §5.2 in their order, and the first that fails. It never
 * throws for what a client has sent; it rejects where the library cannot be asked.
 * @see WebAuthn Level 3 §7.2
 */
export async function verifyAssertion(
  answer: AuthenticationAnswer,
  expected: AssertionExpectations,
  judge: PasskeyJudge,
): Promise<VerifiedAssertion | Refused> {
  const { passkey } = expected;
  if (answer.credentialId !== passkey.credentialId) return refuse('credentialId');

  // The client speaks of the ceremony that was asked for, on a page of ours.
  const clientData = readClientData(answer.clientDataJson);
  if (!clientData.ok) return refuse(clientData.reason);
  const clientRefusal = clientDataRefusal(clientData.value, 'webauthn.get', expected);
  if (clientRefusal !== undefined) return refuse(clientRefusal);

  // The authenticator has signed for this relying party, with somebody present who was verified where that is required.
  const data = readAuthenticatorData(answer.authenticatorData);
  if (!data.ok) return refuse(data.reason);
  const { rpIdHash, flags, signCount } = data.value;
  if (!isForRelyingParty(rpIdHash, expected.rpId)) return refuse('rpIdHash');
  if (!flags.UP) return refuse('userPresence');
  if (expected.isUserVerificationRequired && !flags.UV) return refuse('userVerification');

  // Whether a passkey may be backed up is settled when it is made.
  const isEligibleAsMade = passkey.backupEligible === undefined || passkey.backupEligible === flags.BE;
  if (!isBackupSound(flags) || !isEligibleAsMade) return refuse('backupState');

  // No passkey is made here.
  if (flags.AT) return refuse('attestedData');

  // The passkey's key has signed these very bytes.
  const verdict = await judge.judgeAssertion({
    clientDataJson: answer.clientDataJson,
    authenticatorData: answer.authenticatorData,
    signature: answer.signature,
    credentialId: passkey.credentialId,
    key: { publicKey: passkey.publicKey, algorithm: passkey.algorithm },
    challenge: expected.challenge,
    origin: clientData.value.origin,
    rpId: expected.rpId,
    isUserVerificationRequired: expected.isUserVerificationRequired,
  });
  if (!verdict.accepted) return refuse('signature', verdict.why);

  // The authenticator knows the passkey as its owner's.
  if (answer.userHandle === undefined && expected.isUserHandleRequired) return refuse('userHandle', 'missing');
  if (answer.userHandle !== undefined && !isSameUserHandle(answer.userHandle, passkey.userHandle))
    return refuse('userHandle', 'of another user');

  return { ok: true, flags, signCount, isCounterMismatch: !countFollows(passkey.signCount, signCount) };
}
