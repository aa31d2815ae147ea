import { defineNode, identities } from '@assent/engine';
import { z } from 'zod';
import { universalId, username } from '../state-keys.ts';
import { ANONYMOUS_NODE_TYPE } from './users/anonymous-node-type.ts';
import { universalIdOf } from './users/universal-id.ts';

/** Lets anybody in as a user who is made for that. @see spec: journeys-rest §7.19 */
export const anonymousUser = defineNode({
  type: 'AnonymousUserNode',
  title: 'Anonymous User Mapping',
  help: 'Lets anybody in without asking for anything, as a certain user of the realm.',
  tags: ['utilities'],

  config: z.object({
    anonymousUserName: z.string().min(1).default('anonymous').meta({
      title: 'Anonymous User Name',
      description:
        'The user whom visitors become. The realm has to have that user. All visitors share it, so no session of it can read or change the account.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [username, universalId],
  uses: [identities],
  errors: { noUser: 'Anonymous user name could not be found in the realm: {{name}}' },

  async process({ config, state, ports, journey, fail, goTo }) {
    const { anonymousUserName: name } = config;
    const identity = (await ports.identities.find(name)) ?? fail('noUser', { name });
    journey.addNodeType(identity, ANONYMOUS_NODE_TYPE);
    journey.identify(identity);
    state.set(username, identity.username);
    state.set(universalId, universalIdOf(identity));
    return goTo('outcome');
  },
});
