import {
  clock,
  confirmationCallback,
  defineNode,
  hiddenValueCallback,
  identities,
  parseForeignJson,
  pollingWaitCallback,
  textOutputCallback,
} from '@assent/engine';
import { type OathDevice, oathDevices, recoveryCodes, secondFactors } from '@assent/factors';
import { pushDevices, pushMessages } from '@assent/push';
import { z } from 'zod';
import { pendingGenerator } from '../handovers.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import {
  fromPending,
  newDeviceOptions,
  oathParametersOf,
  oathRegistrationConfig,
  profileOf,
  toPending,
} from './oath/oath-settings.ts';
import { pendingGeneratorKeys, storeOathDevice, takeGenerator } from './oath/store-oath-device.ts';
import {
  phoneRegistrationConfig,
  phoneRegistrationErrors,
  phoneRegistrationInputs,
  phoneRegistrationOutcomes,
  phoneRegistrationOutputs,
  phoneRegistrationTexts,
} from './push/phone-registration.ts';
import { phoneRegistration } from './push/register-phone.ts';
import { kindsBut } from './registration/all-factors.ts';
import { anotherFactorErrors, hasUsedFactor } from './registration/factor-names.ts';
import { registeringUser } from './registration/registering-user.ts';

const isJsonObject = (text: string): boolean => {
  try {
    const value: unknown = parseForeignJson(text);
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
    ...phoneRegistrationConfig,
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
  template: { issuer: 'Assent', verifyAfterRegister: true },

  outcomes: phoneRegistrationOutcomes,
  inputs: phoneRegistrationInputs,
  outputs: [...phoneRegistrationOutputs, ...pendingGeneratorKeys],
  sends: [confirmationCallback, hiddenValueCallback, pollingWaitCallback, textOutputCallback],
  secondFactor: [],
  // A user who has a phone or a code app already passes at once.
  withoutFactors: () => ({ successOutcome: kindsBut('push', 'oath') }),
  uses: [clock, identities, oathDevices, pushDevices, pushMessages, recoveryCodes, secondFactors],
  textFallback: 'realm-then-first',
  texts: phoneRegistrationTexts,
  errors: {
    ...phoneRegistrationErrors,
    ...anotherFactorErrors,
    noAlgorithm: 'No OTP algorithm selected',
  },

  async process({ config, state, realm, ports, journey, answered, text, fail, report, goTo, send }) {
    const identity = await registeringUser(ports.identities, state.get(key.username), journey, fail);
    const trouble = (cause: unknown) => fail('noDataStore', {}, cause);
    const ofEitherKind = await onStoreFailure(
      async () => [await ports.oathDevices.ofUser(identity.id), await ports.pushDevices.ofUser(identity.id)],
      trouble,
    );
    const isRegistered = ofEitherKind.some(({ length }) => length > 0);
    /** Whether a factor of another kind is there, and none was shown. */
    const lacksFactor = async () =>
      !hasUsedFactor(journey.nodeTypesOf(identity)) &&
      (await onStoreFailure(() => ports.secondFactors.any(identity.id), trouble));
    const phone = phoneRegistration({
      identity,
      config,
      realm,
      ports,
      state,
      isLeaving: answered(confirmationCallback) === 0,
      text,
      fail,
      report,
      goTo,
      send,
    });
    const labelOf = (device: OathDevice) => ({
      uuid: device.uuid,
      parameters: oathParametersOf(device, config) ?? fail('noAlgorithm'),
      ...(config.policiesJson.trim() !== '' && { policies: config.policiesJson }),
    });

    if (!answered(pollingWaitCallback)) {
      phone.forget();
      takeGenerator({ state, journey }, identity);
      if (isRegistered) return goTo('successOutcome');
      if (await lacksFactor()) fail('anotherFactorFirst');
      const device = ports.oathDevices.create({ identity, issuer: config.issuer, ...newDeviceOptions(config) });
      state.set(key.oathDeviceProfile, profileOf(device));
      state.set(key.oathEnableRecoveryCode, config.generateRecoveryCodes);
      journey.handOver(pendingGenerator, identity, toPending(device, { isAuthorized: false, isShown: false }));
      return phone.begin(labelOf(device));
    }

    const device = fromPending(journey.handedOver(pendingGenerator, identity) ?? fail('noDeviceProfile'));

    const storeGenerator = async (): Promise<void> => {
      const stored = await onStoreFailure(
        // The phone of the same code is the user's one device by now; that there was none before was looked at first.
        () => storeOathDevice(ports, identity, device, true),
        (cause) => fail('notStored', {}, cause),
      );
      // Half of it is nothing: a node error takes back what was wanted so far.
      if (stored !== 'stored') fail('notSaved', {}, stored);
    };
    const newCodes = async (): Promise<readonly string[]> =>
      config.generateRecoveryCodes ? ports.recoveryCodes.replaceBoth(identity.id) : [];
    const step = await phone.poll(
      {
        // The phone and the generator are stored together or not at all.
        obstacle: async () => {
          return isRegistered || (await lacksFactor()) ? 'the user has a device by now' : undefined;
        },
        store: async () => {
          await storeGenerator();
          return onStoreFailure(newCodes, (cause) => fail('noCodes', {}, cause));
        },
      },
      labelOf(device),
    );
    if (step.kind === 'goTo') takeGenerator({ state, journey }, identity);
    return step;
  },
});
