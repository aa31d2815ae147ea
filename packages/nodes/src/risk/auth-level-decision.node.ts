import { defineNode, optional } from '@assent/engine';
import { z } from 'zod';
import { authLevel } from '../state-keys.ts';

/** Whether the user has signed in strongly enough. @see spec: journeys-rest §7.16 */
export const authLevelDecision = defineNode({
  type: 'AuthLevelDecisionNode',
  title: 'Auth Level Decision',
  help: 'Asks whether the authentication level is high enough.',
  tags: ['risk'],

  config: z.object({
    authLevelRequirement: z.int().default(0).meta({
      title: 'Sufficient Authentication Level',
      description: 'The least level that leads to True.',
    }),
  }),

  outcomes: { true: 'True', false: 'False' },
  authLevelAt: ({ authLevelRequirement }) => ({ true: authLevelRequirement }),
  inputs: [optional(authLevel)],

  process({ config, state, goTo }) {
    const level = state.get(authLevel);
    // No level, or text that is no number, is never enough.
    const isEnough = level !== undefined && Number(level) >= config.authLevelRequirement;
    return goTo(isEnough ? 'true' : 'false');
  },
});
