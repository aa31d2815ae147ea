import { defineNode, nameCallback } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';

/** Asks for the user name until there is one. @see spec: journeys-rest §7.1 */
export const usernameCollector = defineNode({
  type: 'UsernameCollectorNode',
  title: 'Username Collector',
  help: 'Asks for the user name.',
  tags: ['basic authentication'],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  outputs: [username],
  sends: [nameCallback],
  texts: { prompt: 'User Name' },

  process({ answered, state, text, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined || name === '') return send(nameCallback({ prompt: text('prompt') }));
    state.set(username, name);
    return goTo('outcome');
  },
});
