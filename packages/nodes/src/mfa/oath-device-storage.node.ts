import { defineNode, identities, optional, required } from '@assent/engine';
import { oathDevices, pushDevices, recoveryCodes } from '@assent/push';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { orElse } from '../store-trouble.ts';
import { fromPending, uuidInProfile } from './oath-settings.ts';
import { oathCodesFor, storeOathDevice } from './store-oath-device.ts';

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
  outputs: [
    key.oathDeviceProfile,
    key.oathEnableRecoveryCode,
    key.oathPendingDevice,
    key.recoveryCodes,
    key.recoveryCodeDeviceName,
  ],
  secondFactor: [],
  uses: [identities, oathDevices, pushDevices, recoveryCodes],
  errors: {
    noIdentity: 'Failed to get the identity object',
    noDeviceProfile: 'No device profile found on shared state',
    notDecoded: 'An unexpected error occurred while decoding the string.',
    notStored: 'Unable to store device profile',
    notSaved: 'Failed to save device to user profile',
    noCodes: 'Failed to generate recovery codes',
  },

  async process({ state, ports, fail, report, goTo }) {
    const name = state.get(key.username);
    const identity =
      (await orElse(
        () => ports.identities.find(name),
        (cause) => fail('noIdentity', {}, cause),
      )) ?? fail('noIdentity');
    const profile = state.get(key.oathDeviceProfile);
    const pending = state.get(key.oathPendingDevice);
    const uuid = profile === undefined ? undefined : (uuidInProfile(profile) ?? fail('notDecoded'));
    if (pending === undefined || uuid !== pending.uuid) {
      report('noDeviceProfile');
      return goTo('failureOutcome');
    }
    const wantsCodes = state.get(key.oathEnableRecoveryCode) === true;
    const stored = await orElse(
      () => storeOathDevice(ports, identity, fromPending(pending), pending.isAuthorized),
      (cause) => fail('notStored', {}, cause),
    );
    // A second visit must find nothing: it would store an older state of a device that is in use.
    for (const used of [key.oathDeviceProfile, key.oathEnableRecoveryCode, key.oathPendingDevice]) state.remove(used);
    if (stored !== 'stored') {
      report('notSaved', {}, stored);
      return goTo('failureOutcome');
    }
    if (!wantsCodes) return goTo('successOutcome');
    const codes = await orElse(
      () => oathCodesFor(ports, identity.id),
      (cause) => fail('noCodes', {}, cause),
    );
    if (codes.length > 0) {
      state.set(key.recoveryCodes, [...codes]);
      state.set(key.recoveryCodeDeviceName, pending.deviceName);
    }
    return goTo('successOutcome');
  },
});
