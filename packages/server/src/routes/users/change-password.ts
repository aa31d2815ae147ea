import type { Identity, JourneyRequest, PasswordHasher, RealmSettings } from '@assent/engine';
import { type Change, JourneyUnitOfWork, type PasswordKeeper, type PasswordList, Turns } from '@assent/engine/host';
import { isJsonObject } from '@assent/wire';
import { journeyRequest } from '../../authentication/caller.ts';
import type { KnownBrowsers } from '../../authentication/known-browsers.ts';
import type { PasswordCheck } from '../../authentication/password-check.ts';
import { type OwnAccountPorts, refusalOfOwnAccount } from '../../authorization/account-step-up.ts';
import { FORBIDDEN } from '../../authorization/administration.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { type Answer, badRequest, type Call, ok, refuse } from '../../http/call.ts';
import { laneOf, refusedPassword } from './new-password.ts';
import { auditOfUser, STALE, type UserAccount } from './user-account.ts';

export interface ChangePasswordOptions extends OwnAccountPorts {
  readonly commits: CallerCommits;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly checkPassword: PasswordCheck;
  readonly keeper: Pick<PasswordKeeper, 'replace'>;
  readonly browsers: KnownBrowsers;
  readonly commonPasswords: PasswordList;
}

const NOT_TAKEN =
  'The directory of the realm does not take this password: its policy, or passwordWrites of the service "ldap", does not allow it.';

/** Written to the directory before the commit, once the rules of the realm were asked; nothing of the unit of work is committed but what is returned. */
const replacedInDirectory = (
  keeper: Pick<PasswordKeeper, 'replace'>,
  given: {
    readonly realm: RealmSettings;
    readonly request: JourneyRequest;
    readonly identity: Identity;
    readonly current: string;
    readonly next: string;
  },
): ReturnType<PasswordKeeper['replace']> => {
  const nothing = { commit: async () => ({ committed: false as const, refused: 'nothing' }) };
  const unit = new JourneyUnitOfWork(given.realm, '', given.request, nothing, new Turns());
  return keeper.replace(unit, given.identity, given.next, { current: given.current, isAllowed: async () => true });
};

/**
 * The owner proves the current password and, where there is one, a recent second factor; all other sessions end, this one goes on (SEC-61). It is committed for the
 * credentials that were proven alone: a reset, a lock or a logout that happens meanwhile stands.
 */
export const changePassword =
  (options: ChangePasswordOptions) =>
  async (call: Call, { identity, caller, isOwn }: UserAccount): Promise<Answer> => {
    const { commits, clock } = options;
    if (!isOwn) return FORBIDDEN;
    const withoutFactor = await refusalOfOwnAccount(caller, options, 'recent');
    if (withoutFactor !== undefined) return withoutFactor;
    const body = isJsonObject(call.body) ? call.body : {};
    const { currentpassword: current, userpassword: next } = body;
    if (typeof current !== 'string' || typeof next !== 'string') {
      return badRequest('The body needs currentpassword and userpassword.');
    }
    const refused = await refusedPassword(call.realm, next, identity, options.commonPasswords);
    if (refused !== undefined) return refused;
    const request = journeyRequest(call, caller.session, options.browsers);
    if (!(await options.checkPassword(call.realm, request, identity.username, current))) {
      return badRequest('The current password is not right.', 'currentpassword');
    }
    const { id, credentialRev } = identity;
    const change =
      identity.entryId === undefined
        ? {
            type: 'identity.password',
            id,
            hash: await options.hasher.hash(next, laneOf(call, caller)),
            seenCredentialRev: credentialRev,
          }
        : await replacedInDirectory(options.keeper, { realm: call.realm, request, identity, current, next });
    if (change === 'same') return ok({});
    if (change === 'refused') return refuse(403, NOT_TAKEN);
    const changes: Change[] = [
      change,
      { type: 'session.endOthersOf', userId: id, tokenHash: caller.session.tokenHash },
      { type: 'push.closeUser', userId: id, reason: 'account' },
      auditOfUser(clock, call, caller, 'USER_PASSWORD_SET', id),
    ];
    const result = await commits.ofAccount(caller, changes);
    return result.committed ? ok({}) : refusedWrite(result, STALE);
  };
