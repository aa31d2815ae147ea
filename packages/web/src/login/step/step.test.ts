import { expect, test } from 'vitest';
import { answered, answersStill, isShownAlike, readStep, type Step, sameQuestions } from './step.ts';

test.each([undefined, null, 'x', [], {}, { authId: '' }, { authId: 7, callbacks: [] }])('%j is no step', (body) => {
  expect(readStep(body)).toBeUndefined();
});

test('callbacks of any shape are read without a throw, none is dropped', () => {
  const step = readStep({
    authId: 'a',
    callbacks: [null, { type: 7, output: 'x' }, { type: 'X', output: [null, { value: 1 }], input: {} }],
  });
  expect(step?.callbacks).toEqual([
    { type: '', output: [] },
    { type: '', output: [] },
    { type: 'X', output: [{ name: '', value: 1 }] },
  ]);
});

const step: Step = {
  authId: 'a',
  callbacks: [
    {
      type: 'NameCallback',
      output: [{ name: 'prompt', value: 'Name' }],
      input: [{ name: 'IDToken1', value: '' }],
      _id: 0,
    },
    { type: 'TextOutputCallback', output: [] },
    { type: 'ConfirmationCallback', output: [], input: [{ name: 'IDToken3', value: 100 }] },
    {
      type: 'KbaCreateCallback',
      output: [],
      input: [
        { name: 'q', value: '' },
        { name: 'a', value: '' },
      ],
    },
  ],
};

test('all callbacks go back in order, and only what was answered is changed', () => {
  expect(answered(step.callbacks, {})).toEqual(step.callbacks);
  const sent = answered(step.callbacks, { 0: 'demo', 1: 'ignored', 3: 'why' });
  expect(sent.map((it) => it.input)).toEqual([
    [{ name: 'IDToken1', value: 'demo' }],
    undefined,
    [{ name: 'IDToken3', value: 100 }],
    [
      { name: 'q', value: 'why' },
      { name: 'a', value: '' },
    ],
  ]);
  expect(sent[0]?._id).toBe(0);
});

test('a typed value changes the look of a step but not its questions', () => {
  const other: Step = { authId: 'b', callbacks: answered(step.callbacks, { 0: 'demo' }) };
  expect(isShownAlike(step, other)).toBe(false);
  expect(sameQuestions(step, other)).toBe(true);
  expect(sameQuestions(step, { ...other, callbacks: other.callbacks.slice(1) })).toBe(false);
});

test('an answer holds while its own question is the same, whatever changed beside it', () => {
  const [first, ...others] = step.callbacks;
  const renamed = { ...step, callbacks: [{ type: 'NameCallback', output: [] }, ...others] };
  expect(first).toBeDefined();
  expect(answersStill({ 2: 0 }, step, renamed)).toBe(true);
  expect(answersStill({ 0: 'x' }, step, renamed)).toBe(false);
  expect(answersStill({ 2: 0 }, step, { ...step, callbacks: [] })).toBe(false);
});

test('a callback with several inputs takes them in turn, and keeps what nobody answered', () => {
  const question = {
    type: 'KbaCreateCallback',
    output: [],
    input: [
      { name: 'IDToken1question', value: '' },
      { name: 'IDToken1answer', value: '' },
      { name: 'IDToken1more', value: 'kept' },
    ],
  };
  expect(answered([question], { 0: ['First pet?', 'Rex'] })[0]?.input?.map(({ value }) => value)).toEqual([
    'First pet?',
    'Rex',
    'kept',
  ]);
});

test('a passkey that the server tells our page of is read, and one of any other shape is none', () => {
  const read = (webauthn: unknown) => readStep({ authId: 'a', callbacks: [], assent: { webauthn } })?.passkey;
  const options = { challenge: 'x' };
  expect(read({ kind: 'create', options, more: 1 })).toEqual({ kind: 'create', options });
  expect(read({ kind: 'get', options, mediation: 'conditional' })).toEqual({
    kind: 'get',
    options,
    mediation: 'conditional',
  });
  expect(read({ kind: 'get', options, button: 1 })).toEqual({ kind: 'get', options, button: 1 });
  expect(read({ kind: 'get', options, mediation: 'silent', button: '1' })).toEqual({ kind: 'get', options });
  for (const none of [
    undefined,
    null,
    'x',
    {},
    { kind: 'get' },
    { kind: 'other', options },
    { kind: 'get', options: 7 },
  ]) {
    expect(read(none)).toBeUndefined();
  }
});

test('the offer of a passkey stands where a passkey stands that is asked for', () => {
  const webauthn = { kind: 'offer', options: { goOnIn: 240_000 } };
  const step = readStep({ authId: 'a', callbacks: [], assent: { webauthn } });
  expect(step).toEqual({ authId: 'a', callbacks: [], passkeyOffer: { goOnIn: 240_000 } });
});
