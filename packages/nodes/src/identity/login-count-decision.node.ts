import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { countOf, LOGIN_COUNT_ATTRIBUTE } from './login-count.ts';
import { requireUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';

/** Whether it is the login that something is to happen at. @see spec: journeys-rest §7.19 */
export const loginCountDecision = defineNode({
  type: 'LoginCountDecisionNode',
  title: 'Login Count Decision',
  help: 'Asks whether the user has signed in a certain number of times.',
  tags: ['behavioral'],

  config: z.object({
    interval: z.enum(['AT', 'EVERY']).default('AT').meta({
      title: 'Interval',
      description: 'AT: once, at that number of logins. EVERY: each time that the number has come together again.',
    }),
    amount: z.int().min(1).default(25).meta({ title: 'Amount', description: 'The number of logins.' }),
    identityAttribute: identityAttribute(),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [identities],
  errors: userErrors,

  async process({ config, state, ports, journey, fail, goTo }) {
    const { interval, amount } = config;
    const identity = await requireUser({ config, state, ports, journey, fail });
    const count = countOf(identity.attributes[LOGIN_COUNT_ATTRIBUTE]);
    const isReached = count !== undefined && (interval === 'AT' ? count === amount : count % amount === 0);
    return goTo(isReached ? 'true' : 'false');
  },
});
