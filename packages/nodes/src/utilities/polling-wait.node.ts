import {
  clock,
  confirmationCallback,
  defineNode,
  localized,
  NOT_PRESSED,
  optional,
  pollingWaitCallback,
  stateKey,
} from '@assent/engine';
import { pushMessages } from '@assent/push';
import { z } from 'zod';
import * as key from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';

const endTime = stateKey.ownedByNode('end_time', z.int(), { volatile: true });
const spamCount = stateKey.ownedByNode('spam_count', z.int());

/** Waits a while, or until the phone has answered. @see spec: nodes-mfa §3.5; design.md §3.3 "end of a wait" */
export const pollingWait = defineNode({
  type: 'PollingWaitNode',
  title: 'Polling Wait Node',
  help: 'Lets the client wait a number of seconds, and ask again.',
  tags: ['utilities'],

  config: z.object({
    secondsToWait: z.int().min(1).default(8).meta({
      title: 'Seconds To Wait',
      description: 'How long the wait is.',
    }),
    spamDetectionEnabled: z.boolean().default(false).meta({
      title: 'Enable Spam Detection',
      description: 'Adds the Spam outcome, for clients that ask again too early too often.',
    }),
    spamDetectionTolerance: z.int().min(0).default(3).meta({
      title: 'Spam Tolerance',
      description: 'How many times a client may ask too early.',
    }),
    waitingMessage: localized().meta({
      title: 'Waiting Message',
      description: 'What the user reads meanwhile, by language. {{time}} is the number of seconds.',
    }),
    exitable: z.boolean().default(false).meta({
      title: 'Exitable',
      description: 'Shows a button that ends the wait, and adds the Exited outcome.',
    }),
    exitMessage: localized().meta({
      title: 'Exit Message',
      description: 'The button that ends the wait, by language.',
    }),
  }),

  outcomes: {
    DONE: 'Done',
    EXITED: { title: 'Exited', when: ({ exitable }) => exitable },
    SPAM: { title: 'Spam', when: ({ spamDetectionEnabled }) => spamDetectionEnabled },
  },
  inputs: [optional(key.pushMessageId)],
  outputs: [endTime, spamCount],
  // Where nobody counts, a poll that finds nothing new is worth no write.
  volatileOutputs: ({ spamDetectionEnabled }) => (spamDetectionEnabled ? [] : [spamCount]),
  sends: [confirmationCallback, pollingWaitCallback],
  uses: [clock, pushMessages],
  textFallback: 'bundled',
  texts: { waiting: 'Waiting for response...', exit: 'Cancel' },
  errors: { notRead: 'An unexpected error occurred while verifying the push result' },

  async process({ config, state, ports, answered, text, fail, goTo, send }) {
    const leave = (outcome: 'DONE' | 'EXITED' | 'SPAM') => {
      state.remove(endTime);
      state.remove(spamCount);
      return goTo(outcome);
    };
    if (config.exitable && answered(confirmationCallback) === 0) return leave('EXITED');
    const count = state.get(spamCount) ?? -1;
    if (config.spamDetectionEnabled && count > config.spamDetectionTolerance) return leave('SPAM');

    const now = ports.clock.now();
    const end = state.get(endTime) ?? now + config.secondsToWait * 1_000;
    const id = state.get(key.pushMessageId);
    const message =
      id === undefined
        ? undefined
        : await onStoreFailure(
            () => ports.pushMessages.status(id),
            (cause) => fail('notRead', {}, cause),
          );
    if (message?.status === 'approved' || message?.status === 'denied' || now > end) return leave('DONE');

    state.set(endTime, end);
    state.set(spamCount, count + 1);
    const wait = pollingWaitCallback({
      waitTime: config.secondsToWait * 1_000,
      message: text('waiting', config.waitingMessage, { time: String(config.secondsToWait) }),
    });
    return config.exitable
      ? send(wait, confirmationCallback({ options: [text('exit', config.exitMessage)], selected: NOT_PRESSED }))
      : send(wait);
  },
});
