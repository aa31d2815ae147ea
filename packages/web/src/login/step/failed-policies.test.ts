import { expect, test } from 'vitest';
import { speak } from '../texts/say.ts';
import { textsEn } from '../texts/texts.en.ts';
import { failedPolicies } from './failed-policies.ts';

speak('en', textsEn);
const said = (...failures: readonly string[]) =>
  failedPolicies({
    type: 'ValidatedCreatePasswordCallback',
    output: [{ name: 'failedPolicies', value: failures }],
  });

test('a value that keeps to the rules has no error', () => {
  expect(said()).toBeUndefined();
});

test.each([
  ['{"policyRequirement":"REQUIRED"}', 'This is needed.'],
  ['{ "params": { "minLength": 12 }, "policyRequirement": "MIN_LENGTH" }', 'It needs at least 12 characters.'],
  ['{"params":{"maxLength":64},"policyRequirement":"MAX_LENGTH"}', 'It can have 64 characters at most.'],
  ['{"policyRequirement":"CANNOT_CONTAIN_CHARACTERS"}', 'It has a character that is not allowed.'],
  ['{"policyRequirement":"CANNOT_BE_AN_ID"}', 'It must not have the form of an id.'],
  ['{"policyRequirement":"DICTIONARY"}', 'It must not be a password that many people use.'],
  ['{"params":{"pattern":true},"policyRequirement":"DICTIONARY"}', 'It must not repeat itself or follow the keyboard.'],
  [
    '{"params":{"disallowedFields":"userName"},"policyRequirement":"CANNOT_CONTAIN_OTHERS"}',
    'It must not be little more than your name or the name of this service.',
  ],
  ['{"policyRequirement":"MIN_LENGTH"}', 'A rule is not kept: MIN_LENGTH'],
  ['{"policyRequirement":"UNIQUE"}', 'A rule is not kept: UNIQUE'],
  ['no json', 'A rule is not kept: no json'],
  ['null', 'A rule is not kept: null'],
])('%s reads "%s"', (failure, text) => {
  expect(said(failure)).toBe(text);
});

test('several rules are said one after the other, each once', () => {
  expect(said('{"policyRequirement":"REQUIRED"}', '{"policyRequirement":"REQUIRED"}', 'x')).toBe(
    'This is needed. A rule is not kept: x',
  );
});
