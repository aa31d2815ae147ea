import { defineNode, deviceProfileCallback, localized, parseForeignJson } from '@assent/engine';
import { z } from 'zod';
import { deviceProfile } from '../state-keys.ts';

/** Asks the client what device it runs on. @see spec: nodes-mfa §6.1 */
export const deviceProfileCollector = defineNode({
  type: 'DeviceProfileCollectorNode',
  title: 'Device Profile Collector',
  help: 'Collects what the client tells about the device it runs on.',
  tags: ['contextual'],

  config: z.object({
    maximumSize: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'Must be a decimal number.')
      .default('3')
      .meta({ title: 'Maximum Profile Size (KB)', description: 'A larger profile ends the journey in error.' }),
    deviceMetadata: z.boolean().default(true).meta({
      title: 'Collect Device Metadata',
      description: 'Ask for platform, display, browser and the like.',
    }),
    deviceLocation: z.boolean().default(false).meta({
      title: 'Collect Device Location',
      description: 'Ask for the place. The browser asks the user first.',
    }),
    message: localized().meta({
      title: 'Message',
      description: 'What the user reads while the profile is collected, by language.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [deviceProfile],
  sends: [deviceProfileCallback],
  errors: {
    tooLarge: 'Captured data exceed maximum accepted size',
    noIdentifier: 'Device Identifier is not captured',
  },

  process({ config, answered, state, choose, fail, goTo, send }) {
    const answer = answered(deviceProfileCallback);
    if (answer === undefined || answer === '') {
      return send(
        deviceProfileCallback({
          metadata: config.deviceMetadata,
          location: config.deviceLocation,
          message: choose(config.message) ?? '',
        }),
      );
    }
    if (new TextEncoder().encode(answer).length > Number(config.maximumSize) * 1024) fail('tooLarge');
    const profile = profileIn(answer) ?? fail('noIdentifier');
    state.set(deviceProfile, profile);
    // The audit trail says that there is a profile, not what is in it: it may hold a place (spec: nodes-mfa §8.2 no. 19).
    return goTo('outcome', { hasLocation: profile.location !== undefined });
  },
});

/** Text that is no JSON object has no identifier either. */
const profileIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const profile: unknown = parseForeignJson(text);
    if (typeof profile !== 'object' || profile === null || Array.isArray(profile)) return undefined;
    const { identifier } = profile as Record<string, unknown>;
    return typeof identifier === 'string' && identifier !== '' ? (profile as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};
