import { defineNode, passwordCallback, validatedPasswordCallback } from '@assent/engine';
import { z } from 'zod';
import { password, secretAttributes } from '../state-keys.ts';
import { passwordPolicies } from './input-policies.ts';

/** Asks for a password as a platform journey does. @see spec: journeys-rest §7.4 */
export const platformPassword = defineNode({
  type: 'ValidatedPasswordNode',
  title: 'Platform Password',
  help: 'Asks for the password, and checks it against the rules for new passwords when told to.',
  tags: ['identity management'],

  config: z.object({
    passwordAttribute: z.string().min(1).default('password').meta({
      title: 'Password Attribute',
      description: 'The attribute that the password is stored under.',
    }),
    validateInput: z.boolean().default(false).meta({
      title: 'Validate Password',
      description: 'Check the password against the rules for new passwords, and show which rule it breaks.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [password, secretAttributes],
  sends: [passwordCallback, validatedPasswordCallback],
  texts: { prompt: 'Password' },

  process({ config, answered, state, text, goTo, send }) {
    const prompt = text('prompt');
    const store = (given: string) => {
      state.set(password, given);
      state.merge(secretAttributes, { [config.passwordAttribute]: given });
    };

    if (!config.validateInput) {
      const given = answered(passwordCallback);
      if (given === undefined) return send(passwordCallback({ prompt }));
      if (given !== '') store(given);
      return goTo('outcome');
    }

    const ask = (failedPolicies: string[]) =>
      send(
        validatedPasswordCallback({
          echoOn: false,
          policies: passwordPolicies.describe(config.passwordAttribute),
          failedPolicies,
          validateOnly: false,
          prompt,
        }),
      );
    const answer = answered(validatedPasswordCallback);
    if (answer === undefined) return ask([]);
    const failures = passwordPolicies.failuresOf(answer.value);
    if (failures.length > 0 || answer.validateOnly) return ask(failures);
    store(answer.value);
    return goTo('outcome');
  },
});
