import { defineNode, identities, optional } from '@assent/engine';
import { z } from 'zod';
import { objectAttributes, objectId, universalId, username } from '../state-keys.ts';
import { lookUpUser } from './users/find-user.ts';
import { universalIdOf } from './users/universal-id.ts';
import { valuesOf } from './users/user-attributes.ts';

/** Whether there is a user with what was collected. @see spec: journeys-rest §7.17 */
export const identifyExistingUser = defineNode({
  type: 'IdentifyExistingUserNode',
  title: 'Identify Existing User',
  help: 'Asks whether there is a user with the collected value, and goes on with that user.',
  tags: ['identity management'],

  config: z.object({
    identifier: z.string().default('userName').meta({
      title: 'Identifier',
      description: 'The attribute of the user that becomes the user name of the journey; empty to leave that as it is.',
    }),
    identityAttribute: z.string().min(1).default('mail').meta({
      title: 'Identity Attribute',
      description: 'The attribute by whose collected value the user is found; without one, the user name is taken.',
    }),
  }),

  outcomes: { true: 'True', false: 'False' },
  inputs: [optional(username)],
  dynamicInputs: ({ identityAttribute }) => [identityAttribute],
  outputs: [objectId, username, objectAttributes, universalId],
  outputsAt: { false: [] },
  uses: [identities],

  async process({ config, state, ports, journey, goTo }) {
    const { identifier, identityAttribute } = config;
    const name = state.get(username);
    const { identity } = await lookUpUser(journey, ports.identities, identityAttribute, state.compartments(), name);
    if (identity === undefined) return goTo('false');

    state.set(objectId, identity.id);
    const login = identifier === '' ? undefined : valuesOf(identity, identifier)[0];
    if (login !== undefined) {
      state.set(username, login);
      state.merge(objectAttributes, { [identifier]: login });
    }
    // To have named a user is not to have shown to be that user: what was proven before stays, and nothing else is.
    if (journey.identifiedUser !== identity.id) journey.identifyByName(identity.username);
    state.set(universalId, universalIdOf(identity));
    return goTo('true');
  },
});
