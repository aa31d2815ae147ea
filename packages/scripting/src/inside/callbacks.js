import { JsonValue } from './json-value.js';
import { notAvailable } from './unavailable.js';
import { orNull, textOf, textsOf } from './values.js';

/** What a callback was made with; scripts see it through its methods alone. */
const specs = new WeakMap();

export const specOf = (callback) => {
  const spec = specs.get(callback);
  if (spec === undefined) throw new Error('Action.send takes callbacks');
  return spec;
};

/** What came back for a callback, by the suffix of its input. */
const answers = new WeakMap();
const answerOf = (callback, suffix = '') => orNull(answers.get(callback)?.[suffix]);
const MESSAGE = { INFORMATION: 0, WARNING: 1, ERROR: 2 };

export class NameCallback {
  constructor(prompt, initial) {
    specs.set(this, {
      kind: 'name',
      prompt: textOf(prompt),
      ...(initial !== undefined && { initial: textOf(initial) }),
    });
  }
  getPrompt() {
    return specOf(this).prompt;
  }
  getName() {
    return answerOf(this);
  }
}

export class PasswordCallback {
  constructor(prompt) {
    specs.set(this, { kind: 'password', prompt: textOf(prompt) });
  }
  getPrompt() {
    return specOf(this).prompt;
  }
  getPassword() {
    return answerOf(this);
  }
}

export class TextInputCallback {
  constructor(prompt, initial) {
    specs.set(this, {
      kind: 'textInput',
      prompt: textOf(prompt),
      ...(initial !== undefined && { initial: textOf(initial) }),
    });
  }
  getPrompt() {
    return specOf(this).prompt;
  }
  getText() {
    return answerOf(this);
  }
}

export class TextOutputCallback {
  constructor(messageType, message) {
    specs.set(this, { kind: 'textOutput', messageType: Number(messageType), message: textOf(message) });
  }
  getMessage() {
    return specOf(this).message;
  }
  getMessageType() {
    return specOf(this).messageType;
  }
}

Object.assign(TextOutputCallback, MESSAGE);

export class ScriptTextOutputCallback extends TextOutputCallback {
  constructor(script) {
    super(4, script);
  }
}

export class SuspendedTextOutputCallback {
  constructor() {
    throw notAvailable('SuspendedTextOutputCallback');
  }
}

export class HiddenValueCallback {
  constructor(id, value) {
    specs.set(this, { kind: 'hiddenValue', id: textOf(id), value: textOf(value) });
  }
  getId() {
    return specOf(this).id;
  }
  getValue() {
    return answers.has(this) ? answerOf(this) : specOf(this).value;
  }
}

export class ChoiceCallback {
  constructor(prompt, choices, defaultChoice = 0, multiple = false) {
    if (multiple) throw notAvailable('A choice of several');
    specs.set(this, {
      kind: 'choice',
      prompt: textOf(prompt),
      choices: textsOf(choices),
      defaultChoice: Number(defaultChoice),
    });
  }
  getPrompt() {
    return specOf(this).prompt;
  }
  getChoices() {
    return [...specOf(this).choices];
  }
  getSelectedIndexes() {
    const index = answerOf(this);
    return index === null ? null : [index];
  }
}

const OPTION_TEXTS = [
  ['Yes', 'No'],
  ['Yes', 'No', 'Cancel'],
  ['OK', 'Cancel'],
];

/** What Java calls the n-th answer: YES 0, NO 1, CANCEL 2, OK 3. */
const OPTION_CODES = [
  [0, 1],
  [0, 1, 2],
  [3, 2],
];

export class ConfirmationCallback {
  constructor(...given) {
    const prompt = typeof given[0] === 'number' ? '' : textOf(given.shift());
    const [messageType, options, defaultOption] = given;
    const isOwn = Array.isArray(options);
    const optionType = isOwn ? -1 : Number(options);
    const codes = OPTION_CODES[optionType];
    if (!isOwn && codes === undefined) throw new Error('ConfirmationCallback: Invalid optionType');
    specs.set(this, {
      kind: 'confirmation',
      prompt,
      messageType: Number(messageType),
      options: isOwn ? textsOf(options) : OPTION_TEXTS[optionType],
      optionType,
      defaultOption: isOwn ? Number(defaultOption) : Math.max(0, codes.indexOf(Number(defaultOption))),
    });
  }
  getPrompt() {
    return specOf(this).prompt;
  }
  getOptions() {
    return [...specOf(this).options];
  }
  getSelectedIndex() {
    const index = answerOf(this);
    const { optionType } = specOf(this);
    return index === null ? null : (OPTION_CODES[optionType]?.[index] ?? index);
  }
}

Object.assign(ConfirmationCallback, MESSAGE, {
  UNSPECIFIED_OPTION: -1,
  YES_NO_OPTION: 0,
  YES_NO_CANCEL_OPTION: 1,
  OK_CANCEL_OPTION: 2,
  YES: 0,
  NO: 1,
  CANCEL: 2,
  OK: 3,
});

export class PollingWaitCallback {
  constructor(waitTime, message) {
    specs.set(this, { kind: 'pollingWait', waitTime: Number(waitTime), message: textOf(message) });
  }
  static makeCallback() {
    let waitTime = 0;
    let message = '';
    const builder = {
      withWaitTime(given) {
        waitTime = given;
        return builder;
      },
      withMessage(given) {
        message = given;
        return builder;
      },
      build: () => new PollingWaitCallback(waitTime, message),
    };
    return builder;
  }
  getMessage() {
    return specOf(this).message;
  }
  getWaitTime() {
    return String(specOf(this).waitTime);
  }
}

export class MetadataCallback {
  constructor(data) {
    specs.set(this, { kind: 'metadata', data: data instanceof JsonValue ? data.getObject() : data });
  }
  getOutputValue() {
    return new JsonValue(specOf(this).data);
  }
}

export class RedirectCallback {
  constructor(url, data, method = 'GET') {
    specs.set(this, {
      kind: 'redirect',
      url: textOf(url),
      data: data ?? null,
      method: String(method),
      trackingCookie: false,
    });
  }
  setTrackingCookie(tracking) {
    specOf(this).trackingCookie = Boolean(tracking);
  }
  getRedirectUrl() {
    return specOf(this).url;
  }
}

/** What came back, as the objects that were sent. */
export const restore = ({ spec, answer }) => {
  const kinds = {
    name: NameCallback,
    password: PasswordCallback,
    textInput: TextInputCallback,
    textOutput: TextOutputCallback,
    hiddenValue: HiddenValueCallback,
    choice: ChoiceCallback,
    confirmation: ConfirmationCallback,
    pollingWait: PollingWaitCallback,
    metadata: MetadataCallback,
    redirect: RedirectCallback,
  };
  const callback = Object.create((kinds[spec.kind] ?? Object).prototype);
  specs.set(callback, spec);
  answers.set(callback, answer);
  return callback;
};
