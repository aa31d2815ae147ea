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
import type { RequestedCallback } from './script-result.ts';
import type { ScriptCallback } from './scripts.ts';

/** Kept with the sent callback and sent to nobody: Java's kind of options, which decides what the answer is called. */
const OPTION_TYPE = 'scriptOptionType';

const withInitial = (sent: SentCallback, initial: string | undefined): SentCallback =>
  initial === undefined ? sent : { ...sent, input: { '': initial } };

/** The callback that a script has built, as a journey sends it. */
export const sentCallback = (requested: RequestedCallback): SentCallback => {
  switch (requested.kind) {
    case 'name':
      return withInitial(nameCallback({ prompt: requested.prompt }), requested.initial);
    case 'password':
      return passwordCallback({ prompt: requested.prompt });
    case 'textInput':
      return withInitial(textInputCallback({ prompt: requested.prompt }), requested.initial);
    case 'textOutput':
      return textOutputCallback({ message: requested.message, messageType: requested.messageType });
    case 'hiddenValue':
      return hiddenValueCallback({ id: requested.id, value: requested.value });
    case 'choice':
      return choiceCallback({
        prompt: requested.prompt,
        choices: requested.choices,
        defaultChoice: requested.defaultChoice,
      });
    case 'confirmation': {
      const sent = confirmationCallback(requested);
      return { ...sent, output: { ...sent.output, [OPTION_TYPE]: requested.optionType } };
    }
    case 'pollingWait':
      return pollingWaitCallback({ waitTime: requested.waitTime, message: requested.message });
    case 'metadata':
      return metadataCallback({ data: requested.data });
    case 'redirect':
      return redirectCallback({
        redirectUrl: requested.url,
        redirectMethod: requested.method,
        trackingCookie: requested.trackingCookie,
      });
  }
};

const KINDS: Readonly<Record<string, RequestedCallback['kind']>> = {
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
