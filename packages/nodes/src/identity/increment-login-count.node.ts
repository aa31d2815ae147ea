import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { countOf, LOGIN_COUNT_ATTRIBUTE } from './login-count.ts';
import { lookUpUser } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';

/** Counts a login. @see spec: journeys-rest §7.19 */
export const incrementLoginCount = defineNode({
  type: 'IncrementLoginCountNode',
  title: 'Increment Login Count',
  help: 'Counts one more login of the user.',
  tags: ['behavioral'],
  config: z.object({ identityAttribute: identityAttribute() }),
  outcomes: { outcome: 'Outcome' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [identities],
  errors: { notCounted: 'Unable to increment login count', noUser: 'No object to increment' },

  async process({ config, state, ports, journey, report, goTo }) {
    // A login that could not be counted is a login.
    await onStoreFailure(
      async () => {
        const name = state.get(username);
        const { identity } = await lookUpUser(
          journey,
          ports.identities,
          config.identityAttribute,
          state.compartments(),
          name,
        );
        if (identity === undefined) return report('noUser');
        await ports.identities.update(identity.username, LOGIN_COUNT_ATTRIBUTE, (values) => [
          String((countOf(values) ?? 0) + 1),
        ]);
      },
      (cause) => report('notCounted', {}, cause),
    );
    return goTo('outcome');
  },
});
