import { foldUsername, type PasswordHasher } from '@assent/engine';
import {
  type Change,
  changedAddresses,
  type IdentityDirectory,
  notedAddressChanges,
  type PasswordList,
} from '@assent/engine/host';
import type { DirectoryWrites } from '@assent/ldap';
import { parseUser } from '@assent/wire';
import { journeyRequest } from '../../authentication/caller.ts';
import type { KnownBrowsers } from '../../authentication/known-browsers.ts';
import type { PasswordCheck } from '../../authentication/password-check.ts';
import { hasFreshDeviceFactor, isOwner, ROLES } from '../../authorization/access.ts';
import { type OwnAccountPorts, refusalOfOwnAccount } from '../../authorization/account-step-up.ts';
import { isAnswer } from '../../authorization/administration.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { reasonOf } from '../../authorization/reason.ts';
import { type Answer, badRequest, type Call, header, refuse } from '../../http/call.ts';
import { meetsConditions } from '../../http/conditions.ts';
import {
  doneInDirectory,
  keptApart,
  OWN_ATTRIBUTES,
  PROTECTED_ATTRIBUTES,
  refusalOfOwnSize,
  refusalOfRoles,
} from './attribute-rules.ts';
import { laneOf, refusedPassword } from './new-password.ts';
import { auditOfUser, STALE, type UserAccount, userAsStored } from './user-account.ts';
import type { UserRecords } from './user-record.ts';

export interface UpdateUserOptions extends OwnAccountPorts {
  readonly identities: IdentityDirectory;
  readonly directoryWrites: Pick<DirectoryWrites, 'refusalOf'>;
  readonly records: UserRecords;
  readonly commits: CallerCommits;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly checkPassword: PasswordCheck;
  readonly browsers: KnownBrowsers;
  readonly commonPasswords: PasswordList;
}

/** `PUT users/:user`: users change some of themselves, and who administers changes the rest. */
export const updateUser = (options: UpdateUserOptions) => {
  const { commits, clock, records } = options;

  /** Why the caller may not change attributes of these names; undefined where the caller may. */
  const refusalOfChange = async (
    call: Call,
    { administers, caller, identity }: UserAccount,
    names: readonly string[],
  ): Promise<Answer | undefined> => {
    if (administers) return undefined;
    if (!names.every((name) => OWN_ATTRIBUTES.has(name) || PROTECTED_ATTRIBUTES.has(name))) return caller.refusal;
    if (names.every((name) => OWN_ATTRIBUTES.has(name))) return undefined;
    const withoutFactor = await refusalOfOwnAccount(caller, options, 'recent');
    if (withoutFactor !== undefined) return withoutFactor;
    const current = header(call.request, 'currentpassword');
    if (current === undefined) return caller.refusal;
    const request = journeyRequest(call, caller.session, options.browsers);
    const isRight = await options.checkPassword(call.realm, request, identity.username, current);
    return isRight ? undefined : caller.refusal;
  };

  return async (call: Call, it: UserAccount): Promise<Answer> => {
    const { identity, caller } = it;
    if (!it.isOwn && !it.administers) return caller.refusal;
    const parsed = parseUser(call.body);
    if ('reason' in parsed) return badRequest(parsed.reason, parsed.field);
    if (!meetsConditions(call, String(identity.rev))) return STALE;
    const { username, password, active } = parsed.change;
    if (username !== undefined && foldUsername(username) !== foldUsername(identity.username)) {
      return badRequest('A user cannot be renamed.', 'username');
    }
    const attributes = await records.differing(identity, parsed.change.attributes);
    const ofDevices = Object.keys(attributes).find((name) => records.isKeptApart(call.realmPath, name));
    if (ofDevices !== undefined) return badRequest(keptApart(ofDevices), ofDevices);
    if (identity.entryId !== undefined) {
      if (password !== undefined) return doneInDirectory('The password of this user is set');
      const kept = options.directoryWrites.refusalOf(identity.realm, Object.keys(attributes));
      if (kept !== undefined) return refuse(403, kept);
    }
    const changesActive = active !== undefined && active !== identity.active;
    if (!it.administers && (password !== undefined || changesActive)) return caller.refusal;
    const notAllowed = await refusalOfChange(call, it, Object.keys(attributes));
    if (notAllowed !== undefined) return notAllowed;
    const tooLarge = it.administers ? undefined : refusalOfOwnSize(identity.attributes, attributes);
    if (tooLarge !== undefined) return tooLarge;
    const refusal = refusalOfRoles(call, caller, attributes);
    if (refusal !== undefined) return refusal;
    const losesRole = isOwner(identity) && attributes[ROLES] !== undefined && !attributes[ROLES].includes('owner');
    if (identity.id === caller.identity.id && (losesRole || (changesActive && !active))) {
      return badRequest('You cannot take your own account out of use.', losesRole ? ROLES : 'inetUserStatus');
    }
    if (password !== undefined) {
      const owner = { username: identity.username, attributes: { ...identity.attributes, ...attributes } };
      const refused = await refusedPassword(call.realm, password, owner, options.commonPasswords);
      if (refused !== undefined) return refused;
    }

    const names = Object.keys(attributes);
    if (names.length === 0 && password === undefined && !changesActive)
      return userAsStored(options, identity, call.query._fields);
    const reason = it.isOwn ? {} : reasonOf(call, 'where the realm asks');
    if (isAnswer(reason)) return reason;
    const at = clock.now();
    const setsOwnAddress = it.isOwn && changedAddresses(identity.attributes, attributes).length > 0;
    const isVouched = !it.isOwn || hasFreshDeviceFactor(caller.session, at);
    const noted = notedAddressChanges(identity.attributes, attributes, { at, isVouched, isClaimed: it.isOwn });
    const changes: Change[] = [
      // Also where no attribute changes: it makes sure that the user is still the one that was looked at.
      { type: 'identity.attributes', id: identity.id, seenRev: identity.rev, attributes: { ...attributes, ...noted } },
      // What the old password has opened is over (SEC-61).
      ...(password === undefined
        ? []
        : [
            {
              type: 'identity.password',
              id: identity.id,
              hash: await options.hasher.hash(password, laneOf(call, caller)),
            },
            { type: 'identity.endAccess', id: identity.id },
          ]),
      ...(changesActive ? [{ type: 'identity.active', id: identity.id, active }] : []),
      auditOfUser(clock, call, caller, setsOwnAddress ? 'USER_ADDRESS_SET' : 'USER_UPDATE', identity.id, {
        attributes: names.join(','),
        password: password !== undefined,
        ...(changesActive && { active }),
        ...(attributes[ROLES] !== undefined && { roles: attributes[ROLES].join(',') }),
        ...reason,
      }),
    ];
    const result = await (it.isOwn && !it.administers
      ? commits.ofProfile(caller, changes)
      : commits.byRole(caller, changes));
    return result.committed ? userAsStored(options, identity, call.query._fields) : refusedWrite(result, STALE);
  };
};
