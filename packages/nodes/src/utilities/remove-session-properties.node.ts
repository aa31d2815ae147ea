import { defineNode, isSystemSessionProperty } from '@assent/engine';
import { z } from 'zod';

/** Takes back what nodes before it wanted of the session. @see spec: journeys-rest §7.12 */
export const removeSessionProperties = defineNode({
  type: 'RemoveSessionPropertiesNode',
  title: 'Remove Session Properties',
  help: 'Removes properties from the session that the journey makes.',
  tags: ['utilities'],

  config: z.object({
    propertyNames: z
      .array(
        z
          .string()
          .min(1)
          .refine((name) => !isSystemSessionProperty(name), 'A property of the server itself cannot be removed.'),
      )
      .default([])
      .meta({ title: 'Property Names', description: 'What the session is not to have.' }),
  }),

  outcomes: { outcome: 'Outcome' },

  process({ config, journey, goTo }) {
    for (const name of config.propertyNames) journey.removeSessionProperty(name);
    return goTo('outcome');
  },
});
