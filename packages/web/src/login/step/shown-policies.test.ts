import { expect, test } from 'vitest';
import { speak } from '../texts/say.ts';
import { textsEn } from '../texts/texts.en.ts';
import { shownPolicies } from './shown-policies.ts';

speak('en', textsEn);

const policies = {
  name: 'password',
  policies: [
    { policyId: 'required', policyRequirements: ['REQUIRED'] },
    { policyId: 'minimum-length', policyRequirements: ['MIN_LENGTH'], params: { minLength: 8 } },
    { policyId: 'maximum-length', policyRequirements: ['MAX_LENGTH'], params: { maxLength: 1024 } },
    { policyId: 'dictionary', policyRequirements: ['DICTIONARY'] },
  ],
};
const callback = (failed: readonly string[] = [], value: unknown = policies) => ({
  type: 'ValidatedCreatePasswordCallback',
  output: [
    { name: 'policies', value },
    { name: 'failedPolicies', value: failed.map((policyRequirement) => JSON.stringify({ policyRequirement })) },
  ],
});
const kept = (...given: Parameters<typeof shownPolicies>) => shownPolicies(...given).map(({ isKept }) => isKept);

test('says the rules before anything is typed, in words (SEC-55)', () => {
  expect(shownPolicies(callback(), '', undefined)).toEqual([
    { text: 'It needs at least 8 characters.', isKept: false },
    { text: 'It must not be a password that many people use.', isKept: undefined },
  ]);
});

test('says of what is typed what the page can tell, and the rest once the server has', () => {
  expect(kept(callback(), 'password1', undefined)).toEqual([true, undefined]);
  expect(kept(callback(['DICTIONARY']), 'password1', 'password1')).toEqual([true, false]);
  expect(kept(callback(['MIN_LENGTH']), 'short', 'short')).toEqual([false, true]);
  expect(kept(callback(['DICTIONARY']), 'another one', 'password1')).toEqual([true, undefined]);
});

test.each([[null], ['x'], [{ policies: 'x' }], [{ policies: [null, { policyRequirements: 7 }] }]])(
  'a server that says %j lists none',
  (value) => {
    expect(shownPolicies(callback([], value), '', undefined)).toEqual([]);
  },
);
