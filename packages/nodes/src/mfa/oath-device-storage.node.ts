import { defineNode, identities, optional, required } from '@assent/engine';
import { oathDevices, recoveryCodes, secondFactors } from '@assent/factors';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import {
  pendingGeneratorKeys,
  storeGeneratorErrors,
  storePendingGenerator,
  takeGenerator,
} from './oath/store-oath-device.ts';
import { registeringUser, registeringUserErrors } from './registration/registering-user.ts';

/** Stores the generator that a registration with postponed storage left to it. @see spec: nodes-mfa §5.3, §8.2 */
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
    optional(key.oathEnableRecoveryCode),
  ],
  outputs: [...pendingGeneratorKeys, key.recoveryCodes, key.recoveryCodeDeviceName],
  secondFactor: [],
  uses: [identities, oathDevices, recoveryCodes, secondFactors],
  errors: {
    ...registeringUserErrors,
    ...storeGeneratorErrors,
  },

  async process({ state, ports, journey, fail, report, goTo }) {
    const identity = await registeringUser(ports.identities, state.get(key.username), journey, fail);
    const wantsCodes = state.get(key.oathEnableRecoveryCode) === true;
    const pending = takeGenerator({ state, journey }, identity);
    if (pending === undefined) {
      report('noDeviceProfile');
      return goTo('failureOutcome');
    }
    return storePendingGenerator({ identity, ports, journey, state, fail, report, goTo }, pending, {
      recoveryCodes: wantsCodes,
    });
  },
});
