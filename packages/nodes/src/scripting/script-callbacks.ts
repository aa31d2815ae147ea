import {
  type CallbackAnswer,
  choiceCallback,
  confirmationCallback,
  hiddenValueCallback,
  metadataCallback,
  nameCallback,
  passwordCallback,
  pollingWaitCallback,
  redirectCallback,
  type SentCallback,
  textInputCallback,
  textOutputCallback,
} from '@assent/engine';
import type { ScriptCallbackWish } from './script-wishes.ts';
import type { ScriptCallback } from './scripts.ts';

/** Kept with the sent callback and sent to nobody: Java's kind of options, which decides what the answer is called. */
const OPTION_TYPE = 'scriptOptionType';

const withInitial = (sent: SentCallback, initial: string | undefined): SentCallback =>
  initial === undefined ? sent : { ...sent, input: { '': initial } };

/** The callback that a script has built, as a journey sends it. */
export const sentCallback = (wish: ScriptCallbackWish): SentCallback => {
  switch (wish.kind) {
    case 'name':
      return withInitial(nameCallback({ prompt: wish.prompt }), wish.initial);
    case 'password':
      return passwordCallback({ prompt: wish.prompt });
    case 'textInput':
      return withInitial(textInputCallback({ prompt: wish.prompt }), wish.initial);
    case 'textOutput':
      return textOutputCallback({ message: wish.message, messageType: wish.messageType });
    case 'hiddenValue':
      return hiddenValueCallback({ id: wish.id, value: wish.value });
    case 'choice':
      return choiceCallback({ prompt: wish.prompt, choices: wish.choices, defaultChoice: wish.defaultChoice });
    case 'confirmation': {
      const sent = confirmationCallback(wish);
      return { ...sent, output: { ...sent.output, [OPTION_TYPE]: wish.optionType } };
    }
    case 'pollingWait':
      return pollingWaitCallback({ waitTime: wish.waitTime, message: wish.message });
    case 'metadata':
      return metadataCallback({ data: wish.data });
    case 'redirect':
      return redirectCallback({
        redirectUrl: wish.url,
        redirectMethod: wish.method,
        trackingCookie: wish.trackingCookie,
      });
  }
};

const KINDS: Readonly<Record<string, ScriptCallbackWish['kind']>> = {
  NameCallback: 'name',
  PasswordCallback: 'password',
  TextInputCallback: 'textInput',
  TextOutputCallback: 'textOutput',
  HiddenValueCallback: 'hiddenValue',
  ChoiceCallback: 'choice',
  ConfirmationCallback: 'confirmation',
  PollingWaitCallback: 'pollingWait',
  MetadataCallback: 'metadata',
  RedirectCallback: 'redirect',
};

/** What had been sent and what came back, as a script knows it. */
export const scriptCallback = (sent: SentCallback, answer: CallbackAnswer | undefined): ScriptCallback => ({
  spec: {
    ...sent.output,
    kind: KINDS[sent.type] ?? sent.type,
    ...(sent.type === 'ConfirmationCallback' && { optionType: sent.output[OPTION_TYPE] ?? -1 }),
    ...(sent.type === 'RedirectCallback' && { url: sent.output.redirectUrl }),
  },
  answer: answer ?? {},
});
