import { describe, expect, test } from 'vitest';
import type { JourneyErrorCode } from '../model/errors.ts';
import { matchCallbacks } from './callback-matching.ts';
import {
  callbackCatalogue,
  confirmationCallback,
  deviceBindingCallback,
  deviceProfileCallback,
  deviceSigningVerifierCallback,
  hiddenValueCallback,
  kbaCreateCallback,
  NOT_PRESSED,
  nameCallback,
  passwordCallback,
  pollingWaitCallback,
  stringAttributeInputCallback,
  textInputCallback,
  textOutputCallback,
  validatedPasswordCallback,
  validatedUsernameCallback,
} from './catalogue.ts';

const name = nameCallback({ prompt: 'User Name' });
const password = passwordCallback({ prompt: 'Password' });
const wait = pollingWaitCallback({ waitTime: 5000, message: '' });
const exit = confirmationCallback({ options: ['Cancel'], selected: NOT_PRESSED });

const codeOf = (match: () => unknown): JourneyErrorCode | undefined => {
  try {
    match();
    return undefined;
  } catch (error) {
    return (error as { code: JourneyErrorCode }).code;
  }
};

describe('refuses (SEC-40)', () => {
  test.each([
    ['none for two', [], 'CALLBACK_COUNT'],
    ['one for two', [{ type: 'NameCallback', input: { '': 'demo' } }], 'CALLBACK_COUNT'],
    [
      'three for two',
      [
        { type: 'NameCallback', input: { '': 'demo' } },
        { type: 'PasswordCallback', input: { '': 'x' } },
        { type: 'PasswordCallback', input: { '': 'x' } },
      ],
      'CALLBACK_COUNT',
    ],
    [
      'the right ones in the wrong order',
      [
        { type: 'PasswordCallback', input: { '': 'x' } },
        { type: 'NameCallback', input: { '': 'demo' } },
      ],
      'CALLBACK_TYPE',
    ],
    [
      'a number for a text',
      [
        { type: 'NameCallback', input: { '': 7 } },
        { type: 'PasswordCallback', input: { '': 'x' } },
      ],
      'CALLBACK_VALUE',
    ],
    [
      'no value at all',
      [
        { type: 'NameCallback', input: {} },
        { type: 'PasswordCallback', input: { '': 'x' } },
      ],
      'CALLBACK_VALUE',
    ],
  ])('%s', (_what, given, code) => {
    expect(codeOf(() => matchCallbacks([name, password], given))).toBe(code);
  });

  test.each([[-1], [1], [99], [1.5], ['x'], ['1e0'], [true], [null]])('the exit button number %j', (index) => {
    const given = [{ type: 'ConfirmationCallback', input: { '': index } }];
    expect(codeOf(() => matchCallbacks([exit], given))).toBe('CALLBACK_VALUE');
  });

  test('an inherited name as an input', () => {
    const input = Object.create({ '': 'inherited' }) as Record<string, unknown>;
    expect(codeOf(() => matchCallbacks([name], [{ type: 'NameCallback', input }]))).toBe('CALLBACK_VALUE');
  });
});

describe('bounds what is put in (A4, SEC-46, REL-14)', () => {
  const attribute = stringAttributeInputCallback({
    name: 'description',
    prompt: '',
    required: false,
    policies: {},
    failedPolicies: [],
    validateOnly: false,
    value: 'x'.repeat(10_000),
  });
  const prompt = { userId: '', challenge: '', title: '', subtitle: '', description: '', timeout: 60 };
  const binding = deviceBindingCallback({ ...prompt, username: '', authenticationType: 'NONE', attestation: false });
  const signing = deviceSigningVerifierCallback(prompt);
  const initial = { failedPolicies: [], policies: {}, validateOnly: false, prompt: '' };

  test.each([
    [name, '', 256],
    [password, '', 2_048],
    [textInputCallback({ prompt: '' }), '', 4_096],
    [hiddenValueCallback({ value: '', id: '' }), '', 32_768],
    [deviceProfileCallback({ metadata: true, location: true, message: '' }), '', 32_768],
    [validatedUsernameCallback(initial), '', 1_024],
    [validatedPasswordCallback({ ...initial, echoOn: false }), '', 2_048],
    [attribute, '', 8_192],
    [binding, 'jws', 32_768],
    [binding, 'deviceName', 256],
    [binding, 'deviceId', 256],
    [binding, 'clientError', 256],
    [signing, 'jws', 32_768],
    [signing, 'clientError', 256],
    [kbaCreateCallback({ prompt: '', predefinedQuestions: [], allowUserDefinedQuestions: true }), 'question', 4_096],
    [kbaCreateCallback({ prompt: '', predefinedQuestions: [], allowUserDefinedQuestions: true }), 'answer', 1_024],
  ])('of $type', (sent, suffix, longest) => {
    const answerOf = (value: string) =>
      matchCallbacks([sent], [{ type: sent.type, input: { '': '', [suffix]: value } }]);
    expect(answerOf('x'.repeat(longest))[0]?.[suffix]).toHaveLength(longest);
    expect(() => answerOf('x'.repeat(longest + 1))).toThrow(
      expect.objectContaining({
        code: 'CALLBACK_VALUE',
        detail: expect.objectContaining({ longest, type: sent.type }),
      }),
    );
  });

  test('for every text that a callback of the catalogue takes', () => {
    const unbounded = [...callbackCatalogue.values()].flatMap(({ type, inputs }) =>
      [...inputs].filter(([, schema]) => schema.safeParse('1'.repeat(70_000)).success).map(([suffix]) => type + suffix),
    );
    expect(unbounded).toEqual([]);
  });

  test('but not what we have put in ourselves', () => {
    const [answer] = matchCallbacks([attribute], [{ type: attribute.type, input: { ...attribute.input } }]);
    expect(answer?.['']).toHaveLength(10_000);
  });
});

