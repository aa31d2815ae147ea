import { defineNode, needed } from '@assent/engine';
import { z } from 'zod';
import { deviceProfile } from '../state-keys.ts';
import { ATTRIBUTE_REQUIRED } from './device/collected-profile.ts';
import { distanceKm, parsePlace, placeIn } from './device/distance.ts';

/** Tells whether the device is within one of some circles. @see spec: nodes-mfa §6.2 */
export const deviceGeoFencing = defineNode({
  type: 'DeviceGeoFencingNode',
  title: 'Device Geofencing',
  help: 'Tells whether the device is near one of the trusted places.',
  tags: ['contextual'],

  config: z.object({
    locations: z
      .array(z.string().refine((text) => parsePlace(text) !== undefined, 'Must be latitude,longitude in degrees.'))
      .min(1, 'At least one place is required.')
      .meta({ title: 'Trusted Locations', description: 'Places as latitude,longitude, such as 52.52,13.405.' }),
    distance: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'Must be a decimal number.')
      .default('10')
      .meta({
        title: 'Geofence Radius (km)',
        description: 'The device must be nearer than this to one of the places.',
      }),
  }),

  outcomes: { true: 'Inside', false: 'Outside' },
  inputs: [needed(deviceProfile)],
  errors: { attributeRequired: ATTRIBUTE_REQUIRED },

  process({ config, state, fail, goTo }) {
    const { location } = state.get(deviceProfile) ?? {};
    if (location === undefined) fail('attributeRequired', { attribute: 'location' });
    const here = placeIn(location);
    const isInside =
      here !== undefined &&
      config.locations.some((text) => {
        const trusted = parsePlace(text);
        return trusted !== undefined && distanceKm(here, trusted) < Number(config.distance);
      });
    return goTo(isInside ? 'true' : 'false');
  },
});
