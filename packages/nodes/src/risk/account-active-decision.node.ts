import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

/** Whether the user's account is in use. @see spec: journeys-rest §7.15 */
export const accountActiveDecision = defineNode({
  type: 'AccountActiveDecisionNode',
  title: 'Account Active Decision',
  help: 'Asks whether the account of the user is in use, or locked.',
  tags: ['risk'],
  config: z.object({}),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  uses: [identities],
  errors: { noIdentity: 'Failed to get the identity object' },

  async process({ state, ports, fail, goTo }) {
    const name = state.get(username);
    const found = await onStoreFailure(
      async () => (name === undefined ? undefined : ports.identities.find(name)),
      (cause) => fail('noIdentity', {}, cause),
    );
    const identity = found ?? fail('noIdentity');
    return goTo(identity.active ? 'true' : 'false');
  },
});
