import { charactersOf, mergedAttributes } from '@assent/engine/host';
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

/** How many characters those attributes have at most together, as JSON text: journeys need the rest of what a user may have. */
export const MAX_OWN_CHARACTERS = 16 * 1_024;

const ownSize = (attributes: Attributes): number =>
  charactersOf(
    Object.fromEntries(
      Object.entries(attributes).filter(([name]) => OWN_ATTRIBUTES.has(name) || PROTECTED_ATTRIBUTES.has(name)),
    ),
  );

/** Why users may not make that change of themselves; undefined where they may. A user who has more already may get less step by step. */
export const refusalOfOwnSize = (before: Attributes, change: Attributes): Answer | undefined => {
  const size = ownSize(mergedAttributes(before, change));
  if (size <= MAX_OWN_CHARACTERS || size <= ownSize(before)) return undefined;
  const what = 'The attributes that users change of themselves';
  const reason = `${what} have at most ${MAX_OWN_CHARACTERS} characters together, as JSON. Shorten or remove some of them.`;
  return badRequest(reason, Object.keys(change)[0]);
};

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
