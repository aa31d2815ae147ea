import { defineNode } from '@assent/engine';
import { z } from 'zod';

/** Puts fixed values into shared state. @see spec: journeys-rest §7.19 */
export const setState = defineNode({
  type: 'SetStateNode',
  title: 'Set State',
  help: 'Puts fixed values into the state of the journey.',
  tags: ['utilities'],

  config: z.object({
    attributes: z.record(z.string().min(1), z.string()).default({}).meta({
      title: 'Attributes',
      description: 'The values by their name in state. What has the name already, secret or not, is replaced.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  dynamicOutputs: ({ attributes }) => Object.keys(attributes),

  process({ config, state, goTo }) {
    for (const [name, value] of Object.entries(config.attributes)) {
      state.erase(name);
      state.write(name, value);
    }
    return goTo('outcome');
  },
});
