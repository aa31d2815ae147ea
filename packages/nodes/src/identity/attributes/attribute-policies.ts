import { type InputPolicies, inputPolicies, type Rule } from '../../basic/input-policies.ts';
import { MAX_VALUE_LENGTH } from '../users/user-fields.ts';

const MAIL_ATTRIBUTES: ReadonlySet<string> = new Set(['mail', 'mailAlternateAddress']);

const longest: Rule = {
  id: 'maximum-length',
  requirement: 'MAX_LENGTH',
  params: { maxLength: MAX_VALUE_LENGTH },
  isMet: (value) => value.length <= MAX_VALUE_LENGTH,
};

/** A plain address; whether anybody reads it is for a mail to find out. */
const mailAddress: Rule = {
  id: 'valid-email-address-format',
  requirement: 'VALID_EMAIL_ADDRESS_FORMAT',
  isMet: (value) =>
    value === '' ||
    (value.length <= 254 && /^[^\s@<>()",;:\\]{1,64}@[^\s@<>()",;:\\]+\.[^\s@<>()",;:\\.]+$/u.test(value)),
};

/** The rules for the text of an attribute. */
export const attributePolicies = (name: string, isRequired: boolean): InputPolicies =>
  inputPolicies([
    ...(isRequired ? [{ id: 'required', requirement: 'REQUIRED', isMet: (value: string) => value.trim() !== '' }] : []),
    longest,
    ...(MAIL_ATTRIBUTES.has(name) ? [mailAddress] : []),
  ]);
