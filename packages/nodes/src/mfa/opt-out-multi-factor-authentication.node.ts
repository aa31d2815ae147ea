import { defineNode, identities, optional, required } from '@assent/engine';
import { oathDevices, passkeys, type SkipType, secondFactors, skipSettings } from '@assent/factors';
import { pushDevices } from '@assent/push';
import { z } from 'zod';
import { mayChange } from '../proven-user.ts';
import { mfaMethod, realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { considersAllFactors, lackedKinds } from './registration/all-factors.ts';
import { registeringUserErrors } from './registration/registering-user.ts';

/** Notes that the user does not want to be asked for a device again. @see spec: nodes-mfa §4.3 */
export const optOutMultiFactorAuthentication = defineNode({
  type: 'OptOutMultiFactorAuthenticationNode',
  title: 'Opt-out Multi-Factor Authentication',
  help: 'Notes that a user without a device does not want one, so that sign-in goes on without.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({ considersAllFactors }),
  template: { considersAllFactors: true },
  outcomes: { outcome: 'Outcome' },
  inputs: [
    optional(realm),
    required(username, 'Expected username to be set.'),
    required(mfaMethod, 'Expected MFA method to be set.'),
  ],
  secondFactor: [],
  withoutFactors: (config) => ({ outcome: lackedKinds(config) }),
  uses: [identities, oathDevices, passkeys, pushDevices, secondFactors, skipSettings],
  errors: {
    unsupportedMethod: 'Unsupported MFA method has been set.',
    ...registeringUserErrors,
    deviceRegistered: 'The user has a registered device, so opting out is refused.',
    notStored: 'Unable to talk to datastore.',
  },

  async process({ config, state, ports, journey, fail, goTo }) {
    const name = state.get(username);
    const method = state.get(mfaMethod);
    if (!isSkippable(method)) return fail('unsupportedMethod');
    const trouble = (cause: unknown) => fail('notStored', {}, cause);
    const identity = (await onStoreFailure(() => ports.identities.find(name), trouble)) ?? fail('noIdentity');
    if (!mayChange(identity, journey)) fail('noIdentity');

    // Looked at now, not when the journey decided to offer it: a device that appeared meanwhile wins (SEC-50).
    const devices = { oath: ports.oathDevices, push: ports.pushDevices, webauthn: ports.passkeys }[method];
    const hasFactor = await onStoreFailure(
      async () =>
        config.considersAllFactors
          ? ports.secondFactors.any(identity.id)
          : (await devices.ofUser(identity.id)).length > 0,
      trouble,
    );
    if (hasFactor) fail('deviceRegistered');
    // NOT_SKIPPABLE without a device stays as it is, and the user is asked again (walk R of the spec).
    const setting = await onStoreFailure(() => ports.skipSettings.read(identity, method), trouble);
    if (setting === 'NOT_SET')
      await onStoreFailure(() => ports.skipSettings.write(identity, method, 'SKIPPABLE'), trouble);
    return goTo('outcome');
  },
});

const isSkippable = (method: string): method is SkipType =>
  method === 'push' || method === 'oath' || method === 'webauthn';
