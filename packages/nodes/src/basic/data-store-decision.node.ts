import { defineNode, needed, optional, passwords } from '@assent/engine';
import { z } from 'zod';
import { universalIdOf } from '../identity/users/universal-id.ts';
import { password, realm, universalId, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

/** Checks user name and password against the realm's identities. @see spec: journeys-rest §7.6 */
export const dataStoreDecision = defineNode({
  type: 'DataStoreDecisionNode',
  title: 'Data Store Decision',
  help: 'Checks the user name and password that the journey has collected.',
  tags: ['basic authentication'],
  config: z.object({}),
  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(realm), needed(username), needed(password)],
  outputs: [universalId],
  proves: ['password'],
  provesAt: () => ({ true: ['password'] }),
  uses: [passwords],
  errors: { unable: 'Unable to authenticate' },

  async process({ state, ports, journey, fail, goTo }) {
    // Absent means that it was never asked for, or that no round trip kept it; blank is just a wrong password.
    const given = state.get(password) ?? fail('unable');
    // An unknown user costs a look-up and a hash like any other (SEC-59), so a missing name is looked up, too.
    const verdict = await onStoreFailure(
      () => ports.passwords.verify(state.get(username) ?? '', given),
      (cause) => fail('unable', {}, cause),
    );
    if (verdict.status !== 'right' || given === '') return goTo('false');
    journey.identify(verdict.identity);
    journey.prove(verdict.identity, 'password');
    state.set(universalId, universalIdOf(verdict.identity));
    return goTo('true');
  },
});
