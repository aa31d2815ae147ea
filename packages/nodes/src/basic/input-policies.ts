import { isNameLikeId, UNADDRESSABLE } from '@assent/engine';

/** One rule for an input, as policy id, requirement and parameters spell it for a client. */
export interface Rule {
  readonly id: string;
  readonly requirement: string;
  readonly params?: Readonly<Record<string, unknown>>;
  isMet(value: string): boolean;
}

/** The rules for one attribute. */
export interface InputPolicies {
  /** What the callback's `policies` says. */
  describe(attribute: string): Record<string, unknown>;
  /** Elements for `failedPolicies`: each is JSON text (spec: journeys-rest §3.2). */
  failuresOf(value: string): string[];
}

export const inputPolicies = (rules: readonly Rule[]): InputPolicies => ({
  describe: (attribute) => ({
    name: attribute,
    policyRequirements: rules.map(({ requirement }) => requirement),
    policies: rules.map(({ id, requirement, params }) => ({
      policyId: id,
      policyRequirements: [requirement],
      ...(params && { params }),
    })),
  }),
  failuresOf: (value) =>
    rules
      .filter((rule) => !rule.isMet(value))
      .map(({ requirement, params }) => JSON.stringify({ ...(params && { params }), policyRequirement: requirement })),
});

// Characters that another name could hide behind: control, format, private, surrogate and line characters (SEC-60).
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Whether a name is taken is not said here: that would list the accounts. */
export const usernamePolicies = inputPolicies([
  { id: 'required', requirement: 'REQUIRED', isMet: (value) => value.trim() !== '' },
  {
    id: 'maximum-length',
    requirement: 'MAX_LENGTH',
    params: { maxLength: 256 },
    isMet: (value) => value.length <= 256,
  },
  {
    id: 'cannot-contain-characters',
    requirement: 'CANNOT_CONTAIN_CHARACTERS',
    params: { forbiddenChars: ['control', 'format', '/', '\\', ';', '%'] },
    isMet: (value) => !FORBIDDEN.test(value) && !UNADDRESSABLE.test(value),
  },
  { id: 'cannot-be-an-id', requirement: 'CANNOT_BE_AN_ID', isMet: (value) => !isNameLikeId(value) },
]);
