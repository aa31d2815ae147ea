import { defineNode, identities, optional, required } from '@assent/engine';
import { oathDevices, recoveryCodes, secondFactors } from '@assent/push';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { uuidInProfile } from './oath/oath-settings.ts';
import { pendingGeneratorKeys, storeGeneratorErrors, storePendingGenerator } from './oath/store-oath-device.ts';
import { registeringUser, registeringUserErrors } from './registration/registering-user.ts';

/** Stores the generator that a registration with postponed storage left in state. @see spec: nodes-mfa §5.3, §8.2 */
export const oathDeviceStorage = defineNode({
  type: 'OathDeviceStorageNode',
  title: 'OATH Device Storage Node',
  help: 'Stores the app for one-time passwords that an OATH Registration node left to it.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({}),
  outcomes: { successOutcome: 'Success', failureOutcome: 'Failure' },
  inputs: [
    optional(key.realm),
    required(key.username, 'Expected username to be set.'),
    optional(key.oathDeviceProfile),
    optional(key.oathEnableRecoveryCode),
    optional(key.oathPendingDevice),
  ],
  outputs: [...pendingGeneratorKeys, key.recoveryCodes, key.recoveryCodeDeviceName],
  secondFactor: [],
  uses: [identities, oathDevices, recoveryCodes, secondFactors],
  errors: {
    ...registeringUserErrors,
    ...storeGeneratorErrors,
  },

  async process({ state, ports, fail, report, goTo }) {
    const identity = await registeringUser(ports.identities, state.get(key.username), fail);
    const profile = state.get(key.oathDeviceProfile);
    const pending = state.get(key.oathPendingDevice);
    const uuid = profile === undefined ? undefined : (uuidInProfile(profile) ?? fail('notDecoded'));
    if (pending === undefined || uuid !== pending.uuid) {
      report('noDeviceProfile');
      return goTo('failureOutcome');
    }
    const wantsCodes = state.get(key.oathEnableRecoveryCode) === true;
    return storePendingGenerator({ identity, ports, state, fail, report, goTo }, pending, {
      recoveryCodes: wantsCodes,
    });
  },
});
