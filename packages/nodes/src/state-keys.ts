import { stateKey } from '@assent/engine';
import { z } from 'zod';

const attributes = z.record(z.string(), z.unknown());

// Well-known keys in AM's spelling, sorted by name in state (spec: nodes-mfa §2.1, journeys-rest §5.3).

export const pushAuthFailureReason = stateKey.shared('PushAuthFailureReason', z.string());
/** What the device profile node collected. */
export const deviceProfile = stateKey.shared('forgeRock.device.profile', attributes);
export const mfaMethod = stateKey.shared('mfaMethod', z.string());
export const objectAttributes = stateKey.shared('objectAttributes', attributes);
/** The same name in transient state: attributes that are secret. */
export const secretAttributes = stateKey.transient('objectAttributes', attributes);
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
/** How long the last push request is good for, in milliseconds. */
export const pushTimeout = stateKey.shared('t', z.int());
export const universalId = stateKey.shared('universalId', z.string());
export const username = stateKey.shared('username', z.string());
