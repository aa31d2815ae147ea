import { stateKey } from '@assent/engine';
import { z } from 'zod';

const attributes = z.record(z.string(), z.unknown());

// Well-known keys in AM's spelling, sorted by name in state (spec: nodes-mfa §2.1, journeys-rest §5.3).

/** A phone that is bound and not stored yet, as AM keeps it: for scripts. */
export const boundDeviceProfile = stateKey.transient('DeviceBinding.DEVICE', attributes);
/** What the hardware of a phone said of its key. */
export const bindingAttestation = stateKey.transient('DeviceBindingNode.ATTESTATION', attributes);
/** Why a phone's signature was not accepted, in AM's words. */
export const signingFailure = stateKey.shared(
  'DeviceSigningVerifierNode.FAILURE',
  z.enum(['INVALID_CLAIM', 'INVALID_USER', 'NOT_ACTIVE_USER', 'INVALID_SUBJECT', 'INVALID_SIGNATURE']),
);
/** What a phone has signed, letter by letter. */
export const signedText = stateKey.transient('DeviceSigningVerifierNode.JWT', z.string());
/** Id of the user whom a node has found, as AM's identity management calls it. */
export const objectId = stateKey.shared('_id', z.string());
export const pushAuthFailureReason = stateKey.shared('PushAuthFailureReason', z.string());
/** How strongly the user has signed in so far; starts at 0. */
export const authLevel = stateKey.shared('authLevel', z.int());
/** What the journey of a back channel was given, beside its user. */
export const backChannelData = stateKey.shared('backchannel-data', attributes);
/** Where that journey begins. */
export const backChannelRedirectUri = stateKey.shared('backchannel-redirectUri', z.string());
/** Properties of the session that it ended in. */
export const backChannelSession = stateKey.transient('backchannel-sessionProperties', z.record(z.string(), z.string()));
/** Its id, with which anybody may start it. */
export const backChannelTransaction = stateKey.shared('backchannel-transaction', z.string());
/** Where a one-time password is mailed to; what is there already is used. */
export const emailAddress = stateKey.shared('emailAddress', z.string());
/** Of the node in an inner tree that failed. */
export const errorMessage = stateKey.shared('errorMessage', z.string());
export const errorNode = stateKey.shared('errorNode', attributes);
export const failureUrl = stateKey.shared('failureUrl', z.string());
/** What the device profile node collected. */
export const deviceProfile = stateKey.shared('forgeRock.device.profile', attributes);
export const mfaMethod = stateKey.shared('mfaMethod', z.string());
export const objectAttributes = stateKey.shared('objectAttributes', attributes);
/** The same name in transient state: attributes that are secret. */
export const secretAttributes = stateKey.transient('objectAttributes', attributes);
/**
 * In clear, since a node further on has to send it: it lives in transient state, and between two requests in the sealed
 * state of the journey, as long as a node ahead names it.
 */
export const oneTimePassword = stateKey.transient('oneTimePassword', z.string());
/** When it was made, in seconds. */
export const oneTimePasswordTimestamp = stateKey.transient('oneTimePasswordTimestamp', z.number());
/** A generator that is being registered, with `sharedSecret: "placeholder"`; for scripts. */
export const oathDeviceProfile = stateKey.shared('oathDeviceProfile', z.string());
export const oathEnableRecoveryCode = stateKey.shared('oathEnableRecoveryCode', z.boolean());
/** Which child of the page sent which callback. */
export const pageNodeCallbacks = stateKey.shared('pageNodeCallbacks', z.record(z.string(), z.int()));
export const password = stateKey.transient('password', z.string());
export const pushChallengeKey = stateKey.shared('pushChallengeKey', z.string());
export const pushContent = stateKey.shared('pushContent', attributes);
export const pushDeviceProfile = stateKey.shared('pushDeviceProfile', z.string());
export const pushMechanismUid = stateKey.shared('pushMechanismUid', z.string());
export const pushMessageExpiration = stateKey.shared('pushMessageExpiration', z.int());
export const pushMessageId = stateKey.shared('pushMessageId', z.string());
export const pushNumberChallengeKey = stateKey.shared('pushNumberChallengeKey', z.string());
/** Our own: how the phones of a request take the number, so that the wait can say so. */
export const pushNumberIs = stateKey.shared('pushNumberIs', z.enum(['typed', 'tapped', 'typed-or-tapped']));
export const realm = stateKey.shared('realm', z.string());
export const recoveryCodeDeviceName = stateKey.transient('recoveryCodeDeviceName', z.string());
export const recoveryCodes = stateKey.transient('recoveryCodes', z.array(z.string()));
export const successUrl = stateKey.shared('successUrl', z.string());
/** How long the last push request is good for, in milliseconds. */
export const pushTimeout = stateKey.shared('t', z.int());
/** The level that the caller asked for; a number, or its text where a node set it. */
export const targetAuthLevel = stateKey.shared('targetAuthLevel', z.union([z.int(), z.string()]));
/** What was accepted in this journey, until it is stored with the user. */
export const termsAccepted = stateKey.shared(
  'termsAccepted',
  z.object({ acceptDate: z.string(), termsVersion: z.string() }),
);
export const universalId = stateKey.shared('universalId', z.string());
export const username = stateKey.shared('username', z.string());
/** What a browser said that could not use a passkey: the name of the error, a colon and its message. */
export const webAuthenticationDomException = stateKey.shared('WebAuthenticationDOMException', z.string());
/** Extensions that a script asks authenticators for. */
export const webAuthnExtensions = stateKey.shared('webAuthnExtensions', z.unknown());
const authenticatorInfo = z.object({
  flags: z.record(z.string(), z.boolean()),
  authenticatorAttachment: z.string().optional(),
});
export const webauthnAssertionInfo = stateKey.transient('webauthnAssertionInfo', authenticatorInfo);
export const webauthnAttestationInfo = stateKey.transient('webauthnAttestationInfo', authenticatorInfo);
export const webauthnAttestationType = stateKey.transient('webauthnAttestationType', z.string());
/** What the browser sent for a registration, in the form of AM's script. */
export const webauthnData = stateKey.transient('webauthnData', z.string());
export const webauthnDeviceAaguid = stateKey.transient('webauthnDeviceAaguid', z.string());
/** A passkey that is yet to be stored, as AM keeps it; for scripts. */
export const webauthnDeviceData = stateKey.transient('webauthnDeviceData', z.string());
export const webauthnDeviceName = stateKey.shared('webauthnDeviceName', z.string());
export const webauthnDeviceUuid = stateKey.shared('webauthnDeviceUuid', z.string());
