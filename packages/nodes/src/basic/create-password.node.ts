import { defineNode, passwordCallback, textOutputCallback } from '@assent/engine';
import { z } from 'zod';
import { password } from '../state-keys.ts';

const ERROR = 2;

/** Asks for a new password twice. @see spec: node-census §1 */
export const createPassword = defineNode({
  type: 'CreatePasswordNode',
  title: 'Create Password',
  help: 'Asks for a new password, and for the same once more.',
  tags: ['identity management'],
  config: z.object({
    minPasswordLength: z.int().min(0).max(1_024).default(8).meta({
      title: 'Minimum Password Length',
      description: 'How many characters the password has at the least.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },
  outputs: [password],
  sends: [passwordCallback, textOutputCallback],
  texts: {
    password: 'Create a password',
    confirm: 'Confirm password',
    tooShort: 'The password needs at least {{count}} characters.',
    mismatch: 'The two passwords are not the same.',
  },

  process({ config, state, answers, text, goTo, send }) {
    const ask = (complaint?: string) =>
      send(
        passwordCallback({ prompt: text('password') }),
        passwordCallback({ prompt: text('confirm') }),
        ...(complaint === undefined ? [] : [textOutputCallback({ message: complaint, messageType: ERROR })]),
      );
    const [first = '', second = ''] = answers.map((answer) => answer['']) as (string | undefined)[];
    if (first.trim() === '') return ask();
    if ([...first].length < config.minPasswordLength) {
      return ask(text('tooShort', {}, { count: String(config.minPasswordLength) }));
    }
    if (first !== second) return ask(text('mismatch'));
    state.set(password, first);
    return goTo('outcome');
  },
});
