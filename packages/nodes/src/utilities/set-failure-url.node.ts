import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { failureUrl } from '../state-keys.ts';

/** Says where failure leads, before any address of the caller or the realm. @see spec: journeys-rest §1.11, §7.13 */
export const setFailureUrl = defineNode({
  type: 'SetFailureUrlNode',
  title: 'Failure URL',
  help: 'Says where the client goes after failure.',
  tags: ['utilities'],

  config: z.object({
    failureUrl: z.string().min(1).meta({
      title: 'Failure URL',
      description:
        'An address of this server, or a full one. It is the author’s, so no list of allowed addresses is asked.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [failureUrl],

  process({ config, state, goTo }) {
    state.set(failureUrl, config.failureUrl);
    return goTo('outcome');
  },
});
