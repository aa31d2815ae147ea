import {
  confirmationCallback,
  defineNode,
  FACTOR_KINDS,
  hiddenValueCallback,
  identities,
  optional,
  required,
  textOutputCallback,
} from '@assent/engine';
import { oathDevices, recoveryCodes, secondFactors } from '@assent/factors';
import { formatOathUri } from '@assent/push/protocol';
import { z } from 'zod';
import { pendingGenerator } from '../handovers.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import {
  newDeviceOptions,
  oathParametersOf,
  oathRegistrationConfig,
  profileOf,
  toPending,
} from './oath/oath-settings.ts';
import {
  pendingGeneratorKeys,
  storeGeneratorErrors,
  storePendingGenerator,
  takeGenerator,
} from './oath/store-oath-device.ts';
import { anotherFactorErrors, hasUsedFactor } from './registration/factor-names.ts';
import { accountNameOf, backgroundColorOf, mfaRegistrationConfig } from './registration/mfa-registration.ts';
import { registeringUser, registeringUserErrors } from './registration/registering-user.ts';
import { qrCodeScript } from './scripts/qr-code-script.ts';

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
  inputs: [optional(key.realm), required(key.username, 'Expected username to be set.')],
  outputs: [...pendingGeneratorKeys, key.recoveryCodes, key.recoveryCodeDeviceName],
  sends: [confirmationCallback, hiddenValueCallback, textOutputCallback],
  secondFactor: [],
  withoutFactors: () => ({ successOutcome: FACTOR_KINDS }),
  uses: [identities, oathDevices, recoveryCodes, secondFactors],
  textFallback: 'realm-then-first',
  texts: { scanQRCode: 'Scan this code with the authenticator on your phone.', nextButtonLabel: 'Next' },
  errors: {
    ...registeringUserErrors,
    noDataStore: 'Unable to talk to datastore.',
    noAlgorithm: 'No OTP algorithm selected',
    ...storeGeneratorErrors,
    ...anotherFactorErrors,
  },

  async process({ config, state, realm, ports, journey, answered, text, fail, report, goTo, send }) {
    const identity = await registeringUser(ports.identities, state.get(key.username), journey, fail);

    if (answered(confirmationCallback) === 0) {
      if (config.postponeDeviceProfileStorage) return goTo('successOutcome');
      const pending = takeGenerator({ state, journey }, identity);
      if (pending === undefined) {
        report('noDeviceProfile');
        return goTo('failureOutcome');
      }
      const visit = { identity, ports, journey, state, fail, report, goTo };
      return storePendingGenerator(visit, pending, { recoveryCodes: config.generateRecoveryCodes });
    }

    const isAuthorized = hasUsedFactor(journey.nodeTypesOf(identity));
    const hasOne = await onStoreFailure(
      () => ports.secondFactors.any(identity.id),
      (cause) => fail('noDataStore', {}, cause),
    );
    if (hasOne && !isAuthorized) fail('anotherFactorFirst');
    // Before the secret is shown: an app that scans it keeps it, and would show codes that are good for nothing.
    const registered = await onStoreFailure(
      () => ports.oathDevices.ofUser(identity.id),
      (cause) => fail('noDataStore', {}, cause),
    );
    if (registered.length >= realm.maxDevices) {
      report('notSaved', {}, 'limit');
      journey.explainFailure(identity, 'device-limit');
      return goTo('failureOutcome');
    }
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
    journey.handOver(pendingGenerator, identity, toPending(device, { isAuthorized, isShown: false }));
    return send(
      textOutputCallback({ message: text('scanQRCode', config.scanQRCodeMessage), messageType: 0 }),
      textOutputCallback({ message: qrCodeScript(uri), messageType: 4 }),
      hiddenValueCallback({ value: uri, id: 'mfaDeviceRegistration' }),
      confirmationCallback({ options: [text('nextButtonLabel')] }),
    );
  },
});
