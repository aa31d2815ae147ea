import {
  clock,
  confirmationCallback,
  defineNode,
  hiddenValueCallback,
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

/** Which text goes with which way to give the number. */
const CHALLENGE_TEXT = { typed: 'typed', tapped: 'tapped', 'typed-or-tapped': 'typedOrTapped' } as const;

/** Waits until the phone has answered, or the time is up. @see spec: nodes-mfa §3.3; design.md §3.3 "end of a wait" */
export const pushWait = defineNode({
  type: 'PushWaitNode',
  title: 'Push Wait Node',
  help: 'Waits for the answer of the phone, and shows the number that the phone asks for.',
  tags: ['mfa', 'multi-factor authentication'],

  config: z.object({
    secondsToWait: z.int().min(1).default(5).meta({
      title: 'Seconds To Wait',
      description: 'How long to wait before the answer is asked for again.',
    }),
    waitingMessage: localized().meta({
      title: 'Waiting Message',
      description: 'What the user reads meanwhile, by language. {{time}} is the number of seconds.',
    }),
    challengeMessage: localized().meta({
      title: 'Push Challenge Message',
      description: 'What the user reads where a number is asked for, by language. {{challenge}} is the number.',
    }),
    exitMessage: localized().meta({
      title: 'Exit Message',
      description: 'The button that ends the wait, by language.',
    }),
  }),

  outcomes: { DONE: 'Done', EXITED: 'Exit' },
  inputs: [optional(key.pushMessageId), optional(key.pushNumberChallengeKey), optional(key.pushNumberIs)],
  outputs: [
    endTime,
    key.pushMessageExpiration,
    key.pushMessageId,
    key.pushNumberChallengeKey,
    key.pushNumberIs,
    key.pushTimeout,
  ],
  sends: [confirmationCallback, hiddenValueCallback, pollingWaitCallback],
  uses: [clock, pushMessages],
  textFallback: 'realm-then-first',
  texts: {
    waiting: 'Waiting for your phone…',
    tapped: 'On your phone, choose {{challenge}}.',
    typed: 'On your phone, type {{challenge}}.',
    typedOrTapped: 'On your phone, type {{challenge}} or choose its last two digits.',
    exit: 'Cancel',
  },
  errors: { notRead: 'An unexpected error occurred while verifying the push result' },

  async process({ config, state, ports, sent, answered, text, fail, goTo, send }) {
    const id = state.get(key.pushMessageId);
    if (answered(confirmationCallback) === 0) {
      if (id !== undefined) ports.pushMessages.close(id, 'exit');
      // Without them a Push Sender further on can send again, and nobody can answer what is behind.
      for (const used of [
        endTime,
        key.pushMessageId,
        key.pushMessageExpiration,
        key.pushTimeout,
        key.pushNumberChallengeKey,
        key.pushNumberIs,
      ]) {
        state.remove(used);
      }
      return goTo('EXITED');
    }

    const now = ports.clock.now();
    const end = state.get(endTime) ?? now + config.secondsToWait * 1_000;
    const message =
      id === undefined
        ? undefined
        : await onStoreFailure(
            () => ports.pushMessages.status(id),
            (cause) => fail('notRead', {}, cause),
          );
    const isAnswered = message?.status === 'approved' || message?.status === 'denied';
    // A first visit always asks, also for a request that is over: a tree that sends anew must not spin without a poll.
    const isOver = sent.length > 0 && message?.status === 'expired';
    if (isAnswered || isOver || now > end) {
      state.remove(endTime);
      return goTo('DONE');
    }

    state.set(endTime, end);
    const time = String(config.secondsToWait);
    const exit = confirmationCallback({ options: [text('exit', config.exitMessage, { time })], selected: NOT_PRESSED });
    const waitTime = config.secondsToWait * 1_000;
    const challenge = state.get(key.pushNumberChallengeKey);
    if (challenge === undefined) {
      return send(pollingWaitCallback({ waitTime, message: text('waiting', config.waitingMessage, { time }) }), exit);
    }
    const kind = CHALLENGE_TEXT[state.get(key.pushNumberIs) ?? 'tapped'];
    return send(
      pollingWaitCallback({ waitTime, message: text(kind, config.challengeMessage, { time, challenge }) }),
      hiddenValueCallback({ value: challenge, id: 'pushChallengeNumber' }),
      exit,
    );
  },
});
