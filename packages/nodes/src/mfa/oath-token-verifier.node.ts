import { confirmationCallback, defineNode, identities, nameCallback, optional, required } from '@assent/engine';
import { type OathRules, oathDevices } from '@assent/factors';
import { z } from 'zod';
import { pendingGenerator } from '../handovers.ts';
import { isProvenUser } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import {
  fromPending,
  HASH_OF,
  oathAlgorithm,
  profileOf,
  toPending,
  totpHashAlgorithm,
  totpTimeInterval,
} from './oath/oath-settings.ts';
import { FACTOR } from './registration/factor-names.ts';

/** Asks for a one-time password. @see spec: nodes-mfa §5.2, §8.1, §8.2 */
export const oathTokenVerifier = defineNode({
  type: 'OathTokenVerifierNode',
  title: 'OATH Token Verifier',
  help: 'Asks for a one-time password, and checks it.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    algorithm: oathAlgorithm,
    hotpWindowSize: z.int().min(1).max(1_000).default(100).meta({
      title: 'HOTP Window Size',
      description: 'How many passwords ahead of the last used one are good.',
    }),
    totpTimeInterval,
    totpTimeSteps: z.int().min(1).max(100).default(2).meta({
      title: 'TOTP Time Steps',
      description: 'How many time steps before and after the current one are good.',
    }),
    totpHashAlgorithm,
    maximumAllowedClockDrift: z.int().min(1).default(5).meta({
      title: 'TOTP Maximum Allowed Clock Drift',
      description: 'How many time steps the clock of the phone may be off.',
    }),
    isRecoveryCodeAllowed: z.boolean().default(false).meta({
      title: 'Allow recovery codes',
      description: 'Offer to use a recovery code instead.',
    }),
  }),
  // SEC-49: narrower than what an import gets by default.
  template: { hotpWindowSize: 10, totpTimeSteps: 1 },

  outcomes: {
    successOutcome: 'Success',
    failureOutcome: 'Failure',
    notRegisteredOutcome: 'Not registered',
    recoveryCodeOutcome: { title: 'Recovery Code', when: (config) => config.isRecoveryCodeAllowed },
  },
  inputs: [optional(key.realm), required(key.username, 'Expected username to be set.')],
  outputs: [key.mfaMethod, key.oathDeviceProfile],
  sends: [confirmationCallback, nameCallback],
  secondFactor: ['successOutcome'],
  withoutFactors: () => ({ notRegisteredOutcome: ['oath'] }),
  proves: ['oath'],
  uses: [identities, oathDevices],
  texts: { message: 'Enter verification code', submit: 'Submit', recoveryCodes: 'Use recovery code' },
  errors: {
    noDataStore: 'Unable to talk to datastore.',
    noAlgorithm: 'No OTP algorithm selected',
    unknownOption: 'Unrecognized option: {{option}}',
    length: 'Password length should be 6 or 8.',
    otherLength: 'The one-time password has another length than the device was registered with.',
    secret: 'Secret key is not a valid value',
    lastLogin: 'Invalid login time value',
    sameStep: 'Login failed attempting to use the same OTP in same Time Step: {{step}}',
    outOfSync: 'OTP is out of sync.',
    wrong: 'The one-time password is wrong.',
    locked: 'Too many wrong one-time passwords: entry is locked for a while, and the journey ends.',
  },

  async process({ config, state, request, ports, journey, answered, text, fail, report, goTo, send, endsInFailure }) {
    const name = state.get(key.username);
    const trouble = (cause: unknown) => fail('noDataStore', {}, cause);
    const identity = await onStoreFailure(() => ports.identities.find(name), trouble);
    const kept = identity && journey.handedOver(pendingGenerator, identity);
    const pending = kept && fromPending(kept);
    const notRegistered = () => {
      state.set(key.mfaMethod, 'oath');
      return goTo('notRegisteredOutcome');
    };
    // As with Push Sender: before anybody has proved to be the user, a way that only fails would tell who has a generator (SEC-59).
    const isIdentified = isProvenUser(identity, { journey, request });
    const mayPretend = !isIdentified && pending === undefined && endsInFailure('notRegisteredOutcome');
    if (identity === undefined && !mayPretend) return notRegistered();

    const options = [text('submit'), ...(config.isRecoveryCodeAllowed ? [text('recoveryCodes')] : [])];
    const index = answered(confirmationCallback);
    // Only what was offered counts (nodes-mfa §8.2, 2).
    if (index !== undefined && options[index] === undefined) fail('unknownOption', { option: String(index) });
    const password = answered(nameCallback);
    const isAsked = password !== undefined && password.trim() !== '';

    const devicesOf = () => onStoreFailure(() => ports.oathDevices.ofUser(identity?.id ?? ''), trouble);
    if (!isAsked || index === 1) {
      const devices = pending ? [pending] : await devicesOf();
      if (devices.length === 0 && !mayPretend) return notRegistered();
      if (index === 1) return goTo('recoveryCodeOutcome');
      return send(nameCallback({ prompt: text('message') }), confirmationCallback({ options }));
    }

    const { algorithm } = config;
    const rules: OathRules =
      algorithm === null
        ? fail('noAlgorithm')
        : algorithm === 'HOTP'
          ? { algorithm, windowSize: config.hotpWindowSize }
          : {
              algorithm,
              hash: HASH_OF[config.totpHashAlgorithm],
              intervalSeconds: config.totpTimeInterval,
              steps: config.totpTimeSteps,
              maxDriftSteps: config.maximumAllowedClockDrift,
            };
    const pretends = mayPretend && (identity === undefined || (await devicesOf()).length === 0);
    const checked = await onStoreFailure(
      () =>
        identity === undefined || pretends
          ? ports.oathDevices.verifyInVain({ username: name, identity, password, rules })
          : ports.oathDevices.verify({ identity, password, rules, ...(pending && { pending }) }),
      trouble,
    );
    switch (checked.status) {
      case 'noDevice':
        return notRegistered();
      case 'locked':
        return fail('locked');
      case 'refused': {
        const { refusal } = checked;
        report(refusal.reason, refusal.reason === 'sameStep' ? { step: String(refusal.step) } : {});
        return goTo('failureOutcome', { reason: refusal.reason });
      }
      case 'accepted':
        if (identity === undefined) return fail('noDataStore', {}, 'A password of nobody was accepted.');
        if (kept === undefined) {
          journey.prove(identity, 'oath', FACTOR.oath, { kind: 'oath', uuid: checked.device.uuid });
        } else {
          // A pending device moves on in the journey: OATH Device Storage is what saves it (nodes-mfa §8.2, 17). Until then it is none of the
          // user's: it proves nothing, and lets nobody add or remove devices (WA-18, SEC-51).
          const { isAuthorized } = kept;
          journey.handOver(pendingGenerator, identity, toPending(checked.device, { isAuthorized, isShown: true }));
          state.set(key.oathDeviceProfile, profileOf(checked.device));
        }
        return goTo('successOutcome');
    }
  },
});
