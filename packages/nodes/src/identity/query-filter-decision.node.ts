import { defineNode, identities, optional, parseQueryFilter } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { requireUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';
import { passesFilterOf } from './users/user-filter.ts';

/** Whether the profile of the user passes a filter. @see spec: node-census §1 */
export const queryFilterDecision = defineNode({
  type: 'QueryFilterDecisionNode',
  title: 'Query Filter Decision',
  help: 'Asks whether the profile of the user passes a filter.',
  tags: ['identity management'],

  config: z.object({
    queryFilter: z
      .string()
      .min(1)
      .superRefine((text, context) => {
        const parsed = parseQueryFilter(text);
        if ('reason' in parsed) context.addIssue({ code: 'custom', message: parsed.reason });
      })
      .meta({ title: 'Query Filter', description: 'Such as !(/preferences pr) or /preferences/updates eq true.' }),
    identityAttribute: identityAttribute(),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [identities],
  errors: userErrors,

  async process({ config, state, ports, journey, beginWork, fail, goTo }) {
    const identity = await requireUser({ config, state, ports, journey, fail });
    const parsed = parseQueryFilter(config.queryFilter);
    const passes = 'filter' in parsed && (await passesFilterOf(identity, parsed.filter, beginWork));
    return goTo(passes ? 'true' : 'false');
  },
});
