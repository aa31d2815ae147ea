import { confirmationCallback, defineNode, localized, textOutputCallback } from '@assent/engine';
import { z } from 'zod';

const INFORMATION = 0;
const YES = 0;
const NO = 1;

/** Shows a message with two buttons. @see spec: journeys-rest §7.9 */
export const message = defineNode({
  type: 'MessageNode',
  title: 'Message Node',
  help: 'Shows a message, and asks for one of two answers.',
  tags: ['utilities'],

  config: z.object({
    message: localized().meta({ title: 'Message', description: 'What the user reads, by language.' }),
    messageYes: localized().meta({ title: 'Positive Answer', description: 'The first button, by language.' }),
    messageNo: localized().meta({ title: 'Negative Answer', description: 'The second button, by language.' }),
    stateField: z.string().optional().meta({
      title: 'State Field',
      description: 'Where in shared state the number of the button goes: 0 for the first, 1 for the second.',
    }),
  }),

  outcomes: { true: 'True', false: 'False' },
  dynamicOutputs: ({ stateField }) => (stateField ? [stateField] : []),
  sends: [confirmationCallback, textOutputCallback],
  textFallback: 'realm-then-first',
  texts: { message: 'Default message', yes: 'Yes', no: 'No' },

  process({ config, state, answered, text, goTo, send }) {
    const pressed = answered(confirmationCallback);
    if (config.stateField) state.write(config.stateField, pressed ?? null);
    if (pressed !== undefined) return goTo(pressed === YES ? 'true' : 'false');
    return send(
      textOutputCallback({ message: text('message', config.message), messageType: INFORMATION }),
      confirmationCallback({
        options: [text('yes', config.messageYes), text('no', config.messageNo)],
        defaultOption: NO,
      }),
    );
  },
});
