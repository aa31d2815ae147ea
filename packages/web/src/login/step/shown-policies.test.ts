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
    { policyId: 'dictionary', policyRequirements: ['DICTIONARY'], params: { pattern: true } },
  ],
};
const callback = (failed: readonly string[] = [], value: unknown = policies, params: object = {}) => ({
  type: 'ValidatedCreatePasswordCallback',
  output: [
    { name: 'policies', value },
    { name: 'failedPolicies', value: failed.map((policyRequirement) => JSON.stringify({ params, policyRequirement })) },
  ],
});
const kept = (...given: Parameters<typeof shownPolicies>) => shownPolicies(...given).map(({ isKept }) => isKept);

test('says the rules before anything is typed, in words (SEC-55)', () => {
  expect(shownPolicies(callback(), '', undefined)).toEqual([
    { text: 'It needs at least 8 characters.', isKept: false },
    { text: 'It must not be a password that many people use.', isKept: undefined },
    { text: 'It must not repeat itself or follow the keyboard.', isKept: undefined },
  ]);
});

test('says of what is typed what the page can tell, and the rest once the server has', () => {
  expect(kept(callback(), 'password1', undefined)).toEqual([true, undefined, undefined]);
  expect(kept(callback(['DICTIONARY']), 'password1', 'password1')).toEqual([true, false, true]);
  expect(kept(callback(['DICTIONARY'], policies, { pattern: true }), 'qwertyuiop', 'qwertyuiop')).toEqual([
    true,
    true,
    false,
  ]);
  expect(kept(callback(['MIN_LENGTH']), 'short', 'short')).toEqual([false, true, true]);
  expect(kept(callback(['DICTIONARY']), 'another one', 'password1')).toEqual([true, undefined, undefined]);
});

test.each([[null], ['x'], [{ policies: 'x' }], [{ policies: [null, { policyRequirements: 7 }] }]])(
  'a server that says %j lists none',
  (value) => {
    expect(shownPolicies(callback([], value), '', undefined)).toEqual([]);
  },
);
