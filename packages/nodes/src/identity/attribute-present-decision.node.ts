import { accounts, defineNode, identities, optional, SECRET_ATTRIBUTES } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { lookUpUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';
import { attributeName, isPasswordAttribute, valuesOf } from './users/user-attributes.ts';

/** Whether the user has an attribute, or a password. @see spec: node-census §1 */
export const attributePresentDecision = defineNode({
  type: 'AttributePresentDecisionNode',
  title: 'Attribute Present Decision',
  help: 'Asks whether the user has a certain attribute, also one that is shown to nobody.',
  tags: ['identity management'],

  config: z.object({
    presentAttribute: z.string().min(1).default('password').meta({
      title: 'Present Attribute',
      description: 'The attribute that has to be there; password asks whether the user has one.',
    }),
    identityAttribute: identityAttribute(),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [accounts, identities],
  errors: { notInState: userErrors.notInState },

  async process({ config, state, ports, journey, fail, goTo }) {
    const { identityAttribute: attribute } = config;
    const found = await lookUpUser(journey, ports.identities, attribute, state.compartments(), state.get(username));
    if (found.value === undefined) fail('notInState', { attribute });
    const { identity } = found;
    if (identity === undefined) return goTo('false');
    const name = attributeName(config.presentAttribute);
    const isThere = isPasswordAttribute(name)
      ? await ports.accounts.hasPassword(identity.username)
      : SECRET_ATTRIBUTES.has(name)
        ? (identity.attributes[name] ?? []).length > 0
        : valuesOf(identity, name).length > 0;
    return goTo(isThere ? 'true' : 'false');
  },
});
