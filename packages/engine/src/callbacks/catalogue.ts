import { z } from 'zod';
import { type CallbackDefinition, defineCallback } from './callback.ts';

const text = z.string();
const asText = z.number().meta({ wire: 'string' });
/** Clients send an index as a number or as its text (spec: journeys-rest §1.14). */
const index = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,9}$/)
    .transform(Number),
]);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((value) => value === 'true')]);

export const nameCallback = defineCallback({ type: 'NameCallback', output: { prompt: text }, input: text });

export const passwordCallback = defineCallback({ type: 'PasswordCallback', output: { prompt: text }, input: text });

export const textInputCallback = defineCallback({ type: 'TextInputCallback', output: { prompt: text }, input: text });

/** The answer is an index, which may be beyond the choices; it starts as the default choice. */
export const choiceCallback = defineCallback({
  type: 'ChoiceCallback',
  output: { prompt: text, choices: z.array(text).readonly(), defaultChoice: z.int() },
  input: index,
  initial: ({ defaultChoice }) => defaultChoice,
});

/** `messageType`: 0 information, 1 warning, 2 error, 4 script. */
export const textOutputCallback = defineCallback({
  type: 'TextOutputCallback',
  output: { message: text, messageType: asText },
});

/** The wait in milliseconds, on the wire a string. */
export const pollingWaitCallback = defineCallback({
  type: 'PollingWaitCallback',
  output: { waitTime: asText, message: text },
});

/** The selected index when nobody has pressed an exit button yet. */
export const NOT_PRESSED = 100;

/** `selected` is what the input starts as; it is not shown in the output. */
export const confirmationCallback = Object.assign(
  (output: {
    options: readonly string[];
    prompt?: string;
    messageType?: number;
    defaultOption?: number;
    selected?: number;
  }) => {
    const defaultOption = output.defaultOption ?? 0;
    return {
      type: 'ConfirmationCallback',
      output: {
        prompt: output.prompt ?? '',
        messageType: output.messageType ?? 0,
        options: output.options,
        optionType: -1,
        defaultOption,
      },
      input: { '': output.selected ?? defaultOption },
    };
  },
  {
    type: 'ConfirmationCallback',
    outputs: (['prompt', 'messageType', 'options', 'optionType', 'defaultOption'] as const).map((name) => ({
      name,
      wire: 'asis' as const,
    })),
    inputs: new Map([['', index]]),
    answerOf: (answer: Readonly<Record<string, unknown>>): number => answer[''] as number,
  },
);

/** The input starts as the id: an old convention that clients depend on. */
export const hiddenValueCallback = defineCallback({
  type: 'HiddenValueCallback',
  output: { value: text, id: text },
  input: text,
  initial: ({ id }) => id,
});

/** The client answers with the JSON text of a profile. */
export const deviceProfileCallback = defineCallback({
  type: 'DeviceProfileCallback',
  output: { metadata: z.boolean(), location: z.boolean(), message: text },
  input: text,
});

const policies = z.record(z.string(), z.unknown());

export const validatedUsernameCallback = defineCallback({
  type: 'ValidatedCreateUsernameCallback',
  output: { policies, failedPolicies: z.array(text), validateOnly: z.boolean(), prompt: text },
  input: { value: text, validateOnly: flag },
  initial: () => ({ '': '', validateOnly: false }),
});

export const validatedPasswordCallback = defineCallback({
  type: 'ValidatedCreatePasswordCallback',
  output: { echoOn: z.boolean(), policies, failedPolicies: z.array(text), validateOnly: z.boolean(), prompt: text },
  input: { value: text, validateOnly: flag },
  initial: () => ({ '': '', validateOnly: false }),
});

/** Data for a client program; nothing is shown. */
export const metadataCallback = defineCallback({ type: 'MetadataCallback', output: { data: z.unknown() } });

/** Sends the browser elsewhere. */
export const redirectCallback = defineCallback({
  type: 'RedirectCallback',
  output: { redirectUrl: text, redirectMethod: z.enum(['GET', 'POST']), trackingCookie: z.boolean() },
});

/** Every callback that a journey can send, by type: the one list that `wire` and the pages read. */
export const callbackCatalogue: ReadonlyMap<string, Pick<CallbackDefinition, 'type' | 'outputs' | 'inputs'>> = new Map(
  [
    nameCallback,
    passwordCallback,
    textInputCallback,
    choiceCallback,
    textOutputCallback,
    pollingWaitCallback,
    confirmationCallback,
    hiddenValueCallback,
    deviceProfileCallback,
    metadataCallback,
    redirectCallback,
    validatedUsernameCallback,
    validatedPasswordCallback,
  ].map((definition) => [definition.type, definition]),
);
