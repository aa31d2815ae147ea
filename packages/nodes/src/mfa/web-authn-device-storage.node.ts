import { defineNode, identities, optional, required } from '@assent/engine';
import { passkeys, recoveryCodes, secondFactors } from '@assent/factors';
import { z } from 'zod';
import { pendingPasskey } from '../handovers.ts';
import { mayChange } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { storePasskey, storePasskeyErrors } from './webauthn/store-passkey.ts';
import * as settings from './webauthn/webauthn-settings.ts';

/** Stores the passkey that a registration with postponed storage left to it. @see spec: webauthn §2.3 */
export const webAuthnDeviceStorage = defineNode({
  type: 'WebAuthnDeviceStorageNode',
  title: 'WebAuthn Device Storage Node',
  help: 'Stores the passkey that a WebAuthn Registration node left to it.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({
    generateRecoveryCodes: settings.generateRecoveryCodes,
    maxSavedDevices: settings.maxSavedDevices,
  }),
  outcomes: {
    success: 'Success',
    failure: 'Failure',
    exceedDeviceLimit: { title: 'Exceed Device Limit', when: ({ maxSavedDevices }) => maxSavedDevices > 0 },
  },
  inputs: [
    optional(key.realm),
    required(key.username, 'Expected username to be set.'),
    // For the scripts between a registration and here, which read it after a round trip, too.
    optional(key.webauthnDeviceData),
  ],
  outputs: [key.recoveryCodeDeviceName, key.recoveryCodes, key.webauthnDeviceData],
  outputsAt: { failure: [], exceedDeviceLimit: [] },
  secondFactor: [],
  uses: [identities, passkeys, recoveryCodes, secondFactors],
  errors: {
    noDevice: 'No device profile found in state',
    noUser: 'No such user, or one who may not sign in.',
    noDevices: 'Unable to read existing device profiles',
    ...storePasskeyErrors,
  },

  async process({ config, state, ports, journey, fail, report, goTo }) {
    const trouble = (cause: unknown) => fail('noDevices', {}, cause);
    const name = state.get(key.username);
    state.remove(key.webauthnDeviceData);
    const user = await onStoreFailure(() => ports.identities.find(name), trouble);
    if (user === undefined || !user.active || !mayChange(user, journey)) {
      report('noUser');
      return goTo('failure');
    }
    const pending = journey.takeOver(pendingPasskey, user);
    if (pending === undefined) {
      report('noDevice');
      return goTo('failure');
    }
    const visit = { ports, config, journey, state, report };
    const outcome = await onStoreFailure(() => storePasskey(visit, user, pending), trouble);
    return goTo(outcome, { registeredDeviceUuid: pending.uuid });
  },
});
