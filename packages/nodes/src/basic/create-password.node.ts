import { defineNode, optional, passwordCallback, passwordPolicy, textOutputCallback } from '@assent/engine';
import { z } from 'zod';
import { objectAttributes, password, username } from '../state-keys.ts';
import { countOf, PASSWORD_TEXTS, passwordOwner } from './password-policies.ts';

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
      description: 'How many characters the password has at the least; the realm may ask for more.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },
  inputs: [optional(username), optional(objectAttributes)],
  outputs: [password],
  uses: [passwordPolicy],
  sends: [passwordCallback, textOutputCallback],
  texts: {
    password: 'Create a password',
    confirm: 'Confirm password',
    ...PASSWORD_TEXTS,
    mismatch: 'The two passwords are not the same.',
  },

  async process({ config, state, answers, ports, text, goTo, send }) {
    const ask = (complaint?: string) =>
      send(
        passwordCallback({ prompt: text('password') }),
        passwordCallback({ prompt: text('confirm') }),
        ...(complaint === undefined ? [] : [textOutputCallback({ message: complaint, messageType: ERROR })]),
      );
    const [first = '', second = ''] = answers.map((answer) => answer['']) as (string | undefined)[];
    if (first.trim() === '') return ask();
    const least = Math.max(config.minPasswordLength, ports.passwordPolicy.minLength);
    const owner = passwordOwner(state.get(username), state.get(objectAttributes));
    const [broken] =
      [...first].length < least ? ['tooShort' as const] : await ports.passwordPolicy.brokenRules(first, owner);
    if (broken !== undefined) return ask(text(broken, {}, { count: countOf(broken, least) }));
    if (first !== second) return ask(text('mismatch'));
    state.set(password, first);
    return goTo('outcome');
  },
});
