import { ruleName } from '../../kit/parts/rule-name.ts';
import { say } from '../texts/say.ts';
import { type Callback, textsOf } from './step.ts';

/** What is wrong with a value by the rules of the server, in words; `undefined` where nothing is. @see journeys-rest.md §3.2 */
export const failedPolicies = (callback: Callback): string | undefined => {
  const texts = textsOf(callback, 'failedPolicies').map((failure) => {
    const { requirement, params } = readFailure(failure);
    return policyText(requirement, params);
  });
  return texts.length === 0 ? undefined : [...new Set(texts)].join(' ');
};

/** A rule in words, as something that a value has to be. */
export const policyText = (requirement: string, params: Readonly<Record<string, unknown>>): string => {
  const count = (name: string): number | undefined => {
    const value = params[name];
    return typeof value === 'number' ? value : undefined;
  };
  const [least, most] = [count('minLength'), count('maxLength')];
  if (requirement === 'REQUIRED') return say('policyRequired');
  if (requirement === 'MIN_LENGTH' && least !== undefined) return say('policyMinLength', { n: least });
  if (requirement === 'MAX_LENGTH' && most !== undefined) return say('policyMaxLength', { n: most });
  if (requirement === 'CANNOT_CONTAIN_CHARACTERS') return say('policyCharacters');
  if (requirement === 'CANNOT_BE_AN_ID') return say('policyNoId');
  if (requirement === 'DICTIONARY') return say('policyCommon');
  if (requirement === 'PATTERN') return say('policyPattern');
  if (requirement === 'CANNOT_CONTAIN_OTHERS') return say('policyPersonal');
  return say('policyOther', { rule: requirement });
};

/** Each failure is a text of its own JSON; one that makes no sense is shown as it is. The requirement is named as pages name it. */
export const readFailure = (
  failure: string,
): { readonly requirement: string; readonly params: Record<string, unknown> } => {
  try {
    const read: unknown = JSON.parse(failure);
    if (typeof read === 'object' && read !== null && 'policyRequirement' in read) {
      const params = { ...('params' in read && typeof read.params === 'object' ? read.params : undefined) };
      return { requirement: ruleName(String(read.policyRequirement), params), params };
    }
  } catch {
    // Not JSON: a server that says it in words.
  }
  return { requirement: failure, params: {} };
};