describe('scripts for browsers, which the mobile SDKs leave out', () => {
  const text = textOutputCallback({ message: 'Scan the code.', messageType: 0 });
  const script = textOutputCallback({ message: 'draw();', messageType: 4 });
  const textBack = { type: 'TextOutputCallback', input: {} };
  const nameBack = { type: 'NameCallback', input: { '': 'demo' } };
  const answer = { '': 'demo' };

  test.each([
    ['one before an answer', [script, name], [nameBack], [{}, answer]],
    ['one after an answer', [name, script], [nameBack], [answer, {}]],
    ['one between a text and an answer', [text, script, name], [textBack, nameBack], [{}, {}, answer]],
    ['one before a text', [script, text, name], [textBack, nameBack], [{}, {}, answer]],
    ['two of them', [script, script, name], [nameBack], [{}, {}, answer]],
    ['one that stands alone', [script], [], [{}]],
  ])('may be absent: %s', (_what, sent, given, answers) => {
    expect(matchCallbacks(sent, given)).toEqual(answers);
  });

  test('may be there as well', () => {
    expect(matchCallbacks([text, script, name], [textBack, textBack, nameBack])).toEqual([{}, {}, answer]);
  });

  test.each([
    ['a text that is no script is absent', [text, name], [nameBack], 'CALLBACK_COUNT'],
    ['only a text that is no script was sent', [text], [], 'CALLBACK_COUNT'],
    ['one script of two is absent', [script, script, name], [textBack, nameBack], 'CALLBACK_COUNT'],
    ['the answer is absent as well', [script, name], [], 'CALLBACK_COUNT'],
    ['a polling callback is absent as well', [script, wait], [], 'CALLBACK_COUNT'],
    ['the rest is in another order', [script, text, name], [nameBack, textBack], 'CALLBACK_TYPE'],
    ['another callback takes its place', [script, name], [nameBack, nameBack], 'CALLBACK_TYPE'],
  ])('keeps the count and the order of all others: %s', (_what, sent, given, code) => {
    expect(codeOf(() => matchCallbacks(sent, given))).toBe(code);
  });
});

describe('accepts', () => {
  test.each([
    [0, 0],
    ['0', 0],
    [NOT_PRESSED, NOT_PRESSED],
    ['100', NOT_PRESSED],
  ])('the index %j', (index, read) => {
    const [answer] = matchCallbacks([exit], [{ type: 'ConfirmationCallback', input: { '': index } }]);
    expect(answer).toEqual({ '': read });
  });

  test('nothing of a read-only callback, whatever comes with it', () => {
    const [answer] = matchCallbacks([wait], [{ type: 'PollingWaitCallback', input: { '': 'x', waitTime: 1 } }]);
    expect(answer).toEqual({});
  });

  test('inputs by suffix, and lets a missing one be what was sent', () => {
    const sent = validatedUsernameCallback({ policies: {}, failedPolicies: [], validateOnly: false, prompt: 'x' });
    const [answer] = matchCallbacks([sent], [{ type: sent.type, input: { '': 'demo' } }]);
    expect(answer).toEqual({ '': 'demo', validateOnly: false });
    const [other] = matchCallbacks([sent], [{ type: sent.type, input: { '': 'demo', validateOnly: 'true', x: 1 } }]);
    expect(other).toEqual({ '': 'demo', validateOnly: true });
  });

  test('a hidden value that comes back as its id', () => {
    const sent = hiddenValueCallback({ value: '42', id: 'pushChallengeNumber' });
    const [answer] = matchCallbacks([sent], [{ type: sent.type, input: { ...sent.input } }]);
    expect(answer).toEqual({ '': 'pushChallengeNumber' });
  });
});
