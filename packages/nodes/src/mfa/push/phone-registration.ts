import { optional, required, stateKey } from '@assent/engine';
import { z } from 'zod';
import * as key from '../../state-keys.ts';
import { mfaRegistrationConfig } from '../registration/mfa-registration.ts';
import { registeringUserErrors } from '../registration/registering-user.ts';

// What the nodes that register a phone declare alike (spec: nodes-mfa §3.1, §5.4).

export const registrationDeadline = stateKey.ownedByNode('registrationDeadline', z.int());

export const phoneRegistrationConfig = {
  ...mfaRegistrationConfig,
  timeout: z.int().min(1).default(60).meta({
    title: 'Registration Response Timeout',
    description: 'How many seconds the code can be scanned.',
  }),
  verifyAfterRegister: z.boolean().default(false).meta({
    title: 'Verify After Registration',
    description:
      'Send the new device a request, and store it for good once it has answered with the number that the browser shows. The timeout is for both.',
  }),
};
export type PhoneRegistrationConfig = z.output<z.ZodObject<typeof phoneRegistrationConfig>>;

export const phoneRegistrationOutcomes = {
  successOutcome: 'Success',
  failureOutcome: 'Failure',
  timeoutOutcome: 'Time Out',
} as const;
export type PhoneRegistrationOutcome = keyof typeof phoneRegistrationOutcomes;

export const phoneRegistrationInputs = [
  optional(key.realm),
  required(key.username, 'Expected username to be set.'),
  optional(key.pushMessageId),
  optional(key.pushDeviceProfile),
  optional(key.pushChallengeKey),
  optional(key.pushNumberChallengeKey),
  optional(key.pushNumberIs),
] as const;

/** What is in state while a phone is awaited, and gone on every way out (SEC-07). */
export const pendingPhoneKeys = [
  key.pushMessageId,
  key.pushDeviceProfile,
  key.pushChallengeKey,
  key.pushNumberChallengeKey,
  key.pushNumberIs,
  registrationDeadline,
] as const;
export type PendingPhoneKey = (typeof pendingPhoneKeys)[number];

export const phoneRegistrationOutputs = [...pendingPhoneKeys, key.recoveryCodes, key.recoveryCodeDeviceName] as const;

export const phoneRegistrationTexts = {
  scanQRCode: 'Scan this code with the authenticator on your phone.',
  tapped: 'On your phone, choose {{challenge}}.',
  typed: 'On your phone, type {{challenge}}.',
  exit: 'Cancel',
  connect: 'Connect this phone? {{user}} is setting it up for {{issuer}}.',
  connectNameless: 'Connect this phone? Somebody is setting it up for {{issuer}}.',
} as const;
export type PhoneRegistrationText = keyof typeof phoneRegistrationTexts;

export const phoneRegistrationErrors = {
  ...registeringUserErrors,
  noDataStore: 'Unable to talk to datastore.',
  noService: 'Unable to read service addresses for Push Notification Service.',
  notPersisted: 'Unable to persist token in core token service.',
  noMessageId: 'Unable to find push message ID',
  noDeviceProfile: 'No device profile found on shared state',
  noServiceOnPoll: 'Could not get messageId',
  otherType: 'The push message corresponds to {{type}} message type which is not registered in the {{realm}} realm',
  serviceFailed: 'Unable initialise push notification service.',
  notVerified: 'An unexpected error occurred while verifying the push result',
  unknownStatus: 'Unrecognized push message status: {{status}}',
  timedOut: 'The push message with ID {{id}} has timed out',
  notSaved: 'Failed to save device to user profile',
  notStored: 'Unable to store device profile',
  noCodes: 'Failed to generate recovery codes',
} as const;
export type PhoneRegistrationError = keyof typeof phoneRegistrationErrors;
