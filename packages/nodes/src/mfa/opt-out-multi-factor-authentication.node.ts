import { defineNode, identities, optional, required } from '@assent/engine';
import { oathDevices, pushDevices, skipSettings } from '@assent/push';
import { z } from 'zod';
import { mfaMethod, realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { registeringUserErrors } from './registration/registering-user.ts';

/** Notes that the user does not want to be asked for a device again. @see spec: nodes-mfa §4.3 */
export const optOutMultiFactorAuthentication = defineNode({
  type: 'OptOutMultiFactorAuthenticationNode',
  title: 'Opt-out Multi-Factor Authentication',
  help: 'Notes that a user without a device does not want one, so that sign-in goes on without.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  inputs: [
    optional(realm),
    required(username, 'Expected username to be set.'),
    required(mfaMethod, 'Expected MFA method to be set.'),
  ],
  secondFactor: [],
  uses: [identities, oathDevices, pushDevices, skipSettings],
  errors: {
    unsupportedMethod: 'Unsupported MFA method has been set.',
    ...registeringUserErrors,
    deviceRegistered: 'The user has a registered device, so opting out is refused.',
    notStored: 'Unable to talk to datastore.',
  },

  async process({ state, ports, fail, goTo }) {
    const name = state.get(username);
    const method = state.get(mfaMethod);
    // Web authentication has no skip setting here yet, and pretending to have stored one would be worse than an end.
    if (method !== 'push' && method !== 'oath') return fail('unsupportedMethod');
    const trouble = (cause: unknown) => fail('notStored', {}, cause);
    const identity = (await onStoreFailure(() => ports.identities.find(name), trouble)) ?? fail('noIdentity');

    // Looked at now, not when the journey decided to offer it: a device that appeared meanwhile wins (SEC-50).
    const stored = method === 'push' ? ports.pushDevices : ports.oathDevices;
    const devices = await onStoreFailure(async () => stored.ofUser(identity.id), trouble);
    if (devices.length > 0) fail('deviceRegistered');
    // NOT_SKIPPABLE without a device stays as it is, and the user is asked again (walk R of the spec).
    const setting = await onStoreFailure(() => ports.skipSettings.read(identity, method), trouble);
    if (setting === 'NOT_SET')
      await onStoreFailure(() => ports.skipSettings.write(identity, method, 'SKIPPABLE'), trouble);
    return goTo('outcome');
  },
});
