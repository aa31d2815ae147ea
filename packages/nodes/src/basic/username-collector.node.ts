import { defineNode, nameCallback, optional } from '@assent/engine';
import { z } from 'zod';
import { username } from '../state-keys.ts';
import { askForName, autocompleteValues, prepopulate } from './username-settings.ts';

/** Asks for the user name until there is one. @see spec: journeys-rest §7.1 */
export const usernameCollector = defineNode({
  type: 'UsernameCollectorNode',
  title: 'Username Collector',
  help: 'Asks for the user name.',
  tags: ['basic authentication'],
  versions: ['1.0', '2.0'],
  config: z.object({ prepopulate, autocompleteValues }),
  outcomes: { outcome: 'Outcome' },
  inputs: [optional(username)],
  outputs: [username],
  sends: [nameCallback],
  texts: { prompt: 'User Name' },

  process({ config, answered, state, text, goTo, send }) {
    const name = answered(nameCallback);
    if (name === undefined || name === '') return send(askForName(config, text('prompt'), state.get(username)));
    state.set(username, name);
    return goTo('outcome');
  },
});
