import { z } from 'zod';
import { type CallbackDefinition, defineCallback } from './callback.ts';

const text = z.string();

/**
 * Text that somebody puts in, up to so many characters. What is longer is refused before a node sees it, so that nothing
 * that a stranger sends makes a journey large (SEC-46, REL-14; docs/adr/0039).
 */
const typed = (longest: number) => z.string().max(longest);

/** UTF-16 units of a user name that a caller enters (SEC-60). */
export const MAX_ENTERED_NAME = 256;
/**
 * UTF-16 units of a password that a caller enters: a character may take two of them (SEC-55). One-time passwords and answers to security
 * questions have this limit, too.
 */
export const MAX_ENTERED_PASSWORD = 2_048;
const MAX_ANSWER_LENGTH = 1_024;
/** The policies of new names and passwords allow less, and the page says which of them is broken. */
const MAX_NEW_NAME_LENGTH = 1_024;
const MAX_LINE_LENGTH = 4_096;
const MAX_ATTRIBUTE_LENGTH = 8_192;
/** What a client program sends, such as the answer of an authenticator of a browser, or a profile of a device. */
const MAX_DOCUMENT_LENGTH = 32_768;

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

export const nameCallback = defineCallback({
  type: 'NameCallback',
  /** `autocompleteValues`: what browsers may fill in, in the words of the HTML standard. */
  output: { prompt: text, autocompleteValues: z.array(text).readonly().optional() },
  input: typed(MAX_ENTERED_NAME),
});

export const passwordCallback = defineCallback({
  type: 'PasswordCallback',
  output: { prompt: text },
  input: typed(MAX_ENTERED_PASSWORD),
});

export const textInputCallback = defineCallback({
  type: 'TextInputCallback',
  output: { prompt: text },
  input: typed(MAX_LINE_LENGTH),
});

/** The answer is an index, which may be beyond the choices; it starts as the default choice. */
export const choiceCallback = defineCallback({
  type: 'ChoiceCallback',
  output: { prompt: text, choices: z.array(text).readonly(), defaultChoice: z.int() },
  input: index,
  initial: ({ defaultChoice }) => defaultChoice,
});

/** The `messageType` of a script for browsers. */
export const SCRIPT_MESSAGE = 4;

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
  input: typed(MAX_DOCUMENT_LENGTH),
  initial: ({ id }) => id,
});

/** The client answers with the JSON text of a profile. */
export const deviceProfileCallback = defineCallback({
  type: 'DeviceProfileCallback',
  output: { metadata: z.boolean(), location: z.boolean(), message: text },
  input: typed(MAX_DOCUMENT_LENGTH),
});

/** What the apps show while they ask for a finger or a PIN: they fail where one of the texts is missing. */
const prompt = { title: text, subtitle: text, description: text };

/**
 * A phone makes a key, and answers with a JWS that the key has signed. It puts its answers in by their place: the signed text, the name and
 * the id of the device, or the name of the reason why it made none (spec: webauthn §7.1).
 */
export const deviceBindingCallback = defineCallback({
  type: 'DeviceBindingCallback',
  output: {
    userId: text,
    username: text,
    authenticationType: text,
    challenge: text,
    ...prompt,
    /** In seconds. */
    timeout: z.int(),
    attestation: z.boolean(),
  },
  input: {
    jws: typed(MAX_DOCUMENT_LENGTH),
    deviceName: typed(MAX_ENTERED_NAME),
    deviceId: typed(MAX_ENTERED_NAME),
    clientError: typed(MAX_ENTERED_NAME),
  },
  initial: () => ({ jws: '', deviceName: '', deviceId: '', clientError: '' }),
});

/** A phone signs with a key that it has made before. `userId` is empty where the phone is to say who it is, and never null: some read null as a name. */
export const deviceSigningVerifierCallback = defineCallback({
  type: 'DeviceSigningVerifierCallback',
  output: { userId: text, challenge: text, ...prompt, /** In seconds. */ timeout: z.int() },
  input: { jws: typed(MAX_DOCUMENT_LENGTH), clientError: typed(MAX_ENTERED_NAME) },
  initial: () => ({ jws: '', clientError: '' }),
});

const policies = z.record(z.string(), z.unknown());

