import {
  clock,
  confirmationCallback,
  defineNode,
  FACTOR_KINDS,
  hiddenValueCallback,
  identities,
  pollingWaitCallback,
  textOutputCallback,
} from '@assent/engine';
import { recoveryCodes, secondFactors } from '@assent/factors';
import { pushDevices, pushMessages } from '@assent/push';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
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

/** Registers a phone by QR code. @see spec: nodes-mfa §3.1; design.md §3 decision 9 */
export const pushRegistration = defineNode({
  type: 'PushRegistrationNode',
  title: 'Push Registration',
  help: 'Shows a code to scan, and registers the phone that scanned it for push authentication.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    ...phoneRegistrationConfig,
    registerAnother: z.boolean().default(false).meta({
      title: 'Register Another Device',
      description:
        'Add a device for a user who has one, once another factor has been used in this journey. Otherwise such a user is done.',
    }),
  }),
  template: { issuer: 'Assent', verifyAfterRegister: true },

  outcomes: phoneRegistrationOutcomes,
  inputs: phoneRegistrationInputs,
  outputs: phoneRegistrationOutputs,
  sends: [confirmationCallback, hiddenValueCallback, pollingWaitCallback, textOutputCallback],
  secondFactor: [],
  // A user who has a phone already passes at once, unless another one is to be added.
  withoutFactors: ({ registerAnother }) => ({ successOutcome: registerAnother ? FACTOR_KINDS : kindsBut('push') }),
  uses: [clock, identities, pushDevices, pushMessages, recoveryCodes, secondFactors],
  textFallback: 'realm-then-first',
  texts: phoneRegistrationTexts,
  errors: {
    ...phoneRegistrationErrors,
    ...anotherFactorErrors,
  },

  async process({ config, state, realm, ports, journey, answered, text, fail, report, goTo, send }) {
    const identity = await registeringUser(ports.identities, state.get(key.username), journey, fail);
    const registered = await onStoreFailure(
      () => ports.pushDevices.ofUser(identity.id),
      (cause) => fail('noDataStore', {}, cause),
    );
    const hasEnough = registered.length > 0 && !config.registerAnother;
    /** Whether a factor of whatever kind is there, and none was shown. */
    const lacksFactor = async () =>
      !hasUsedFactor(journey.nodeTypesOf(identity)) &&
      (await onStoreFailure(
        () => ports.secondFactors.any(identity.id),
        (cause) => fail('noDataStore', {}, cause),
      ));
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

    if (!answered(pollingWaitCallback)) {
      phone.forget();
      if (hasEnough) return goTo('successOutcome');
      if (await lacksFactor()) fail('anotherFactorFirst');
      // Before the code is shown: a phone that scans it would say that it is connected, and the server would refuse it.
      if (registered.length >= realm.maxDevices) {
        report('notSaved', {}, 'limit');
        journey.explainFailure(identity, 'device-limit');
        return goTo('failureOutcome');
      }
      return phone.begin();
    }

    const newCodes = async (): Promise<readonly string[]> => {
      if (!config.generateRecoveryCodes) return [];
      // A user who adds a phone keeps the codes that are written down somewhere.
      if (registered.length > 0 && (await ports.recoveryCodes.count(identity.id, 'push')) > 0) return [];
      return ports.recoveryCodes.replace(identity.id, 'push');
    };
    return phone.poll({
      // Somebody may have registered a device since the code was first shown: a password alone adds no second one.
      obstacle: async () => (hasEnough || (await lacksFactor()) ? 'the user has a device by now' : undefined),
      store: () => onStoreFailure(newCodes, (cause) => fail('noCodes', {}, cause)),
    });
  },
});
