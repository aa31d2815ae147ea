import {
  confirmationCallback,
  hiddenValueCallback,
  nameCallback,
  passwordCallback,
  pollingWaitCallback,
  textOutputCallback,
} from '@assent/engine';
import { describe, expect, test } from 'vitest';
import { parseAuthenticateBody } from './authenticate.ts';
import { readEchoedStep, writeStep } from './written-step.ts';

const AUTH_ID = 'head.claims.signature';
const shown = writeStep(
  [
    { ...nameCallback({ prompt: 'User "Name"' }), pageId: 0 },
    { ...passwordCallback({ prompt: 'Password' }), pageId: 1 },
    textOutputCallback({ message: 'Wait.', messageType: 0 }),
    confirmationCallback({ options: ['Cancel'] }),
  ],
  { stage: 'Login', header: '', description: 'Say who you are.' },
);
const { text } = shown.answer(AUTH_ID);
const read = (body: string) => readEchoedStep(body, (authId) => (authId === AUTH_ID ? { authId, shown } : undefined));
const put = (position: number, value: unknown, into = text): string =>
  into.replace(
    new RegExp(`("name":"IDToken${position}","value":)[^}]*`),
    (_, before) => before + JSON.stringify(value),
  );

describe('a body with the text of the step that was shown', () => {
  const withoutMore = text.replace(/,"stage".*/, '}');
  test.each([
    ['as it was', text],
    ['as it was, again', text],
    ['with answers', put(4, 0, put(2, 'Correct horse', put(1, 'demo')))],
    ['with answers in other letters', put(1, 'Ünsal 東')],
    ['with values of other types', put(1, null, put(2, false, put(4, -12)))],
    ['without what stands behind its callbacks', put(1, 'demo', withoutMore)],
  ])('%s says the same as to a parser', (_name, body) => {
    const { authId, callbacks } = read(body) ?? {};
    const parsed = parseAuthenticateBody(JSON.parse(body));
    expect({ kind: 'continue', authId, callbacks }).toEqual(parsed);
    expect(JSON.stringify(callbacks)).toBe(JSON.stringify('callbacks' in parsed && parsed.callbacks));
  });

  test('is what the handler gets instead of a parsed body', () => {
    expect(parseAuthenticateBody(read(put(1, 'demo')))).toMatchObject({ kind: 'continue', authId: AUTH_ID });
  });
});

test.each([
  ['an authId that is not known', text.replace(AUTH_ID, 'head.claims.another')],
  ['white space', text.replace(':', ': ')],
  ['another text', text.replace('Say who', 'Tell who')],
  ['members in another order', text.replace(/(\{"authId":"[^"]*"),(.*)\}$/, '{$2,$1}')],
  ['a member besides', text.replace(/\}$/, ',"more":1}')],
  ['a name twice', text.replace(/\}$/, `,"authId":"${AUTH_ID}"}`)],
  ['an input twice', text.replace('"value":""}', '"value":"","value":"x"}')],
  ['a value with escapes', put(1, 'a"b')],
  ['a value with a control character', text.replace('"value":""}', '"value":"\n"}')],
  ['a value that is no scalar', put(1, { a: 1 })],
  ['a number as JSON has none', text.replace('"IDToken4","value":0', '"IDToken4","value":007')],
  ['a value without an end', put(1, 'demo').slice(0, put(1, 'demo').indexOf('demo') + 2)],
  ['less than the whole step', text.slice(0, -1)],
  ['more than the whole step', `${text} `],
  ['no step', '{}'],
])('a body with %s is left to the parser', (_name, body) => {
  expect(read(body)).toBeUndefined();
});

test('the text of a step is made once, and that of its callbacks for whatever stands around them', () => {
  const callbacks = [
    pollingWaitCallback({ waitTime: 5_000, message: 'Wait.' }),
    hiddenValueCallback({ id: 'a', value: 'b' }),
  ];
  const presentation = { header: 'Once' };
  const step = writeStep(callbacks, presentation);
  expect(writeStep(callbacks, presentation)).toBe(step);
  expect(writeStep(callbacks, { header: 'Again' }).callbacks).toBe(step.callbacks);
  expect(step.answer(AUTH_ID, { page: 1 }).text).toBe(
    step.answer(AUTH_ID).text.replace(/\}$/, ',"assent":{"page":1}}'),
  );
});

test('what is for our own pages is no part of the step that others are shown', () => {
  const own = { ...nameCallback({ prompt: 'Name' }), forPages: { webauthn: { kind: 'get' } } };
  const other = { ...passwordCallback({ prompt: 'Password' }), forPages: { hint: 'x' } };
  const step = writeStep([own, other], {});
  expect(step.answer(AUTH_ID).text).toBe(
    writeStep([nameCallback({ prompt: 'Name' }), passwordCallback({ prompt: 'Password' })], {}).answer(AUTH_ID).text,
  );
  expect(step.forPages).toEqual({ webauthn: { kind: 'get' }, hint: 'x' });
  expect(JSON.parse(step.answer(AUTH_ID, step.forPages).text).assent).toEqual(step.forPages);
  expect(shown.forPages).toBeUndefined();
});
