import { clock, defineNode, identities, needed, optional } from '@assent/engine';
import { cleanText, cutText } from '@assent/push/protocol';
import { z } from 'zod';
import { mayChange } from '../proven-user.ts';
import { deviceProfile, realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { ATTRIBUTE_REQUIRED, USER_UNUSABLE } from './device/collected-profile.ts';
import { placeIn } from './device/distance.ts';
import {
  isMembers,
  PROFILES_ATTRIBUTE,
  type SavedProfile,
  withSavedProfile,
  workOnProfiles,
} from './device/saved-profiles.ts';

const MAX_ALIAS_LENGTH = 64;

/** Remembers the device on the user. @see spec: nodes-mfa §6.2 */
export const deviceSave = defineNode({
  type: 'DeviceSaveNode',
  title: 'Device Profile Save',
  help: 'Remembers the collected device on the user, so that later sign-ins can tell whether it is the same.',
  tags: ['contextual'],

  config: z.object({
    variableName: z.string().default('').meta({
      title: 'Device Name Variable',
      description:
        'The name in state of the text that the device is to be called; empty: what the device calls itself.',
    }),
    maxSavedProfiles: z.int().min(1).default(5).meta({
      title: 'Maximum Saved Profiles',
      description: 'How many devices are remembered; the one unused for longest makes room.',
    }),
    saveDeviceMetadata: z.boolean().default(true).meta({
      title: 'Save Device Metadata',
      description: 'Keep platform, display, browser and the like.',
    }),
    saveDeviceLocation: z.boolean().default(true).meta({
      title: 'Save Device Location',
      description: 'Keep the place, where the user told it.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  inputs: [optional(realm), needed(username), needed(deviceProfile)],
  dynamicInputs: ({ variableName }) => (variableName === '' ? [] : [variableName]),
  uses: [clock, identities],
  errors: {
    attributeRequired: ATTRIBUTE_REQUIRED,
    userUnusable: USER_UNUSABLE,
    notSaved: 'Failed to save the device profile',
  },

  async process({ config, state, ports, journey, beginWork, fail, goTo }) {
    const profile = state.get(deviceProfile) ?? {};
    const need = (attribute: string): unknown => profile[attribute] ?? fail('attributeRequired', { attribute });
    const identifier = String(need('identifier'));
    const metadata = config.saveDeviceMetadata ? need('metadata') : undefined;
    // `{}` came from a user who would not tell the place: the device is remembered without one.
    const location = config.saveDeviceLocation ? placeIn(need('location')) : undefined;
    const name = state.get(username);
    const trouble = (cause: unknown) => fail('notSaved', {}, cause);
    const identity = name === undefined ? undefined : await onStoreFailure(() => ports.identities.find(name), trouble);
    if (identity?.active !== true || !mayChange(identity, journey)) return fail('userUnusable');

    await beginWork(workOnProfiles(identity.attributes[PROFILES_ATTRIBUTE]));
    const chosen = config.variableName === '' ? undefined : state.read(config.variableName);
    const saved: SavedProfile = {
      identifier,
      alias: aliasOf(chosen) ?? aliasOf(deviceNameIn(profile.metadata)) ?? identifier,
      ...(isMembers(metadata) && { metadata }),
      ...(location && { location: { ...location } }),
      lastSelectedDate: ports.clock.now(),
      recoveryCodes: [],
    };
    const save = (values: readonly string[]) => withSavedProfile(values, saved, config.maxSavedProfiles);
    await onStoreFailure(() => ports.identities.update(identity.username, PROFILES_ATTRIBUTE, save), trouble);
    return goTo('outcome');
  },
});

const deviceNameIn = (metadata: unknown): unknown =>
  isMembers(metadata) && isMembers(metadata.platform) ? metadata.platform.deviceName : undefined;

const aliasOf = (value: unknown): string | undefined => {
  const alias = typeof value === 'string' ? cutText(cleanText(value), MAX_ALIAS_LENGTH) : '';
  return alias === '' ? undefined : alias;
};
