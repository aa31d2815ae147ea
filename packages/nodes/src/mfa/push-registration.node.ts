import {
  type Action,
  clock,
  defineNode,
  hiddenValueCallback,
  type Identity,
  identities,
  optional,
  pollingWaitCallback,
  required,
  stateKey,
  textOutputCallback,
} from '@assent/engine';
import { pushDevices, pushMessages, recoveryCodes } from '@assent/push';
import { parseMessageId } from '@assent/push/protocol';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { orElse } from '../store-trouble.ts';
import { hasUsedFactor } from './factor-names.ts';
import { accountNameOf, backgroundColorOf, mfaRegistrationConfig } from './mfa-registration.ts';
import { qrCodeScript } from './qr-code-script.ts';

const POLL_MILLIS = 2_000;
const deadline = stateKey.ownedByNode('registrationDeadline', z.int());

/** Registers a phone by QR code. @see spec: nodes-mfa §3.1; design.md §3 decision 9 */
export const pushRegistration = defineNode({
  type: 'PushRegistrationNode',
  title: 'Push Registration',
  help: 'Shows a code to scan, and registers the phone that scanned it for push authentication.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    ...mfaRegistrationConfig,
    timeout: z.int().min(1).default(60).meta({
      title: 'Registration Response Timeout',
      description: 'How many seconds the code can be scanned.',
    }),
    registerAnother: z.boolean().default(false).meta({
      title: 'Register Another Device',
      description:
        'Add a device for a user who has one, once another factor has been used in this journey. Otherwise such a user is done.',
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
  ],
  outputs: [
    key.pushMessageId,
    key.pushDeviceProfile,
    key.pushChallengeKey,
    key.recoveryCodes,
    key.recoveryCodeDeviceName,
    deadline,
  ],
  sends: [hiddenValueCallback, pollingWaitCallback, textOutputCallback],
  secondFactor: [],
  uses: [clock, identities, pushDevices, pushMessages, recoveryCodes],
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
    anotherFactorFirst: 'A second device is only added after another factor.',
  },

  async process({ config, state, realm, ports, journey, answered, text, fail, report, goTo, send }) {
    const { pushMessages: messages, pushDevices: devices } = ports;
    const username = state.get(key.username);
    const identity =
      (await orElse(
        () => ports.identities.find(username),
        (cause) => fail('noIdentity', {}, cause),
      )) ?? fail('noIdentity');
    const registered = await orElse(
      () => devices.ofUser(identity.id),
      (cause) => fail('noDataStore', {}, cause),
    );
    const hasEnough = registered.length > 0 && !config.registerAnother;

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
      for (const used of [key.pushMessageId, key.pushDeviceProfile, key.pushChallengeKey, deadline]) state.remove(used);
    };

    if (!answered(pollingWaitCallback)) {
      const older = state.get(key.pushMessageId);
      if (older !== undefined) messages.close(older, 'cleanup');
      cleanUp();
      if (hasEnough) return goTo('successOutcome');
      if (registered.length > 0 && !hasUsedFactor(journey.nodeTypes)) fail('anotherFactorFirst');

      const opened = await orElse(
        () => messages.openRegistration({ identity, issuer: config.issuer, timeoutMillis: config.timeout * 1_000 }),
        (cause) => fail('notPersisted', {}, cause),
      );
      if (opened.status === 'serviceMissing') return fail('noService');
      const uri = await orElse(
        () => messages.registrationUri(opened.messageId, label),
        (cause) => fail('noService', {}, cause),
      );
      state.set(key.pushMessageId, opened.messageId);
      state.set(key.pushDeviceProfile, opened.deviceProfile);
      state.set(key.pushChallengeKey, opened.challengeKey);
      state.set(deadline, ports.clock.now() + config.timeout * 1_000);
      return show(uri ?? fail('noService'));
    }

    const id = state.get(key.pushMessageId) ?? fail('noMessageId');
    if (state.get(key.pushDeviceProfile) === undefined) fail('noDeviceProfile');
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
    const codesFor = async ({ id: user }: Identity): Promise<readonly string[]> => {
      if (!config.generateRecoveryCodes) return [];
      // A user who adds a phone keeps the codes that are written down somewhere.
      if (registered.length > 0 && (await ports.recoveryCodes.count(user, 'push')) > 0) return [];
      return ports.recoveryCodes.replace(user, 'push');
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
          () => messages.registrationUri(id, label),
          (cause) => fail('serviceFailed', {}, cause),
        );
        return uri === undefined ? timeOut() : show(uri);
      }
      case 'approved': {
        const { claims } = message;
        if (claims === undefined) return notSaved('the answer has no contents');
        // Somebody may have registered a device since the code was first shown: a password alone adds no second one.
        if (hasEnough) return notSaved('the user has a device by now');
        const saved = await orElse(
          () => devices.register({ identity, messageId: id, issuer: config.issuer, claims }),
          (cause) => fail('notStored', {}, cause),
        );
        if (saved.status !== 'stored') return notSaved(saved.status);
        const codes = await orElse(
          () => codesFor(identity),
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
