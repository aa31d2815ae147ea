import { defineNode, identities, needed, optional, passwords } from '@assent/engine';
import { z } from 'zod';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { password, realm, universalId, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { isAgent } from './agents.ts';

/** Checks the name and password of an agent: an identity that has an agent type. @see spec: journeys-rest §7.6 */
export const agentDataStoreDecision = defineNode({
  type: 'AgentDataStoreDecisionNode',
  title: 'Agent Data Store Decision',
  help: 'Checks the collected name and password against the agents of the realm: identities with the attribute AgentType.',
  tags: ['utilities'],
  config: z.object({}),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(realm), needed(username), needed(password)],
  outputs: [universalId],
  proves: ['password'],
  provesAt: () => ({ true: ['password'] }),
  uses: [identities, passwords],
  errors: { unable: 'Unable to authenticate' },

  async process({ state, ports, journey, fail, goTo }) {
    const given = state.get(password) ?? fail('unable');
    const name = state.get(username) ?? '';
    const verdict = await onStoreFailure(
      () => ports.passwords.verify(name, given),
      (cause) => fail('unable', {}, cause),
    );
    if (verdict.status !== 'right' || given === '') return goTo('false');
    const agent = (await ports.identities.find(verdict.identity.username)) ?? verdict.identity;
    // The password was right, but somebody who is no agent does not get in as one.
    if (!isAgent(agent)) return goTo('false');
    journey.identify(agent);
    journey.prove(agent, 'password');
    state.set(universalId, universalIdOf(agent));
    return goTo('true');
  },
});
