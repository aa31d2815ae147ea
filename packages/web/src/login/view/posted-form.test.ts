import { beforeAll, describe, expect, test } from 'vitest';
import { answered, type Callback, type Step } from '../step/step.ts';
import { speak } from '../texts/say.ts';
import { textsEn } from '../texts/texts.en.ts';
import { answersOfForm, type Fields, readPostedForm } from './posted-form.ts';

beforeAll(() => speak('en', textsEn));

const field = (type: string, ...inputs: readonly unknown[]): Callback => ({
  type,
  output: [{ name: 'prompt', value: type }],
  input: inputs.map((value, at) => ({ name: `IDToken1${at}`, value })),
});
const stepOf = (...callbacks: readonly Callback[]): Step => ({ authId: 'a1', callbacks });
const credentials = stepOf(field('NameCallback', ''), field('PasswordCallback', ''));
const SEAL = 'sealed.';
const open = (sealed: string) => (sealed.startsWith(SEAL) ? sealed.slice(SEAL.length) : undefined);
const read = (fields: Fields) => readPostedForm(fields, open);
const posted = (step: unknown, more: object = {}): string =>
  `${SEAL}${JSON.stringify({ step, first: true, username: '', ...more })}`;

describe('a form', () => {
  test('answers its step where no button says otherwise', () => {
    expect(read({ step: posted(credentials, { username: 'demo', language: 'ar' }) })).toEqual({
      kind: 'press',
      press: 'answer',
      from: { step: credentials, first: true, username: 'demo', language: 'ar' },
    });
  });

  test('starts over without a step', () => {
    expect(read({ press: 'over' })).toEqual({ kind: 'press', press: 'over', from: undefined });
  });

  test('chooses a language, with a step and without', () => {
    expect(read({ press: 'language', language: 'de' })).toMatchObject({ language: 'de', from: undefined });
    const from = { step: credentials };
    expect(read({ press: 'language', language: 'de', step: posted(credentials) })).toMatchObject({ from });
  });

  test.each<[name: string, fields: Readonly<Record<string, string>>, what: RegExp]>([
    ['step', {}, /is missing/],
    ['step', { press: 'check' }, /is missing/],
    ['step', { press: 'go-on' }, /is missing/],
    ['step', { step: '' }, /is no step/],
    ['step', { step: posted(credentials).slice(SEAL.length) }, /is no step/],
    ['step', { step: posted(credentials).replace(SEAL, 'sealed:') }, /is no step/],
    ['step', { step: `${SEAL}{` }, /is no step/],
    ['step', { step: `${SEAL}null` }, /is no step/],
    ['step', { step: `${SEAL}[]` }, /is no step/],
    ['step', { step: posted({ callbacks: [] }) }, /is no step/],
    ['step', { step: posted({ authId: 7, callbacks: [] }), press: 'over' }, /is no step/],
    ['press', { press: 'everything', step: posted(credentials) }, /is none of answer, over,/],
    ['language', { press: 'language' }, /is none that this page speaks/],
    ['language', { press: 'language', language: 'xx' }, /is none that this page speaks/],
    ['language', { press: 'language', language: '__proto__' }, /is none that this page speaks/],
  ])('whose field %s is wrong (%j) is refused by that name, with what to do', (name, fields, what) => {
    const form = read(fields);
    const reason = form.kind === 'refused' ? form.reason : '';
    expect(reason).toMatch(what);
    expect(reason.startsWith(`The field ${name} `)).toBe(true);
    expect(reason).toMatch(/Open the page again and send its form\.$/);
  });

  test('with odd things beside its step takes none of them', () => {
    const step = posted(credentials, { first: 'yes', username: 7, language: 'xx', more: 1 });
    expect(read({ step })).toEqual({
      kind: 'press',
      press: 'answer',
      from: { step: credentials, first: false, username: '' },
    });
  });
});

