import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { ANSWERS_ATTRIBUTE, storedAnswers } from './self-service/security-answers.ts';
import { NO_SECURITY_QUESTIONS, selfService } from './self-service/self-service.ts';
import { lookUpUser } from './users/find-user.ts';
import { identityAttribute } from './users/identity-attribute.ts';

/** Whether the user has set up enough security questions. @see spec: node-census §1 */
export const kbaDecision = defineNode({
  type: 'KbaDecisionNode',
  title: 'KBA Decision',
  help: 'Asks whether the user has set up as many security questions as the realm wants.',
  tags: ['identity management'],
  config: z.object({ identityAttribute: identityAttribute() }),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: (config) => [config.identityAttribute],
  uses: [identities, selfService],
  errors: { noSettings: NO_SECURITY_QUESTIONS, notRead: 'Unable to read object' },

  async process({ config, state, ports, journey, beginWork, fail, goTo }) {
    const { minimumAnswersToDefine } = ports.selfService.securityQuestions() ?? fail('noSettings');
    const name = state.get(username);
    const found = await lookUpUser(journey, ports.identities, config.identityAttribute, state.compartments(), name);
    const { attributes } = found.identity ?? fail('notRead');
    const answers = attributes[ANSWERS_ATTRIBUTE] ?? [];
    await beginWork(answers.reduce((sum, { length }) => sum + length, 0));
    return goTo(storedAnswers(answers).length >= minimumAnswersToDefine ? 'true' : 'false');
  },
});
