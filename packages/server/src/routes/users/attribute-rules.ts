import type { Attributes } from '@assent/wire';
import { isRole, ROLE_NAMES, ROLES } from '../../authorization/access.ts';
import { type Caller, mayChangeAdministrators } from '../../authorization/administration.ts';
import { type Answer, badRequest, type Call, refuse } from '../../http/call.ts';

/** What users may change of themselves, and what of it only with the current password: codes are sent there. */
export const OWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  'givenName',
  'sn',
  'cn',
  'preferredLocale',
  'preferredlanguage',
]);
export const PROTECTED_ATTRIBUTES: ReadonlySet<string> = new Set(['mail', 'telephoneNumber']);

/** What a client hears that writes an attribute which the device resources or journeys write. */
export const keptApart = (name: string): string =>
  `${name} cannot be written here: the device resources or journeys write it, by their own rules.`;

/** What a client hears of what is done in the directory of the realm, and there alone (OPS-77). */
export const doneInDirectory = (what: string): Answer =>
  refuse(501, `${what} in the directory of the realm, which the service "ldap" names; here that cannot be done.`);

/** Why the caller may not give those roles to somebody; undefined where none are given or taken. */
export const refusalOfRoles = (call: Call, caller: Caller, { [ROLES]: roles }: Attributes): Answer | undefined => {
  if (roles === undefined) return undefined;
  if (!mayChangeAdministrators(caller, call.realmPath)) return caller.refusal;
  const unknown = roles.find((role) => !isRole(role));
  return unknown === undefined
    ? undefined
    : badRequest(`There is no role ${unknown.slice(0, 64)}; known are ${ROLE_NAMES.join(', ')}.`, ROLES);
};
