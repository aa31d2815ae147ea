import {
  type Action,
  clock,
  defineNode,
  hiddenValueCallback,
  identities,
  optional,
  pollingWaitCallback,
  required,
  stateKey,
  textOutputCallback,
} from '@assent/engine';
import { type OathDevice, oathDevices, pushDevices, pushMessages, recoveryCodes } from '@assent/push';
import { parseMessageId } from '@assent/push/protocol';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { orElse } from '../store-trouble.ts';
import { accountNameOf, backgroundColorOf, mfaRegistrationConfig } from './mfa-registration.ts';
import {
  fromPending,
  newDeviceOptions,
  oathParametersOf,
  oathRegistrationConfig,
  profileOf,
  toPending,
  uuidInProfile,
} from './oath-settings.ts';
import { qrCodeScript } from './qr-code-script.ts';
import { hasDevice, storeOathDevice } from './store-oath-device.ts';

const POLL_MILLIS = 2_000;
const deadline = stateKey.ownedByNode('registrationDeadline', z.int());

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** Registers a phone for push and one-time passwords by one QR code. @see spec: nodes-mfa §5.4; push-protocol §1.3 */
export const combinedMultiFactorRegistration = defineNode({
  type: 'CombinedMultiFactorRegistrationNode',
  title: 'Combined MFA Registration',
  help: 'Shows a code to scan, and registers the phone that scanned it for push authentication and one-time passwords.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    ...mfaRegistrationConfig,
    timeout: z.int().min(1).default(60).meta({
      title: 'Registration Response Timeout',
      description: 'How many seconds the code can be scanned.',
    }),
    ...oathRegistrationConfig,
    policiesJson: z
      .string()
      .refine((text) => text.trim() === '' || isJsonObject(text), { error: 'Must be a JSON object' })
      .default('')
      .meta({
        title: 'JSON Authenticator Policies',
        description: 'What the authenticator app has to enforce, as a JSON object.',
      }),
  }),
  template: { issuer: 'Assent' },

  outcomes: { successOutcome: 'Success', failureOutcome: 'Failure', timeoutOutcome: 'Time Out' },
  inputs: [
    optional(key.realm),
    required(key.username, 'Expected username to be set.'),
    optional(key.pushMessageId),
    optional(key.pushDeviceProfile),
    optional(key.pushChallengeKey),
    optional(key.oathDeviceProfile),
    optional(key.oathPendingDevice),
  ],
  outputs: [
    key.pushMessageId,
    key.pushDeviceProfile,
    key.pushChallengeKey,
    key.oathDeviceProfile,
    key.oathEnableRecoveryCode,
    key.oathPendingDevice,
    key.recoveryCodes,
    key.recoveryCodeDeviceName,
    deadline,
  ],
  sends: [hiddenValueCallback, pollingWaitCallback, textOutputCallback],
  secondFactor: [],
  uses: [clock, identities, oathDevices, pushDevices, pushMessages, recoveryCodes],
  textFallback: 'realm-then-first',
  texts: { scanQRCode: 'Scan this code with the authenticator on your phone.' },
  errors: {
    noIdentity: 'Failed to get the identity object',
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
    noAlgorithm: 'No OTP algorithm selected',
    notDecoded: 'An unexpected error occurred while decoding the string.',
  },

  async process({ config, state, realm, ports, answered, text, fail, report, goTo, send }) {
    const { pushMessages: messages, pushDevices: devices } = ports;
    const username = state.get(key.username);
    const identity =
      (await orElse(
        () => ports.identities.find(username),
        (cause) => fail('noIdentity', {}, cause),
      )) ?? fail('noIdentity');
    const isRegistered = await orElse(
      () => hasDevice(ports, identity.id),
      (cause) => fail('noDataStore', {}, cause),
    );

    const label = {
      issuer: config.issuer,
      account: accountNameOf(identity, config.accountName),
      backgroundColor: backgroundColorOf(config.bgColor),
      ...(config.imgUrl.trim() !== '' && { imageUrl: config.imgUrl.trim() }),
    };
    const show = (uri: string): Action<never> =>
      send(
        textOutputCallback({ message: text('scanQRCode', config.scanQRCodeMessage), messageType: 0 }),
        textOutputCallback({ message: qrCodeScript(uri), messageType: 4 }),
        hiddenValueCallback({ value: uri, id: 'mfaDeviceRegistration' }),
        pollingWaitCallback({ waitTime: POLL_MILLIS, message: '' }),
      );
    const cleanUp = () => {
      for (const used of [
        key.pushMessageId,
        key.pushDeviceProfile,
        key.pushChallengeKey,
        key.oathDeviceProfile,
        key.oathEnableRecoveryCode,
        key.oathPendingDevice,
        deadline,
      ]) {
        state.remove(used);
      }
    };
    const labelWith = (device: OathDevice) => ({
      ...label,
      oath: {
        uuid: device.uuid,
        parameters: oathParametersOf(device, config) ?? fail('noAlgorithm'),
        ...(config.policiesJson.trim() !== '' && { policies: config.policiesJson }),
      },
    });

    if (!answered(pollingWaitCallback)) {
      const older = state.get(key.pushMessageId);
      if (older !== undefined) messages.close(older, 'cleanup');
      cleanUp();
      if (isRegistered) return goTo('successOutcome');

      const device = ports.oathDevices.create({ identity, issuer: config.issuer, ...newDeviceOptions(config) });
      const shown = labelWith(device);
      const opened = await orElse(
        () => messages.openRegistration({ identity, issuer: config.issuer, timeoutMillis: config.timeout * 1_000 }),
        (cause) => fail('notPersisted', {}, cause),
      );
      if (opened.status === 'serviceMissing') return fail('noService');
      const uri = await orElse(
        () => messages.registrationUri(opened.messageId, shown),
        (cause) => fail('noService', {}, cause),
      );
      state.set(key.pushMessageId, opened.messageId);
      state.set(key.pushDeviceProfile, opened.deviceProfile);
      state.set(key.pushChallengeKey, opened.challengeKey);
      state.set(key.oathDeviceProfile, profileOf(device));
      state.set(key.oathEnableRecoveryCode, config.generateRecoveryCodes);
      state.set(key.oathPendingDevice, toPending(device, false));
      state.set(deadline, ports.clock.now() + config.timeout * 1_000);
      return show(uri ?? fail('noService'));
    }

    const id = state.get(key.pushMessageId) ?? fail('noMessageId');
    const profile = state.get(key.oathDeviceProfile);
    const pending = state.get(key.oathPendingDevice);
    if (state.get(key.pushDeviceProfile) === undefined || profile === undefined) return fail('noDeviceProfile');
    const uuid = uuidInProfile(profile) ?? fail('notDecoded');
    const device = pending !== undefined && pending.uuid === uuid ? fromPending(pending) : fail('noDeviceProfile');
    if (!messages.hasService()) fail('noServiceOnPoll');
    const type = parseMessageId(id)?.type;
    if (type !== 'REGISTER') fail('otherType', { type: type ?? id.replace(/:.*/, ''), realm: realm.realm });

    const timeOut = () => {
      messages.close(id, 'timeout');
      cleanUp();
      report('timedOut', { id });
      return goTo('timeoutOutcome');
    };
    const notSaved = (cause: string) => {
      messages.close(id, 'cleanup');
      cleanUp();
      report('notSaved', {}, cause);
      return goTo('failureOutcome');
    };
    const message = await orElse(
      () => messages.status(id),
      (cause) => fail('notVerified', {}, cause),
    );
    switch (message.status) {
      case 'expired':
        return timeOut();
      case 'denied':
        messages.consume(id, 'denied');
        cleanUp();
        return goTo('failureOutcome', { reason: message.reason });
      case 'pending': {
        if (ports.clock.now() >= (state.get(deadline) ?? 0)) return timeOut();
        const uri = await orElse(
          () => messages.registrationUri(id, labelWith(device)),
          (cause) => fail('serviceFailed', {}, cause),
        );
        return uri === undefined ? timeOut() : show(uri);
      }
      case 'approved': {
        const { claims } = message;
        if (claims === undefined) return notSaved('the answer has no contents');
        // The phone and the generator are stored together or not at all.
        if (isRegistered) return notSaved('the user has a device by now');
        if (device.userId !== identity.id) return notSaved('another user');
        const saved = await orElse(
          () => devices.register({ identity, messageId: id, issuer: config.issuer, claims }),
          (cause) => fail('notStored', {}, cause),
        );
        if (saved.status !== 'stored') return notSaved(saved.status);
        const generator = await orElse(
          () => storeOathDevice(ports, identity, device, false),
          (cause) => fail('notStored', {}, cause),
        );
        // Half of it is nothing: a node error takes back what was wanted so far.
        if (generator !== 'stored') return fail('notSaved', {}, generator);
        const codes = await orElse(
          async () => (config.generateRecoveryCodes ? await ports.recoveryCodes.replaceBoth(identity.id) : []),
          (cause) => fail('noCodes', {}, cause),
        );
        cleanUp();
        if (codes.length > 0) {
          state.set(key.recoveryCodes, [...codes]);
          state.set(key.recoveryCodeDeviceName, saved.deviceName);
        }
        return goTo('successOutcome');
      }
      default:
        return fail('unknownStatus', { status: String((message as { status: unknown }).status) });
    }
  },
});
