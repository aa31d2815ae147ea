import { defineNode, identities, required } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

/** Locks or unlocks the user's account. @see spec: journeys-rest §7.15 */
export const accountLockout = defineNode({
  type: 'AccountLockoutNode',
  title: 'Account Lockout',
  help: 'Locks the account of the user, or unlocks it. An account with roles stays as it is: only an owner changes its status, and the rate limit of passwords protects it.',
  tags: ['risk'],

  config: z.object({
    lockAction: z.enum(['LOCK', 'UNLOCK']).default('LOCK').meta({
      title: 'Lock Action',
      description: 'LOCK: nobody can sign in with the account any more. UNLOCK: that is undone.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  inputs: [required(username, 'Could not get a valid username from the context')],
  uses: [identities],
  errors: {
    notFound: 'Could not find the identity based on the information available on context.',
    notSet: 'An error occurred when trying to lock out the user account',
  },

  async process({ config, state, ports, log, fail, goTo }) {
    const name = state.get(username);
    const { lockAction } = config;
    await onStoreFailure(
      async () => {
        const identity = (await ports.identities.find(name)) ?? fail('notFound');
        const isDone = await ports.identities.setActive(identity.username, lockAction === 'UNLOCK');
        // The journey goes on as with any other account: its answer must not tell which users are administrators.
        if (!isDone)
          log('warn', 'A journey may not change the status of a user with roles.', { userId: identity.id, lockAction });
      },
      (cause) => fail('notSet', {}, cause),
    );
    return goTo('outcome', { lockAction });
  },
});
