import { defineNode, textOutputCallback } from '@assent/engine';
import { z } from 'zod';
import { debugStep, debugWindow } from './debug-script.ts';

const INFORMATION = 0;
const SCRIPT = 4;

/** Shows where a journey stands, to whoever builds it. @see spec: node-census §1 */
export const debug = defineNode({
  type: 'DebugNode',
  title: 'Debug Node',
  help: 'Shows the shared state in a window of the browser, and writes it to the log. For building journeys: whoever signs in sees it.',
  tags: ['utilities'],
  config: z.object({
    popupEnabled: z.boolean().default(true).meta({
      title: 'Enable Debug Popup',
      description: 'Show it in a window. If not, it is only in the log, at level debug.',
    }),
  }),
  outcomes: { outcome: 'Outcome' },
  sends: [textOutputCallback],
  texts: { step: 'Debug Step' },

  process({ config, request, journey, state, answered, text, log, goTo, send }) {
    if (answered(textOutputCallback)) return goTo('outcome');
    const { shared, transient, secure } = state.compartments();
    // What is secret is named and not said, here and in the log.
    const secrets = Object.keys({ ...transient, ...secure }).sort();
    const seen = {
      transactionId: request.transactionId,
      ...(journey.identifiedUser !== undefined && { identifiedUser: journey.identifiedUser }),
      state: shared,
      ...(secrets.length > 0 && { secrets }),
    };
    log('debug', 'The state at a Debug node.', { seen });
    return send(
      textOutputCallback({ message: debugWindow, messageType: SCRIPT }),
      textOutputCallback({
        message: debugStep(config.popupEnabled ? JSON.stringify(seen, undefined, 2) : undefined),
        messageType: SCRIPT,
      }),
      textOutputCallback({ message: text('step'), messageType: INFORMATION }),
    );
  },
});
