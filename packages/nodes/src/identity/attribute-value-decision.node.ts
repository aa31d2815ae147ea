import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { lookUpUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';
import { attributeName } from './users/user-attributes.ts';
import { passesFilterOf } from './users/user-filter.ts';

/** Whether an attribute of the user is there, or has a value. @see spec: node-census §1 */
export const attributeValueDecision = defineNode({
  type: 'AttributeValueDecisionNode',
  title: 'Attribute Value Decision',
  help: 'Compares an attribute of the user with a value.',
  tags: ['identity management'],

  config: z.object({
    comparisonOperation: z.enum(['PRESENT', 'EQUALS']).default('EQUALS').meta({
      title: 'Comparison Operation',
      description: 'PRESENT: the attribute is there. EQUALS: one of its values is the comparison value.',
    }),
    comparisonAttribute: z.string().min(1).meta({
      title: 'Comparison Attribute',
      description: 'The attribute that is looked at.',
    }),
    comparisonValue: z.string().optional().meta({
      title: 'Comparison Value',
      description: 'What EQUALS compares with; capitals make no difference.',
    }),
    identityAttribute: identityAttribute(),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [identities],
  errors: { notInState: userErrors.notInState, notRead: 'Failed to read object' },

  async process({ config, state, ports, journey, beginWork, fail, goTo }) {
    const { identityAttribute: attribute, comparisonOperation, comparisonValue: value } = config;
    const found = await lookUpUser(journey, ports.identities, attribute, state.compartments(), state.get(username));
    if (found.value === undefined) fail('notInState', { attribute });
    const identity = found.identity ?? fail('notRead');
    const field = attributeName(config.comparisonAttribute);
    const isMet =
      comparisonOperation === 'PRESENT'
        ? await passesFilterOf(identity, { op: 'pr', field }, beginWork)
        : value !== undefined && (await passesFilterOf(identity, { op: 'eq', field, value }, beginWork));
    return goTo(isMet ? 'true' : 'false');
  },
});
