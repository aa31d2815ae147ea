import { defineNode, needed } from '@assent/engine';
import { z } from 'zod';
import { deviceProfile } from '../state-keys.ts';
import { ATTRIBUTE_REQUIRED } from './device/collected-profile.ts';
import { isMembers } from './device/saved-profiles.ts';

/** Tells whether the device seems to be tampered with. @see spec: nodes-mfa §6.2 */
export const deviceTamperingVerification = defineNode({
  type: 'DeviceTamperingVerificationNode',
  title: 'Device Tampering Verification',
  help: 'Tells from what the device says of itself whether its protection was taken off.',
  tags: ['contextual'],

  config: z.object({
    score: z
      .string()
      .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'Must be a decimal number from 0 to 1.')
      .default('0')
      .meta({
        title: 'Score',
        description: 'Up to which likelihood, from 0 to 1, the device still passes as untouched.',
      }),
  }),

  outcomes: { true: 'Not Tampered', false: 'Tampered' },
  inputs: [needed(deviceProfile)],
  errors: { attributeRequired: ATTRIBUTE_REQUIRED },

  process({ config, state, fail, goTo }) {
    const { metadata } = state.get(deviceProfile) ?? {};
    if (metadata === undefined) fail('attributeRequired', { attribute: 'metadata' });
    const platform = isMembers(metadata) ? metadata.platform : undefined;
    const score = isMembers(platform) ? platform.jailBreakScore : undefined;
    return goTo(typeof score === 'number' && score >= 0 && score <= Number(config.score) ? 'true' : 'false');
  },
});
