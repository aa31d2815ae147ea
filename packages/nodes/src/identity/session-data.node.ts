import { defineNode } from '@assent/engine';
import { z } from 'zod';
import { objectAttributes } from '../state-keys.ts';
import { sessionDataOf } from './session-properties.ts';

/** Takes a property of the session that the caller came with. @see spec: journeys-rest §7.19 */
export const sessionData = defineNode({
  type: 'SessionDataNode',
  title: 'Get Session Data',
  help: 'Puts a property of the session that the user came with into the state of the journey. If that session ends, the journey ends at its next step.',
  tags: ['utilities'],

  config: z.object({
    sessionDataKey: z.string().min(1).meta({
      title: 'Session Data Key',
      description: 'The property of the session, such as UserToken for the user name.',
    }),
    sharedStateKey: z.string().min(1).meta({
      title: 'Shared State Key',
      description: 'Where it goes in shared state, and among the collected attributes.',
    }),
  }),

  outcomes: { outcome: 'Outcome' },
  outputs: [objectAttributes],
  dynamicOutputs: ({ sharedStateKey }) => [sharedStateKey],

  process({ config, state, request, goTo }) {
    const { session } = request;
    const data = session ? sessionDataOf(session) : {};
    const value = Object.hasOwn(data, config.sessionDataKey) ? data[config.sessionDataKey] : undefined;
    if (value !== undefined) {
      state.write(config.sharedStateKey, value);
      state.merge(objectAttributes, { [config.sharedStateKey]: value });
    }
    return goTo('outcome');
  },
});
