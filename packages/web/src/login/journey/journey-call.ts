import { type Answers, answered, type Step } from '../step/step.ts';
import type { JourneyClient } from './journey-client.ts';
import type { Problem } from './page-state.ts';
import type { Answer } from './server-answer.ts';

/** What the login page asks the server. */
export type Call =
  | { readonly kind: 'start'; readonly problem?: Problem }
  | { readonly kind: 'resume'; readonly authId: string; readonly first: boolean }
  | { readonly kind: 'submit'; readonly step: Step; readonly answers: Answers; readonly again: boolean }
  | { readonly kind: 'poll'; readonly step: Step }
  | { readonly kind: 'reword'; readonly step: Step };

/** Makes the call; a poll sends a step back as it came, and words in another language come with the same step. */
export const answerTo = (client: JourneyClient, call: Call): Promise<Answer> => {
  switch (call.kind) {
    case 'start':
      return client.start();
    case 'resume':
      return client.resume(call.authId);
    case 'reword':
      return client.resume(call.step.authId);
    case 'submit':
      return client.submit(call.step.authId, answered(call.step.callbacks, call.answers));
    case 'poll':
      return client.submit(call.step.authId, call.step.callbacks);
  }
};

/** Calls that nobody has pressed a button for. */
export const isByItself = (call: Call): call is Call & { readonly kind: 'poll' | 'reword' } =>
  call.kind === 'poll' || call.kind === 'reword';
