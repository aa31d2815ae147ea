import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { selfService } from './self-service/self-service.ts';
import { requireUser, userErrors } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';
import { TERMS_VERSION_ATTRIBUTE } from './users/user-fields.ts';

/** Whether the user has accepted the terms in force. @see spec: node-census §1 */
export const termsAndConditionsDecision = defineNode({
  type: 'TermsAndConditionsDecisionNode',
  title: 'Terms and Conditions Decision',
  help: 'Asks whether the user has accepted the terms and conditions that are in force.',
  tags: ['identity management'],
  config: z.object({ identityAttribute: identityAttribute() }),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [identities, selfService],
  errors: userErrors,

  async process({ config, state, ports, journey, fail, goTo }) {
    const identity = await requireUser({ config, state, ports, journey, fail });
    const terms = ports.selfService.terms();
    // Where there are no terms, there is nothing to accept.
    const accepted = identity.attributes[TERMS_VERSION_ATTRIBUTE]?.[0];
    return goTo(terms === undefined || terms.version === accepted ? 'true' : 'false');
  },
});
