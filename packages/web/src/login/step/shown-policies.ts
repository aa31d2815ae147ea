import type { ShownRule } from '../../kit/parts/rule-list.tsx';
import { ruleName } from '../../kit/parts/rule-name.ts';
import { policyText, readFailure } from './failed-policies.ts';
import { type Callback, outputOf, textsOf } from './step.ts';

type Params = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Params => typeof value === 'object' && value !== null;

/** What the page can tell by itself while somebody types; the server says the rest of a value that it was sent. */
const keptBy = (requirement: string, { minLength, maxLength }: Params, value: string): boolean | undefined => {
  const length = [...value].length;
  if (requirement === 'MIN_LENGTH' && typeof minLength === 'number') return length >= minLength;
  if (requirement === 'MAX_LENGTH' && typeof maxLength === 'number') return length <= maxLength;
  return undefined;
};

/** That a value is needed goes without saying, and so does that it is not endless. */
const SAID: ReadonlySet<string> = new Set(['REQUIRED', 'MAX_LENGTH']);

/**
 * The rules of the server for a new value, before anything was sent and while it is typed (ux.md §2.3); `sent` is the value that the
 * server has judged. None for a server that lists none.
 */
export const shownPolicies = (callback: Callback, value: string, sent: string | undefined): readonly ShownRule[] => {
  const policies = outputOf(callback, 'policies');
  const listed = isObject(policies) && Array.isArray(policies.policies) ? policies.policies.filter(isObject) : [];
  const failed = new Set(textsOf(callback, 'failedPolicies').map((it) => readFailure(it).requirement));
  return listed.flatMap(({ policyRequirements, params }) => {
    const given = isObject(params) ? params : {};
    const [said = ''] = Array.isArray(policyRequirements) ? policyRequirements.map(String) : [];
    const requirement = ruleName(said, given);
    if (requirement === '' || SAID.has(requirement)) return [];
    const isKept =
      keptBy(requirement, given, value) ?? (value === sent && value !== '' ? !failed.has(requirement) : undefined);
    return [{ text: policyText(requirement, given), isKept }];
  });
};