export const validatedUsernameCallback = defineCallback({
  type: 'ValidatedCreateUsernameCallback',
  output: { policies, failedPolicies: z.array(text), validateOnly: z.boolean(), prompt: text },
  input: { value: typed(MAX_NEW_NAME_LENGTH), validateOnly: flag },
  initial: () => ({ '': '', validateOnly: false }),
});

export const validatedPasswordCallback = defineCallback({
  type: 'ValidatedCreatePasswordCallback',
  output: { echoOn: z.boolean(), policies, failedPolicies: z.array(text), validateOnly: z.boolean(), prompt: text },
  input: { value: typed(MAX_ENTERED_PASSWORD), validateOnly: flag },
  initial: () => ({ '': '', validateOnly: false }),
});

const attribute = {
  name: text,
  prompt: text,
  required: z.boolean(),
  policies,
  failedPolicies: z.array(text),
  validateOnly: z.boolean(),
};
/** Clients leave `null` where nothing was put in. */
const unset = z.null().optional();

/** One text of a user's profile; empty where there is none. */
export const stringAttributeInputCallback = defineCallback({
  type: 'StringAttributeInputCallback',
  output: { ...attribute, value: text },
  input: {
    value: typed(MAX_ATTRIBUTE_LENGTH)
      .nullish()
      .transform((given) => given ?? ''),
    validateOnly: flag,
  },
  initial: ({ value, validateOnly }) => ({ '': value, validateOnly }),
});

/** One number of a user's profile; `null` where there is none. */
export const numberAttributeInputCallback = defineCallback({
  type: 'NumberAttributeInputCallback',
  output: { ...attribute, value: z.number().nullable() },
  input: {
    value: z.union([
      z.number(),
      unset.transform(() => null),
      z
        .string()
        .trim()
        .regex(/^(-?\d{1,15}(\.\d{1,15})?)?$/)
        .transform((given) => (given === '' ? null : Number(given))),
    ]),
    validateOnly: flag,
  },
  initial: ({ value, validateOnly }) => ({ '': value, validateOnly }),
});

/** One yes or no of a user's profile. */
export const booleanAttributeInputCallback = defineCallback({
  type: 'BooleanAttributeInputCallback',
  output: { ...attribute, value: z.boolean() },
  input: { value: z.union([flag, unset.transform(() => false)]), validateOnly: flag },
  initial: ({ value, validateOnly }) => ({ '': value, validateOnly }),
});

/** Terms to accept; `createDate` is their date in ISO 8601. */
export const termsAndConditionsCallback = defineCallback({
  type: 'TermsAndConditionsCallback',
  output: { version: text, terms: text, createDate: text },
  input: flag,
  initial: () => false,
});

/** A security question, chosen or made up, and the answer to it. */
export const kbaCreateCallback = defineCallback({
  type: 'KbaCreateCallback',
  output: { prompt: text, predefinedQuestions: z.array(text).readonly(), allowUserDefinedQuestions: z.boolean() },
  input: { question: typed(MAX_LINE_LENGTH), answer: typed(MAX_ANSWER_LENGTH) },
  initial: () => ({ question: '', answer: '' }),
});

/** Whether a part of the profile may be shared with somebody. */
export const consentMappingCallback = defineCallback({
  type: 'ConsentMappingCallback',
  output: {
    name: text,
    displayName: text,
    icon: text.nullable(),
    accessLevel: text,
    isRequired: z.boolean(),
    message: text,
    fields: z.array(z.unknown()).readonly(),
  },
  input: flag,
  initial: () => false,
});

/** Says that the journey rests until a link is followed; nothing is to be sent back. */
export const suspendedTextOutputCallback = defineCallback({
  type: 'SuspendedTextOutputCallback',
  output: { message: text, messageType: asText },
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
    suspendedTextOutputCallback,
    pollingWaitCallback,
    confirmationCallback,
    hiddenValueCallback,
    deviceProfileCallback,
    deviceBindingCallback,
    deviceSigningVerifierCallback,
    metadataCallback,
    redirectCallback,
    validatedUsernameCallback,
    validatedPasswordCallback,
    stringAttributeInputCallback,
    numberAttributeInputCallback,
    booleanAttributeInputCallback,
    termsAndConditionsCallback,
    kbaCreateCallback,
    consentMappingCallback,
  ].map((definition) => [definition.type, definition]),
);
