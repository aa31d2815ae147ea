import { defineNode, identities, optional } from '@assent/engine';
import { boundDevices, secondFactors } from '@assent/factors';
import { z } from 'zod';
import { pendingBoundDevice } from '../handovers.ts';
import { mayChange } from '../proven-user.ts';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { userOfJourney } from './binding/asked-of-app.ts';
import { anotherFactorErrors, FACTOR, hasUsedFactor } from './registration/factor-names.ts';

/** Stores the phone that a Device Binding node left to it. @see spec: webauthn §7.1, §9 rows 16 and 19 */
export const deviceBindingStorage = defineNode({
  type: 'DeviceBindingStorageNode',
  title: 'Device Binding Storage',
  help: 'Stores the phone that a Device Binding node has left to it.',
  tags: ['mfa', 'multi-factor authentication'],
  config: z.object({}),
  outcomes: { true: 'Success', false: 'Failure' },
  inputs: [
    optional(key.realm),
    optional(key.username),
    // For the scripts between a binding and here, which read it after a round trip, too.
    optional(key.boundDeviceProfile),
  ],
  outputs: [key.boundDeviceProfile],
  secondFactor: [],
  uses: [boundDevices, identities, secondFactors],
  errors: {
    ...anotherFactorErrors,
    noUser: 'Failed to get the AMIdentity object in the realm {{realm}}',
    noDevice: 'Cannot find Device data.',
    notStored: 'Failed to store Device Binding data',
  },

  async process({ state, realm, ports, journey, fail, report, goTo }) {
    const named = { name: state.get(key.username), id: journey.identifiedUser };
    const failed = (...reason: Parameters<typeof report>) => {
      report(...reason);
      return goTo('false');
    };
    const identity = await onStoreFailure(
      () => userOfJourney(ports.identities, named),
      () => undefined,
    );
    if (identity?.active !== true || !mayChange(identity, journey)) return failed('noUser', { realm: realm.realm });

    state.remove(key.boundDeviceProfile);
    const pending = journey.takeOver(pendingBoundDevice, identity);
    if (pending === undefined) return failed('noDevice');

    // Asked again: the user may have got a factor since the phone was bound.
    const isAuthorized = hasUsedFactor(journey.nodeTypesOf(identity));
    const { device, maxDevices } = pending;
    const saved = await onStoreFailure(
      async () => {
        const hasFactor = await ports.secondFactors.any(identity.id);
        if (hasFactor && !isAuthorized) return fail('anotherFactorFirst');
        return ports.boundDevices.save(identity, device, { maxDevices, isFirst: !hasFactor });
      },
      (cause) => failed('notStored', {}, cause),
    );
    if ('kind' in saved) return saved;
    if (saved.status !== 'stored') return failed('notStored', {}, saved.status);
    // Only now: what was not stored is no factor of anybody.
    journey.addNodeType(identity, FACTOR.binding, { kind: 'binding', uuid: device.uuid });
    return goTo('true', { device: device.uuid });
  },
});
