import { expect, test } from 'vitest';
import { PolicyControl } from '../connection/policy-control.ts';
import { acceptedPassword, refusedPassword } from './password-answers.ts';

/** The form in which Active Directory gives its reasons. */
const said = (data: string) =>
  `80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data ${data}, v4563`;

const policy = (error?: PolicyControl['error']) => Object.assign(new PolicyControl(), { error });

test.each([
  ['525', 'wrong'],
  ['52e', 'wrong'],
  ['52E', 'wrong'],
  ['530', 'wrong'],
  ['531', 'wrong'],
  ['532', 'expired'],
  ['533', 'locked'],
  ['701', 'locked'],
  ['773', 'mustChange'],
  ['775', 'locked'],
  ['0', 'wrong'],
  ['7730', 'wrong'],
  ['constructor', 'wrong'],
])('code 49 of Active Directory with data %s is %s (OPS-76)', (data, answer) => {
  expect(refusedPassword(49, said(data), policy())).toBe(answer);
});

test.each([
  [undefined, 'wrong'],
  ['passwordExpired', 'expired'],
  ['accountLocked', 'locked'],
  ['changeAfterReset', 'wrong'],
] as const)('code 49 with %s of a password policy is %s (OPS-76)', (error, answer) => {
  expect(refusedPassword(49, '', policy(error))).toBe(answer);
});

test.each([32, 34, 48, 50, 53])('code %i proves nothing, whatever is said with it', (code) => {
  expect(refusedPassword(code, said('773'), policy('passwordExpired'))).toBe('wrong');
});

test('a password that was reset has to be changed first; a grace login is one', () => {
  expect(acceptedPassword(policy('changeAfterReset'))).toBe('mustChange');
  expect(acceptedPassword(policy())).toBe('right');
});
