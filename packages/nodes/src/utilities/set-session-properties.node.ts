import { defineNode, isSystemSessionProperty } from '@assent/engine';
import { z } from 'zod';

const minutes = z.int().positive().optional();

/** Says what the session will have and how long it may last. @see spec: journeys-rest §7.12 */
export const setSessionProperties = defineNode({
  type: 'SetSessionPropertiesNode',
  title: 'Set Session Properties',
  help: 'Adds properties to the session that the journey makes, and limits how long it lasts.',
  tags: ['utilities'],

  config: z.object({
    properties: z
      .record(z.string().min(1), z.string().min(1, 'Session property values cannot be empty'))
      .superRefine((properties, context) => {
        for (const name of Object.keys(properties).filter(isSystemSessionProperty)) {
          const message = `Provided properties cannot include system session properties: ${name}`;
          context.addIssue({ code: 'custom', message, path: [name] });
        }
      })
      .default({})
      .meta({ title: 'Properties', description: 'Values by name. Names of the server’s own properties are refused.' }),
    maxSessionTime: minutes.meta({
      title: 'Maximum Session Time',
      description: 'Minutes after which the session ends. It stands before the settings of tree and realm.',
    }),
    maxIdleTime: minutes.meta({
      title: 'Maximum Idle Time',
      description: 'Minutes without use after which the session ends. It stands before the settings of tree and realm.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },

  process({ config, journey, goTo }) {
    for (const [name, value] of Object.entries(config.properties)) journey.setSessionProperty(name, value);
    if (config.maxSessionTime !== undefined) journey.setMaxSessionMinutes(config.maxSessionTime);
    if (config.maxIdleTime !== undefined) journey.setMaxIdleMinutes(config.maxIdleTime);
    return goTo('outcome');
  },
});
