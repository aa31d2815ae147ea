import { defineNode, identities, textOutputCallback } from '@assent/engine';
import { z } from 'zod';
import { collectedAttributes } from './users/collected-attributes.ts';
import { lookUpUser, userErrors } from './users/find-user.ts';
import { valuesOf } from './users/user-attributes.ts';

const INFORMATION = 0;

/** Shows a user name that was forgotten. @see spec: node-census §1 */
export const displayUserName = defineNode({
  type: 'DisplayUserNameNode',
  title: 'Display Username',
  help: 'Shows the user name, for a journey that brings back a forgotten one.',
  tags: ['identity management'],

  config: z.object({
    userName: z.string().min(1).default('userName').meta({
      title: 'User Name',
      description: 'The attribute that holds the user name.',
    }),
    identityAttribute: z.string().min(1).default('mail').meta({
      title: 'Identity Attribute',
      description: 'The attribute by whose collected value the user is found, where the user name was not collected.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  dynamicInputs: ({ userName, identityAttribute }) => [userName, identityAttribute],
  sends: [textOutputCallback],
  uses: [identities],
  errors: { notFound: userErrors.notFound, noName: 'Unable to find username to display' },

  async process({ config, state, ports, journey, answered, fail, goTo, send }) {
    if (answered(textOutputCallback)) return goTo('outcome');
    const { userName, identityAttribute } = config;
    const compartments = state.compartments();
    const collected = collectedAttributes(compartments)[userName];
    if (typeof collected === 'string' && collected !== '') {
      return send(textOutputCallback({ message: collected, messageType: INFORMATION }));
    }
    const { identity } = await lookUpUser(journey, ports.identities, identityAttribute, compartments, undefined);
    const [message] = valuesOf(identity ?? fail('notFound'), userName);
    return send(textOutputCallback({ message: message ?? fail('noName'), messageType: INFORMATION }));
  },
});
