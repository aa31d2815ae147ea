import { defineNode, identities, optional, stateKey } from '@assent/engine';
import { z } from 'zod';
import { realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

const ATTRIBUTE = 'retryLimitNodeCount';
const retryCount = stateKey.ownedByNode('retryCount', z.int().min(0));

/** Lets the journey through `Retry` a set number of times. @see spec: nodes-mfa §4.6 */
export const retryLimitDecision = defineNode({
  type: 'RetryLimitDecisionNode',
  title: 'Retry Limit Decision',
  help: 'Lets the user try again a set number of times, then takes the Reject path.',
  tags: ['utilities'],

  config: z.object({
    retryLimit: z.int().min(1).default(3).meta({
      title: 'Retry Limit',
      description: 'How many times the journey may take the Retry path.',
    }),
    incrementUserAttributeOnFailure: z.boolean().default(true).meta({
      title: 'Save Retry Limit to User',
      description: 'Keep the count on the user, so that starting the journey again does not reset it.',
    }),
  }),

  outcomes: { Retry: 'Retry', Reject: 'Reject' },
  limitedOutcomes: ['Retry'],
  inputs: [optional(realm), optional(username), optional(retryCount)],
  outputs: [retryCount],
  uses: [identities],
  errors: {
    countNotRead: 'Error getting current retry count',
    countNotSaved: 'Error setting retry count on user attribute',
    countNotCleared: 'Error clearing attribute',
    attributeFailure: 'Failed operation on user attributes',
    noUser: 'No user to keep the retry count on; it is kept in the journey.',
  },

  async process({ config, nodeId, state, ports, report, goTo }) {
    let count = state.get(retryCount) ?? 0;
    const name = config.incrementUserAttributeOnFailure ? state.get(username) : undefined;
    const user =
      name &&
      (await onStoreFailure(
        () => ports.identities.find(name),
        (cause) => {
          report('countNotRead', {}, cause);
          return undefined;
        },
      ));

    if (user) {
      const keep = (saved: readonly string[]) => {
        count = countOf(nodeId, saved);
        return withCount(nodeId, saved, count < config.retryLimit ? count + 1 : 0);
      };
      await onStoreFailure(
        () => ports.identities.update(user.username, ATTRIBUTE, keep),
        (cause) => report('countNotSaved', {}, cause),
      );
    } else if (config.incrementUserAttributeOnFailure) report('noUser');

    if (count >= config.retryLimit) return goTo('Reject', { retryCount: count });
    state.set(retryCount, count + 1);
    return goTo('Retry', { retryCount: count });
  },

  async onJourneySuccess({ config, nodeId, state, ports, report, fail }) {
    const name = state.get(username);
    if (!config.incrementUserAttributeOnFailure || name === undefined) return;
    await onStoreFailure(
      async () => {
        const user = await ports.identities.find(name);
        // Most logins never met a limit: they have nothing to clear, and write nothing.
        if (user === undefined || countOf(nodeId, user.attributes[ATTRIBUTE] ?? []) === 0) return;
        await ports.identities.update(user.username, ATTRIBUTE, (saved) => withCount(nodeId, saved, 0));
      },
      (cause) => {
        report('countNotCleared', {}, cause);
        fail('attributeFailure', {}, cause);
      },
    );
  },
});

/** The attribute is multi-valued, one `<nodeId>=<count>` per Retry Limit node the user has met. */
const countOf = (nodeId: string, values: readonly string[]): number => {
  const count = Number(values.find((value) => value.startsWith(`${nodeId}=`))?.slice(nodeId.length + 1) ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
};

const withCount = (nodeId: string, values: readonly string[], count: number): string[] => [
  ...values.filter((value) => !value.startsWith(`${nodeId}=`)),
  ...(count > 0 ? [`${nodeId}=${count}`] : []),
];
