import type { RealmSettings } from '../model/configuration.ts';
import { port } from '../model/port.ts';
import type { ReadOnlyAdapter } from '../unit-of-work/unit-of-work.ts';
import { brokenPasswordRules, type PasswordRule } from './password-rules.ts';

/** Whose password it is to be, as far as that is known when it is chosen. */
export interface PasswordUser {
  readonly username?: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

/** The rules of a realm for new passwords. Those that are there already are never asked about. */
export interface PasswordPolicy {
  readonly minLength: number;
  /** Empty for a password that may be set. */
  brokenRules(password: string, owner: PasswordUser): Promise<readonly PasswordRule[]>;
}

/** The rules for new passwords. `accounts` asks them again: what breaks one is never stored. */
export const passwordPolicy = port<PasswordPolicy>()('passwordPolicy', 'reads');

/** Whether a text, folded by `foldPassword`, is a password that many have. */
export type PasswordList = () => Promise<(folded: string) => boolean>;

export type PasswordPolicySettings = Pick<
  RealmSettings,
  'realm' | 'brandName' | 'passwordMinLength' | 'passwordBlocklist' | 'passwordForbiddenWords'
>;

/** Attributes that hold what people call the user. */
const NAMES = ['givenname', 'sn', 'cn', 'mail', 'displayname'];
const SERVICE = 'assent';

/** The words of an address: the whole, what stands before the `@`, and the name of its domain. */
const wordsOf = (text: string): readonly string[] => {
  const [local = '', domain = ''] = text.split('@');
  return [text, ...text.split(/\s+/), local, domain, ...domain.split('.').slice(0, -1)];
};

export const passwordPolicyOf = (realm: PasswordPolicySettings, common: PasswordList): PasswordPolicy => ({
  minLength: realm.passwordMinLength,

  async brokenRules(password, { username = '', attributes = {} }) {
    const named = Object.entries(attributes).filter(([name]) => NAMES.includes(name.toLowerCase()));
    const names = [username, realm.realm.split('/').at(-1) ?? '', realm.brandName, ...named.flatMap(([, it]) => it)];
    const words = [SERVICE, ...realm.passwordForbiddenWords, ...names.flatMap(wordsOf)];
    const isCommon = realm.passwordBlocklist ? await common() : () => false;
    return brokenPasswordRules(password, { minLength: realm.passwordMinLength, words }, isCommon);
  },
});

export const passwordPolicyAdapter =
  (common: PasswordList): ReadOnlyAdapter<PasswordPolicy> =>
  ({ realm }) =>
    passwordPolicyOf(realm, common);
