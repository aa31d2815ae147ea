import { hiddenValueCallback, nameCallback, passwordCallback, pollingWaitCallback } from '@assent/engine';
import { expect, test } from 'vitest';
import { writeStep } from './written-step.ts';

const AUTH_ID = 'head.claims.signature';

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
  expect(writeStep([nameCallback({ prompt: 'Name' })], {}).forPages).toBeUndefined();
});
