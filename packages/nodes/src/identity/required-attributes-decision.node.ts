import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { collectedAttributes } from './users/collected-attributes.ts';
import { identityResource, isUserResource } from './users/identity-resource.ts';
import { REQUIRED_ATTRIBUTES } from './users/user-attributes.ts';

/** Whether all is there that a new user needs. @see spec: node-census §1 */
export const requiredAttributesDecision = defineNode({
  type: 'RequiredAttributesDecisionNode',
  title: 'Required Attributes Present',
  help: 'Asks whether the journey has collected all that a new user must have: user name, first and last name, mail address.',
  tags: ['identity management'],
  config: z.object({ identityResource }),
  outcomes: { true: 'True', false: 'False' },
  dynamicInputs: () => REQUIRED_ATTRIBUTES,
  errors: {
    otherResource: 'Users are the only objects here: identityResource has to be managed/user, and is {{resource}}.',
  },

  process({ config, state, fail, goTo }) {
    if (!isUserResource(config.identityResource)) fail('otherResource', { resource: config.identityResource });
    const collected = collectedAttributes(state.compartments());
    const isThere = (name: string) => ![undefined, null, ''].includes(collected[name] as string | null | undefined);
    return goTo(REQUIRED_ATTRIBUTES.every(isThere) ? 'true' : 'false');
  },
});
