import { defineNode, nameCallback, optional, validatedUsernameCallback } from '@assent/engine';
import { z } from 'zod';
import { objectAttributes, username } from '../state-keys.ts';
import { usernamePolicies } from './input-policies.ts';
import { askForName, autocompleteValues, prepopulate } from './username-settings.ts';

/** Asks for a user name as a platform journey does. @see spec: journeys-rest §7.3 */
export const platformUsername = defineNode({
  type: 'ValidatedUsernameNode',
  title: 'Platform Username',
  help: 'Asks for the user name, and checks it against the rules for new names when told to.',
  tags: ['identity management'],
  versions: ['1.0', '2.0'],

  config: z.object({
    usernameAttribute: z.string().min(1).default('userName').meta({
      title: 'Username Attribute',
      description: 'The attribute that the user name is stored under.',
    }),
    validateInput: z.boolean().default(false).meta({
      title: 'Validate Username',
      description: 'Check the name against the rules for new names, and show which rule it breaks.',
    }),
    prepopulate,
    autocompleteValues,
  }),

  outcomes: { outcome: 'Outcome' },
  inputs: [optional(username)],
  outputs: [username, objectAttributes],
  sends: [nameCallback, validatedUsernameCallback],
  // A name that is checked is asked for by the title that it has among the attributes, another one as Username Collector asks.
  texts: { checked: 'Username', prompt: 'User Name' },

  process({ config, answered, state, text, goTo, send }) {
    const store = (name: string) => {
      state.set(username, name);
      state.merge(objectAttributes, { [config.usernameAttribute]: name });
    };

    if (!config.validateInput) {
      const name = answered(nameCallback);
      if (name === undefined) return send(askForName(config, text('prompt'), state.get(username)));
      // An empty name goes on and stores nothing: the journey decides what that means.
      if (name !== '') store(name);
      return goTo('outcome');
    }

    const ask = (failedPolicies: string[], value = '') =>
      send({
        ...validatedUsernameCallback({
          policies: usernamePolicies.describe(config.usernameAttribute),
          failedPolicies,
          validateOnly: false,
          prompt: text('checked'),
        }),
        input: { '': value, validateOnly: false },
      });
    const answer = answered(validatedUsernameCallback);
    if (answer === undefined) return ask([], config.prepopulate ? state.get(username) : undefined);
    const failures = usernamePolicies.failuresOf(answer.value);
    if (failures.length > 0 || answer.validateOnly) return ask(failures, answer.value);
    store(answer.value);
    return goTo('outcome');
  },
});
