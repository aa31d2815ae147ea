import type { PolicyControl, PolicyError } from '../connection/policy-control.ts';

export type PasswordAnswer = 'right' | 'mustChange' | 'wrong' | 'locked' | 'expired';

const INVALID_CREDENTIALS = 49;

/**
 * What Active Directory adds to code 49, as hexadecimal digits after `data`. 773 and 532 are told of the right password alone, as are 701
 * (the account has run out) and 533 (it is disabled); 775 (locked) of any.
 */
const ACTIVE_DIRECTORY: Readonly<Record<string, PasswordAnswer>> = {
  '532': 'expired',
  '533': 'locked',
  '701': 'locked',
  '773': 'mustChange',
  '775': 'locked',
};

const POLICY: Readonly<Partial<Record<PolicyError, PasswordAnswer>>> = {
  passwordExpired: 'expired',
  accountLocked: 'locked',
};

/** What a bind that was refused means (OPS-76): wrong, unless the directory says more. */
export const refusedPassword = (code: number, message: string, policy: PolicyControl): PasswordAnswer => {
  if (code !== INVALID_CREDENTIALS) return 'wrong';
  const [, data = ''] = /\bdata ([0-9a-f]{1,8})\b/i.exec(message) ?? [];
  return ACTIVE_DIRECTORY[data.toLowerCase()] ?? (policy.error && POLICY[policy.error]) ?? 'wrong';
};

/** What a bind that was accepted means. A login that a grace period allows is one. */
export const acceptedPassword = (policy: PolicyControl): PasswordAnswer =>
  policy.error === 'changeAfterReset' ? 'mustChange' : 'right';
