import { defineNode, SUCCESS_MEMBERS } from '@assent/engine';
import { z } from 'zod';

const members = () =>
  z
    .record(z.string(), z.string())
    .refine(
      (given) => Object.keys(given).every((name) => !SUCCESS_MEMBERS.has(name)),
      `None may be called ${[...SUCCESS_MEMBERS].join(', ')}: success says those itself.`,
    )
    .default({});

/** Adds members to the body of success. @see spec: journeys-rest §7.19 */
export const setSuccessDetails = defineNode({
  type: 'SetSuccessDetailsNode',
  title: 'Set Success Details',
  help: 'Adds members to what the client gets when the journey succeeds.',
  tags: ['utilities'],
  config: z.object({
    successDetails: members().meta({
      title: 'Success Details',
      description: 'By member, what it says; JSON text is handed out as JSON.',
    }),
    sessionProperties: members().meta({
      title: 'Session Properties',
      description: 'By member, the property of the session that it says. A property that is not there gives no member.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },

  process({ config, journey, goTo }) {
    journey.addSuccessDetails(config.successDetails);
    journey.addSuccessProperties(config.sessionProperties);
    return goTo('outcome');
  },
});
