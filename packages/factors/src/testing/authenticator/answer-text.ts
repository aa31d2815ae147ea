import { utf8Text } from '@assent/push/protocol';
import type { AuthenticatorAttachment } from '../../passkeys/ceremony/client-answer.ts';
import { signedBytes } from '../../passkeys/ceremony/credential-bytes.ts';

// The client's side of what `client-answer.ts` reads.

/** What `create()` gives a client, as far as it is sent. */
export interface CreatedCredential {
  readonly clientDataJson: Uint8Array;
  readonly attestationObject: Uint8Array;
  /** base64url. */
  readonly id: string;
  readonly deviceName?: string;
}

/** What `get()` gives a client, as far as it is sent. */
export interface AssertedCredential {
  readonly clientDataJson: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly signature: Uint8Array;
  /** base64url. */
  readonly id: string;
  /** The bytes that the authenticator keeps. */
  readonly userHandle?: Uint8Array;
}

/** The value of `webAuthnOutcome` after a registration, in the form without JSON (spec: webauthn §4). */
export const registrationAnswerText = ({
  clientDataJson,
  attestationObject,
  id,
  deviceName,
}: CreatedCredential): string =>
  [textOf(clientDataJson), signedBytes(attestationObject).join(), id, ...(deviceName ? [deviceName] : [])].join('::');

/** The value of `webAuthnOutcome` after an authentication, in the form without JSON (spec: webauthn §4). */
export const authenticationAnswerText = (credential: AssertedCredential): string =>
  [
    textOf(credential.clientDataJson),
    signedBytes(credential.authenticatorData).join(),
    signedBytes(credential.signature).join(),
    credential.id,
    ...(credential.userHandle?.length ? [textOf(credential.userHandle)] : []),
  ].join('::');

/** A legacy text in the JSON form, which a client uses where the step says `supportsJsonResponse`. */
export const jsonAnswerText = (legacyData: string, authenticatorAttachment: AuthenticatorAttachment): string =>
  JSON.stringify({ legacyData, authenticatorAttachment });

const textOf = (bytes: Uint8Array): string => utf8Text(bytes) ?? '';
