import { defineNode, optional, passwordCallback, passwordPolicy, validatedPasswordCallback } from '@assent/engine';
import { z } from 'zod';
import { objectAttributes, password, secretAttributes, username } from '../state-keys.ts';
import { describePasswordPolicies, failedPasswordPolicies, passwordOwner } from './password-policies.ts';

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
  inputs: [optional(username), optional(objectAttributes)],
  outputs: [password, secretAttributes],
  uses: [passwordPolicy],
  sends: [passwordCallback, validatedPasswordCallback],
  texts: { prompt: 'Password' },

  async process({ config, answered, state, ports, text, goTo, send }) {
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
          policies: describePasswordPolicies(config.passwordAttribute, ports.passwordPolicy),
          failedPolicies,
          validateOnly: false,
          prompt,
        }),
      );
    const answer = answered(validatedPasswordCallback);
    if (answer === undefined) return ask([]);
    const owner = passwordOwner(state.get(username), state.get(objectAttributes));
    const failures = await failedPasswordPolicies(answer.value, owner, ports.passwordPolicy);
    if (failures.length > 0 || answer.validateOnly) return ask(failures);
    store(answer.value);
    return goTo('outcome');
  },
});
