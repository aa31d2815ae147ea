import { defineNode, identities, needed, optional } from '@assent/engine';
import { z } from 'zod';
import { deviceProfile, realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { USER_UNUSABLE } from './device/collected-profile.ts';
import { distanceKm, placeIn } from './device/distance.ts';
import { PROFILES_ATTRIBUTE, savedProfiles, workOnProfiles } from './device/saved-profiles.ts';

/** Tells whether the device is near the place where it was saved. @see spec: nodes-mfa §6.2 */
export const deviceLocationMatch = defineNode({
  type: 'DeviceLocationMatchNode',
  title: 'Device Location Match',
  help: 'Compares the place of the device with the one that was saved with it.',
  tags: ['contextual'],

  config: z.object({
    distance: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'Must be a decimal number.')
      .default('10')
      .meta({ title: 'Maximum Distance (km)', description: 'The device must be nearer than this to its saved place.' }),
  }),

  outcomes: { true: 'True', false: 'False', unknownDevice: 'Unknown Device' },
  inputs: [optional(realm), needed(username), needed(deviceProfile)],
  uses: [identities],
  errors: { userUnusable: USER_UNUSABLE, notRead: 'Failed to read the device profiles' },

  async process({ config, state, ports, beginWork, fail, goTo }) {
    const name = state.get(username);
    const trouble = (cause: unknown) => fail('notRead', {}, cause);
    const identity = name === undefined ? undefined : await onStoreFailure(() => ports.identities.find(name), trouble);
    if (identity === undefined || !identity.active) return fail('userUnusable');
    const { identifier, location } = state.get(deviceProfile) ?? {};
    const values = identity.attributes[PROFILES_ATTRIBUTE];
    await beginWork(workOnProfiles(values));
    const saved = savedProfiles(values).find((it) => it.identifier === identifier);
    const [here, there] = [placeIn(location), placeIn(saved?.location)];
    if (here === undefined || there === undefined) return goTo('unknownDevice');
    // The audit trail has the answer, not the places (spec: nodes-mfa §8.2 no. 19).
    return goTo(distanceKm(here, there) < Number(config.distance) ? 'true' : 'false');
  },
});
