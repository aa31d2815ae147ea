import { confirmationCallback, defineNode, identities, localized, required, textOutputCallback } from '@assent/engine';
import { oathDevices, passkeys, secondFactors } from '@assent/factors';
import { pushDevices } from '@assent/push';
import { z } from 'zod';
import { mfaMethod, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { considersAllFactors, lackedKinds } from './registration/all-factors.ts';

/** Lets the user choose between registering, skipping and opting out. @see spec: nodes-mfa §4.1 */
export const mfaRegistrationOptions = defineNode({
  type: 'MultiFactorRegistrationOptionsNode',
  title: 'MFA Registration Options',
  help: 'Lets a user without a device register one, get the app, skip, or opt out.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    mandatory: z.boolean().default(false).meta({
      title: "Remove 'skip' option",
      description: 'Offer neither to skip nor to opt out.',
    }),
    considersAllFactors,
    getApp: z.boolean().default(true).meta({
      title: 'Display Get Authenticator App',
      description: 'Offer to get the app first.',
    }),
    message: localized().meta({ title: 'Message', description: 'What the user reads above the choices, by language.' }),
    registerDeviceLabel: localized().meta({ title: 'Register Device', description: 'The button, by language.' }),
    getAppLabel: localized().meta({ title: 'Get Authenticator App', description: 'The button, by language.' }),
    skipStepLabel: localized().meta({ title: 'Skip this Step', description: 'The button, by language.' }),
    optOutLabel: localized().meta({ title: 'Opt-out', description: 'The button, by language.' }),
  }),
  template: { considersAllFactors: true },

  outcomes: {
    registerOutcome: 'Register',
    getAppOutcome: { title: 'Get App', when: (config) => config.getApp },
    skipOutcome: { title: 'Skip', when: (config) => !config.mandatory },
    optOutOutcome: { title: 'Opt-out', when: (config) => !config.mandatory },
  },
  inputs: [
    required(username, 'Expected username to be set.'),
    required(mfaMethod, 'Expected multi-factor authentication method to be set.'),
  ],
  outputs: [mfaMethod],
  sends: [confirmationCallback, textOutputCallback],
  secondFactor: [],
  withoutFactors: (config) => ({ skipOutcome: lackedKinds(config), optOutOutcome: lackedKinds(config) }),
  uses: [identities, oathDevices, passkeys, pushDevices, secondFactors],
  textFallback: 'first',
  texts: {
    message:
      'Register your phone to approve sign-ins with it; if you skip this step you are asked again next time, and if you opt out you are not asked again, which we do not advise.',
    messageMandatory: 'Register your phone to approve sign-ins with it.',
    registerDeviceLabel: 'Register Device',
    getAppLabel: 'Get the App',
    skipStepLabel: 'Skip this step',
    optOutLabel: 'Opt-out',
  },
  errors: {
    unknownOption: 'Unrecognized option: {{option}}',
    deviceRegistered: 'The user has a registered device, so this step cannot be skipped.',
    notChecked: 'Unable to talk to datastore.',
  },

  async process({ config, state, ports, answered, text, fail, goTo, send }) {
    const name = state.get(username);
    const method = state.get(mfaMethod);
    /** Whether the user has a factor that has to be asked for in place of a way without one. */
    const hasFactor = () =>
      onStoreFailure(
        async () => {
          const identity = await ports.identities.find(name);
          if (identity === undefined) return false;
          if (config.considersAllFactors) return ports.secondFactors.any(identity.id);
          const devices = { oath: ports.oathDevices, push: ports.pushDevices, webauthn: ports.passkeys };
          return Object.hasOwn(devices, method)
            ? (await devices[method as keyof typeof devices].ofUser(identity.id)).length > 0
            : false;
        },
        (cause) => fail('notChecked', {}, cause),
      );
    const choices = [
      { outcome: 'registerOutcome', label: text('registerDeviceLabel', config.registerDeviceLabel) },
      ...(config.getApp ? [{ outcome: 'getAppOutcome', label: text('getAppLabel', config.getAppLabel) } as const] : []),
      ...(config.mandatory
        ? []
        : [
            { outcome: 'skipOutcome', label: text('skipStepLabel', config.skipStepLabel) } as const,
            { outcome: 'optOutOutcome', label: text('optOutLabel', config.optOutLabel) } as const,
          ]),
    ] as const;

    const index = answered(confirmationCallback);
    if (index === undefined) {
      const maySkip = !config.mandatory && !(config.considersAllFactors && (await hasFactor()));
      const offered = maySkip ? choices : choices.filter(({ outcome }) => !isWithout(outcome));
      const message = text(maySkip ? 'message' : 'messageMandatory', config.message);
      return send(
        textOutputCallback({ message, messageType: 0 }),
        confirmationCallback({ options: offered.map(({ label }) => label) }),
      );
    }
    // Only what was offered counts: positions shift with the settings, and an index beyond them is nobody's button.
    const { outcome } = choices[index] ?? fail('unknownOption', { option: String(index) });
    if (!isWithout(outcome)) return goTo(outcome);
    // "Not registered" may have become untrue since it was decided (SEC-50).
    if (await hasFactor()) fail('deviceRegistered');
    if (outcome === 'optOutOutcome') state.set(mfaMethod, method);
    return goTo(outcome);
  },
});

/** The ways on without a factor; they come last, so that the positions of the others stay when these are not offered. */
const isWithout = (outcome: string): boolean => outcome === 'skipOutcome' || outcome === 'optOutOutcome';
