import { MAX_PASSWORD_LENGTH, type PasswordPolicy, type PasswordRule, type PasswordUser } from '@assent/engine';

/** A rule as clients of identity management know it. */
export interface PolicyRequirement {
  readonly policyRequirement: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

type Described = PolicyRequirement & { readonly policyId: string };

/**
 * Identity management has these names; `DICTIONARY` is what its directory calls a list of common passwords. What it has no name for goes by that one, too,
 * with `params` that tell it apart: the login widget has words for it, and breaks at other names of the directory that come without their `params`.
 */
const described = (rule: PasswordRule, { minLength }: Pick<PasswordPolicy, 'minLength'>): Described => {
  switch (rule) {
    case 'tooShort':
      return { policyId: 'minimum-length', policyRequirement: 'MIN_LENGTH', params: { minLength } };
    case 'tooLong':
      return {
        policyId: 'maximum-length',
        policyRequirement: 'MAX_LENGTH',
        params: { maxLength: MAX_PASSWORD_LENGTH },
      };
    case 'unreadable':
      return {
        policyId: 'cannot-contain-characters',
        policyRequirement: 'CANNOT_CONTAIN_CHARACTERS',
        params: { forbiddenChars: ['unpaired surrogates'] },
      };
    case 'common':
      return { policyId: 'dictionary', policyRequirement: 'DICTIONARY' };
    case 'pattern':
      return { policyId: 'dictionary', policyRequirement: 'DICTIONARY', params: { pattern: true } };
    case 'personal':
      return {
        policyId: 'cannot-contain-others',
        policyRequirement: 'CANNOT_CONTAIN_OTHERS',
        params: { disallowedFields: 'userName,givenName,sn,mail' },
      };
  }
};

/** What a client is told of rules that were broken. */
export const requirementsOf = (
  rules: readonly PasswordRule[],
  policy: Pick<PasswordPolicy, 'minLength'>,
): readonly PolicyRequirement[] =>
  rules.map((rule) => {
    const { policyId: _, params, ...requirement } = described(rule, policy);
    return { ...(params && { params }), ...requirement };
  });

/** Those that a page can say before anything was typed; a character that cannot be read is no rule that anybody follows. */
const SHOWN: readonly PasswordRule[] = ['tooShort', 'tooLong', 'common', 'pattern', 'personal'];
const REQUIRED = { policyId: 'required', policyRequirement: 'REQUIRED' };

/** What the callback's `policies` says of an attribute that holds the password. */
export const describePasswordPolicies = (attribute: string, policy: PasswordPolicy): Record<string, unknown> => {
  const all: readonly Described[] = [REQUIRED, ...SHOWN.map((rule) => described(rule, policy))];
  return {
    name: attribute,
    policyRequirements: [...new Set(all.map(({ policyRequirement }) => policyRequirement))],
    policies: all.map(({ policyId, policyRequirement, params }) => ({
      policyId,
      policyRequirements: [policyRequirement],
      ...(params && { params }),
    })),
  };
};

/** Elements for `failedPolicies`: each is JSON text (spec: journeys-rest §3.2). */
export const failedPasswordPolicies = async (
  password: string,
  owner: PasswordUser,
  policy: PasswordPolicy,
): Promise<string[]> => {
  const broken = requirementsOf(await policy.brokenRules(password, owner), policy);
  const all = password === '' ? [{ policyRequirement: REQUIRED.policyRequirement }, ...broken] : broken;
  return all.map((it) => JSON.stringify(it));
};

/** Whom a journey is about, by what it has collected. */
export const passwordOwner = (
  username: string | undefined,
  collected: Readonly<Record<string, unknown>> | undefined,
): PasswordUser => {
  const texts = Object.entries(collected ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, [value]] as const] : [],
  );
  return { ...(username !== undefined && { username }), attributes: Object.fromEntries(texts) };
};

/** What people are told, in English; the other languages stand in `texts/password-texts.ts`. */
export const PASSWORD_TEXTS = {
  tooShort: 'The password needs at least {{count}} characters.',
  tooLong: 'The password can have {{count}} characters at most.',
  unreadable: 'The password holds a character that cannot be read. Type it anew.',
  common: 'Many people use this password, so it is easily guessed. Choose another one.',
  pattern: 'The password repeats itself or follows the keyboard. Choose another one.',
  personal: 'The password is little more than your name or the name of this service. Choose another one.',
} as const satisfies Record<PasswordRule, string>;

/** How many characters a text about the rule speaks of. */
export const countOf = (rule: PasswordRule, minLength: number): string =>
  String(rule === 'tooLong' ? MAX_PASSWORD_LENGTH : minLength);

/** The rule in English, for administrators and logs. */
export const passwordSentence = (rule: PasswordRule, policy: Pick<PasswordPolicy, 'minLength'>): string =>
  PASSWORD_TEXTS[rule].replace('{{count}}', countOf(rule, policy.minLength));