describe('the answers of a form', () => {
  const read = (step: Step, fields: Readonly<Record<string, string>>, first = true) =>
    answersOfForm({ step, first, username: '' }, fields);

  test('go to the callbacks that they are named after, each as its callback takes it', () => {
    const step = stepOf(
      field('NameCallback', ''),
      field('ChoiceCallback', 0),
      field('BooleanAttributeInputCallback', false),
      field('ConsentMappingCallback', false),
      field('KbaCreateCallback', '', ''),
      field('NumberAttributeInputCallback', ''),
      field('HiddenValueCallback', 'left alone'),
    );
    const fields = {
      'answer-0': 'demo',
      'answer-1': '2',
      'answer-2': 'on',
      'answer-4-0': 'First pet?',
      'answer-4-own': '',
      'answer-4-1': 'Rex',
      'answer-5': '7',
      'answer-9': 'nobody asked',
    };
    expect(read(step, fields)).toEqual({
      answers: { 0: 'demo', 1: 2, 2: true, 3: false, 4: ['First pet?', 'Rex'], 5: '7' },
      missing: {},
    });
  });

  test('may ask a question of their own', () => {
    const fields = { 'answer-0-0': '', 'answer-0-own': 'Which street?', 'answer-0-1': 'Elm' };
    expect(read(stepOf(field('KbaCreateCallback', '', '')), fields).answers).toEqual({ 0: ['Which street?', 'Elm'] });
  });

  test('have a profile of the browser without a place, by a name that is new each time', () => {
    const profile = () => {
      const { answers } = read(stepOf(field('DeviceProfileCallback', '')), {});
      return JSON.parse(String(answers[0])) as { readonly identifier: string };
    };
    expect(profile()).toEqual({ identifier: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(profile().identifier).not.toBe(profile().identifier);
  });

  test('say that the page cannot do what only an app can, and leave the rest of it as it came', () => {
    const ofApp = (type: string, ...inputs: readonly string[]): Callback => ({
      type,
      output: [],
      input: inputs.map((name) => ({ name: `IDToken1${name}`, value: '' })),
    });
    const step = stepOf(
      ofApp('DeviceBindingCallback', 'jws', 'deviceName', 'deviceId', 'clientError'),
      ofApp('DeviceSigningVerifierCallback', 'jws', 'clientError'),
      ofApp('DeviceBindingCallback', 'jws'),
    );
    const { answers, missing } = read(step, {});
    expect(missing).toEqual({});
    expect(answered(step.callbacks, answers).map(({ input }) => input?.map(({ value }) => value))).toEqual([
      ['', '', '', 'Unsupported'],
      ['', 'Unsupported'],
      [''],
    ]);
  });

  test('take a recovery code as people write it, and a name as it stands', () => {
    const fields = { 'answer-0': ' abcd-efgh ijkl-mnop ' };
    const step = stepOf(field('NameCallback', ''));
    expect(read(step, fields, false).answers).toEqual({ 0: 'ABCDEFGH1JK1MN0P' });
    expect(read(step, fields, true).answers).toEqual({ 0: ' abcd-efgh ijkl-mnop ' });
  });

  test('name what is missing in them', () => {
    expect(read(credentials, { 'answer-0': 'demo', 'answer-1': '  ' }).missing).toEqual({
      1: 'Enter your PasswordCallback',
    });
    expect(read(stepOf(field('TermsAndConditionsCallback', false)), {}).missing).toEqual({
      0: 'Accept the terms to go on.',
    });
  });

  test('choose an option by its place, and need nothing else where it leads out', () => {
    const empty = { 'answer-0': '', 'answer-1': '' };
    const question = stepOf(...credentials.callbacks, field('ConfirmationCallback', 0));
    const exit = stepOf(...credentials.callbacks, field('ConfirmationCallback', 100));
    expect(read(question, { ...empty, choice: '1' })).toMatchObject({ answers: { 2: 1 }, missing: {} });
    expect(Object.keys(read(question, { ...empty, choice: '0' }).missing)).toEqual(['0', '1']);
    expect(read(exit, { ...empty, choice: '0' })).toMatchObject({ answers: { 2: 0 }, missing: {} });
    expect(read(exit, { ...empty, choice: 'x' }).answers).not.toHaveProperty('2');
    const elsewhere = stepOf(...credentials.callbacks, field('SelectIdPCallback', ''));
    expect(read(elsewhere, { ...empty, 'answer-2': 'acme' })).toMatchObject({ answers: { 2: 'acme' }, missing: {} });
    expect(Object.keys(read(elsewhere, empty).missing)).toEqual(['0', '1']);
  });
});
