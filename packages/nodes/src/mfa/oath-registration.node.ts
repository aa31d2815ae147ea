import {
  confirmationCallback,
  defineNode,
  hiddenValueCallback,
  identities,
  optional,
  required,
  textOutputCallback,
} from '@assent/engine';
import { oathDevices, pushDevices, recoveryCodes } from '@assent/push';
import { formatOathUri } from '@assent/push/protocol';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { orElse } from '../store-trouble.ts';
import { hasUsedFactor } from './factor-names.ts';
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
import { hasDevice, oathCodesFor, storeOathDevice } from './store-oath-device.ts';

/** Registers a generator of one-time passwords by QR code. @see spec: nodes-mfa §5.1 */
export const oathRegistration = defineNode({
  type: 'OathRegistrationNode',
  title: 'OATH Registration',
  help: 'Shows a code to scan, and registers the app that scanned it for one-time passwords.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    ...mfaRegistrationConfig,
    ...oathRegistrationConfig,
    postponeDeviceProfileStorage: z.boolean().default(false).meta({
      title: 'Store device data in shared state',
      description: 'Leave storing to an OATH Device Storage node, once a password has proven the device.',
    }),
  }),
  template: { issuer: 'Assent' },

  outcomes: { successOutcome: 'Success', failureOutcome: 'Failure' },
  inputs: [
    optional(key.realm),
    required(key.username, 'Expected username to be set.'),
    optional(key.oathDeviceProfile),
    optional(key.oathPendingDevice),
  ],
  outputs: [
    key.oathDeviceProfile,
    key.oathEnableRecoveryCode,
    key.oathPendingDevice,
    key.recoveryCodes,
    key.recoveryCodeDeviceName,
  ],
  sends: [confirmationCallback, hiddenValueCallback, textOutputCallback],
  secondFactor: [],
  uses: [identities, oathDevices, pushDevices, recoveryCodes],
  textFallback: 'realm-then-first',
  texts: { scanQRCode: 'Scan this code with the authenticator on your phone.', nextButtonLabel: 'Next' },
  errors: {
    noIdentity: 'Failed to get the identity object',
    noDataStore: 'Unable to talk to datastore.',
    noAlgorithm: 'No OTP algorithm selected',
    noDeviceProfile: 'No device profile found on shared state',
    notDecoded: 'An unexpected error occurred while decoding the string.',
    blankValue: 'Blank value for necessary data from device response',
    notStored: 'Unable to store device profile',
    notSaved: 'Failed to save device to user profile',
    noCodes: 'Failed to generate recovery codes',
    anotherFactorFirst: 'A second device is only added after another factor.',
  },

  async process({ config, state, ports, journey, answered, text, fail, report, goTo, send }) {
    const name = state.get(key.username);
    const identity =
      (await orElse(
        () => ports.identities.find(name),
        (cause) => fail('noIdentity', {}, cause),
      )) ?? fail('noIdentity');
    const cleanUp = () => {
      for (const used of [key.oathDeviceProfile, key.oathEnableRecoveryCode, key.oathPendingDevice]) state.remove(used);
    };

    if (answered(confirmationCallback) === 0) {
      if (config.postponeDeviceProfileStorage) return goTo('successOutcome');
      const profile = state.get(key.oathDeviceProfile);
      const pending = state.get(key.oathPendingDevice);
      const uuid = profile === undefined ? undefined : (uuidInProfile(profile) ?? fail('notDecoded'));
      if (uuid?.trim() === '') fail('blankValue');
      if (pending === undefined || uuid !== pending.uuid) {
        report('noDeviceProfile');
        cleanUp();
        return goTo('failureOutcome');
      }
      const stored = await orElse(
        () => storeOathDevice(ports, identity, fromPending(pending), pending.isAuthorized),
        (cause) => fail('notStored', {}, cause),
      );
      cleanUp();
      if (stored !== 'stored') {
        report('notSaved', {}, stored);
        return goTo('failureOutcome');
      }
      if (config.generateRecoveryCodes) {
        const codes = await orElse(
          () => oathCodesFor(ports, identity.id),
          (cause) => fail('noCodes', {}, cause),
        );
        if (codes.length > 0) {
          state.set(key.recoveryCodes, [...codes]);
          state.set(key.recoveryCodeDeviceName, pending.deviceName);
        }
      }
      return goTo('successOutcome');
    }

    const isAuthorized = hasUsedFactor(journey.nodeTypes);
    const hasOne = await orElse(
      () => hasDevice(ports, identity.id),
      (cause) => fail('noDataStore', {}, cause),
    );
    if (hasOne && !isAuthorized) fail('anotherFactorFirst');
    const device = ports.oathDevices.create({ identity, issuer: config.issuer, ...newDeviceOptions(config) });
    const image = config.imgUrl.trim();
    const uri = formatOathUri({
      issuer: config.issuer,
      account: accountNameOf(identity, config.accountName),
      oath: oathParametersOf(device, config) ?? fail('noAlgorithm'),
      userId: identity.username,
      oathUuid: device.uuid,
      backgroundColor: backgroundColorOf(config.bgColor),
      ...(image !== '' && { imageUrl: image }),
    });
    state.set(key.oathDeviceProfile, profileOf(device));
    state.set(key.oathEnableRecoveryCode, config.generateRecoveryCodes);
    state.set(key.oathPendingDevice, toPending(device, isAuthorized));
    return send(
      textOutputCallback({ message: text('scanQRCode', config.scanQRCodeMessage), messageType: 0 }),
      textOutputCallback({ message: qrCodeScript(uri), messageType: 4 }),
      hiddenValueCallback({ value: uri, id: 'mfaDeviceRegistration' }),
      confirmationCallback({ options: [text('nextButtonLabel')] }),
    );
  },
});
