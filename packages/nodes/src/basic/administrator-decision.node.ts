import { defineNode, needed, optional, passwords, rolesOf } from '@assent/engine';
import { z } from 'zod';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { password, realm, universalId, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

/** Checks user name and password like Data Store Decision, and lets only users with a role pass (SEC-72). */
export const administratorDecision = defineNode({
  type: 'AdministratorDecisionNode',
  title: 'Administrator Decision',
  help: 'Checks the collected user name and password, and lets only users with a role pass. For other users the right password is wrong.',
  tags: ['basic authentication'],
  config: z.object({}),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(realm), needed(username), needed(password)],
  outputs: [universalId],
  proves: ['password'],
  provesAt: () => ({ true: ['password'] }),
  needsRole: ['true'],
  uses: [passwords],
  errors: { unable: 'Unable to authenticate' },

  async process({ state, ports, journey, fail, goTo }) {
    const given = state.get(password) ?? fail('unable');
    const verdict = await onStoreFailure(
      () => ports.passwords.verify(state.get(username) ?? '', given, (identity) => rolesOf(identity).length > 0),
      (cause) => fail('unable', {}, cause),
    );
    if (verdict.status !== 'right' || given === '') return goTo('false');
    journey.identify(verdict.identity);
    journey.prove(verdict.identity, 'password');
    state.set(universalId, universalIdOf(verdict.identity));
    return goTo('true');
  },
});
