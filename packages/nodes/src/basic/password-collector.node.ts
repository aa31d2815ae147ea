import { defineNode, passwordCallback } from '@assent/engine';
import { z } from 'zod';
import { password } from '../state-keys.ts';

/** Asks for the password until there is one. @see spec: journeys-rest §7.2 */
export const passwordCollector = defineNode({
  type: 'PasswordCollectorNode',
  title: 'Password Collector',
  help: 'Asks for the password.',
  tags: ['basic authentication'],
  config: z.object({}),
  outcomes: { outcome: 'Outcome' },
  outputs: [password],
  sends: [passwordCallback],
  texts: { prompt: 'Password' },

  process({ answered, state, text, goTo, send }) {
    const given = answered(passwordCallback);
    if (given === undefined || given === '') return send(passwordCallback({ prompt: text('prompt') }));
    state.set(password, given);
    return goTo('outcome');
  },
});
