import { plainHasher } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { hashedAnswers, plainAnswer, storedAnswers } from './security-answers.ts';

test.each([
  ['Rex', 'rex'],
  ['  My   first\tDog ', 'my first dog'],
  ['ÉTÉ', 'été'],
  ['ｒｅｘ', 'rex'],
])('%j counts as %j', (answer, plain) => {
  expect(plainAnswer(answer)).toBe(plain);
});

test.each([
  [undefined],
  ['rex'],
  [[{ answer: 'rex' }]],
  [[{ questionId: '1' }]],
  [[{ questionId: 1, answer: 'rex' }]],
  [Array.from({ length: 11 }, () => ({ questionId: '1', answer: 'rex' }))],
])('%j are no answers', async (collected) => {
  expect(await hashedAnswers(collected, plainHasher)).toBeUndefined();
});

test('answers are stored as hashes, and read again', async () => {
  const stored = await hashedAnswers([{ questionId: '1', answer: 'Rex' }], plainHasher);
  expect(storedAnswers(stored)).toEqual([{ questionId: '1', answer: 'hash of rex' }]);
});

test('what an import has left in their place is left out', () => {
  expect(storedAnswers(['nonsense', '{}', 'null', '{"questionId":"1","answer":"h"}'])).toHaveLength(1);
});
