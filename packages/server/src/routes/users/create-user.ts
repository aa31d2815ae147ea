import { type Clock, type PasswordHasher, type Random, UNADDRESSABLE } from '@assent/engine';
import { type Change, creationAttributes, type IdentityDirectory, type PasswordList } from '@assent/engine/host';
import type { DirectoryWrites } from '@assent/ldap';
import { parseUser } from '@assent/wire';
import { newUsernameProblem } from '../../authentication/user-rules.ts';
import { ROLES } from '../../authorization/access.ts';
import { type CallerPorts, callerOf, isAnswer, refusalOfChange } from '../../authorization/administration.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { type Answer, badRequest, type Call, refuse } from '../../http/call.ts';
import type { Settings } from '../../settings/settings.ts';
import { doneInDirectory, keptApart, refusalOfRoles } from './attribute-rules.ts';
import { laneOf, refusedPassword } from './new-password.ts';
import { auditOfUser, STALE, userAsStored } from './user-account.ts';
import { COMPUTED_ATTRIBUTES, type UserRecords } from './user-record.ts';

export interface CreateUserOptions extends CallerPorts {
  readonly directoryWrites: Pick<DirectoryWrites, 'makesUsersOf'>;
  readonly settings: Pick<Settings, 'contextPath'>;
  readonly identities: IdentityDirectory;
  readonly records: UserRecords;
  readonly commits: CallerCommits;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly commonPasswords: PasswordList;
  readonly clock: Clock;
  readonly random: Random;
}

/** `POST users?_action=create`, for those with a role to write users. */
export const createUser =
  (options: CreateUserOptions) =>
  async (call: Call): Promise<Answer> => {
    const { identities, commits, clock, records } = options;
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    const notNow = refusalOfChange(caller, call.realmPath, 'users:write');
    if (notNow !== undefined) return notNow;
    if (options.directoryWrites.makesUsersOf(call.realmPath)) return doneInDirectory('Users are made');
    const parsed = parseUser(call.body);
    if ('reason' in parsed) return badRequest(parsed.reason, parsed.field);
    const { username, password, active, attributes } = parsed.change;
    if (username === undefined) return badRequest('username is required.', 'username');
    const nameProblem = newUsernameProblem(username);
    if (nameProblem !== undefined) return badRequest(nameProblem, 'username');
    if (UNADDRESSABLE.test(username)) return badRequest('A user name cannot have / \\ ; or %.', 'username');
    const refused =
      password !== undefined &&
      (await refusedPassword(call.realm, password, { username, attributes }, options.commonPasswords));
    if (refused) return refused;
    const own = Object.keys(attributes).find((name) => records.isKeptApart(call.realmPath, name));
    if (own !== undefined) return badRequest(keptApart(own), own);
    const refusal = refusalOfRoles(call, caller, attributes);
    if (refusal !== undefined) return refusal;
    const conflict: Answer = refuse(409, 'There is a user of that name in this realm.');
    if ((await identities.find(call.realmPath, username)) !== undefined) return conflict;

    const id = options.random.uuid();
    const hash = password === undefined ? undefined : await options.hasher.hash(password, laneOf(call, caller));
    const kept = Object.fromEntries(
      Object.entries(attributes).filter(([name, values]) => values.length > 0 && !COMPUTED_ATTRIBUTES.has(name)),
    );
    const made = { ...kept, ...creationAttributes(clock.now()) };
    const changes: Change[] = [
      { type: 'identity.insert', id, realm: call.realmPath, username, attributes: made, ...(hash && { hash }) },
      ...(active === false ? [{ type: 'identity.active', id, active }] : []),
      auditOfUser(clock, call, caller, 'USER_CREATE', id, kept[ROLES] && { roles: kept[ROLES].join(',') }),
    ];
    const result = await commits.byRole(caller, changes);
    if (!result.committed) return result.refused === 'identity.insert' ? conflict : refusedWrite(result, STALE);
    const { status: _status, ...answer } = await userAsStored(options, { id }, call.query._fields);
    const location = `${options.settings.contextPath}/json${call.realmPath === '/' ? '' : call.realmPath}/users/${encodeURIComponent(username)}`;
    return { ...answer, status: 201, headers: { ...answer.headers, location } };
  };
