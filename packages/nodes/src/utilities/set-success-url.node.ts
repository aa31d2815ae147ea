import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { successUrl } from '../state-keys.ts';

/** Says where success leads, before any address of the caller or the realm. @see spec: journeys-rest §1.11, §7.13 */
export const setSuccessUrl = defineNode({
  type: 'SetSuccessUrlNode',
  title: 'Success URL',
  help: 'Says where the client goes after success.',
  tags: ['utilities'],

  config: z.object({
    successUrl: z.string().min(1).meta({
      title: 'Success URL',
      description:
        'An address of this server, or a full one. It is the author’s, so no list of allowed addresses is asked.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [successUrl],

  process({ config, state, goTo }) {
    state.set(successUrl, config.successUrl);
    return goTo('outcome');
  },
});
