import { CREATED_ATTRIBUTE, clock, defineNode, identities, optional, parseGeneralizedTime } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { parseElapsedTime } from './elapsed-time.ts';
import { requireUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';

/** Whether the user was made long enough ago. @see spec: node-census §1 */
export const timeSinceDecision = defineNode({
  type: 'TimeSinceDecisionNode',
  title: 'Time Since Decision',
  help: 'Asks whether a certain time has passed since the user was made.',
  tags: ['identity management'],

  config: z.object({
    elapsedTime: z
      .string()
      .refine((text) => parseElapsedTime(text) !== undefined, 'Must be a length of time, such as 30 days or 1 hour.')
      .meta({
        title: 'Elapsed Time',
        description: 'Such as 30 days, or 1 hour and 30 minutes; a bare number is minutes.',
      }),
    identityAttribute: identityAttribute(),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [clock, identities],
  errors: {
    ...userErrors,
    noDate: 'Create date not defined',
  },

  async process({ config, state, ports, journey, fail, report, goTo }) {
    const identity = await requireUser({ config, state, ports, journey, fail });
    const createdAt = parseGeneralizedTime(identity.attributes[CREATED_ATTRIBUTE]?.[0] ?? '');
    if (createdAt === undefined) {
      report('noDate');
      return goTo('false');
    }
    const elapsed = parseElapsedTime(config.elapsedTime) ?? Number.POSITIVE_INFINITY;
    return goTo(createdAt + elapsed <= ports.clock.now() ? 'true' : 'false');
  },
});
