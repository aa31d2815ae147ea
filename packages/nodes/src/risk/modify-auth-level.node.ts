import { defineNode, optional } from '@assent/engine';
import { z } from 'zod';
import { authLevel } from '../state-keys.ts';

/** Raises or lowers how strongly the user counts as signed in. @see spec: journeys-rest §7.16 */
export const modifyAuthLevel = defineNode({
  type: 'ModifyAuthLevelNode',
  title: 'Modify Auth Level',
  help: 'Raises or lowers the authentication level.',
  tags: ['risk'],

  config: z.object({
    authLevelIncrement: z.int().default(0).meta({
      title: 'Value To Add',
      description: 'How much the level grows; a negative number lowers it.',
    }),
  }),

  authLevelGain: ({ authLevelIncrement }) => authLevelIncrement,
  outcomes: { outcome: 'Outcome' },
  inputs: [optional(authLevel)],
  outputs: [authLevel],

  process({ config, state, goTo }) {
    // A script or a Set State node may have left the text of a number.
    state.set(authLevel, (Number(state.get(authLevel)) || 0) + config.authLevelIncrement);
    return goTo('outcome');
  },
});
