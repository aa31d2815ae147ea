import { defineNode, localized } from '@assent/engine';
import { z } from 'zod';

/** Says more than that the login failed. @see spec: journeys-rest §7.19 */
export const setFailureDetails = defineNode({
  type: 'SetFailureDetailsNode',
  title: 'Set Failure Details',
  help: 'Sets what the client gets when the journey ends in Failure.',
  tags: ['utilities'],
  config: z.object({
    failureMessage: localized().meta({
      title: 'Failure Message',
      description: 'By language, the message instead of the usual one.',
    }),
    failureDetails: z.record(z.string(), z.string()).default({}).meta({
      title: 'Failure Details',
      description:
        'Members beside the message; JSON text is handed out as JSON. failureUrl stays what the journey says.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },
  textFallback: 'realm-then-first',

  process({ config, journey, choose, goTo }) {
    const message = choose(config.failureMessage);
    if (message?.trim()) journey.setErrorMessage(message);
    journey.addFailureDetails(config.failureDetails);
    return goTo('outcome');
  },
});
