import type { Clock } from '@assent/engine';
import type { Change, IdentityDirectory } from '@assent/engine/host';
import type { DirectoryWrites } from '@assent/ldap';
import { isAnswer, NOT_FOUND, unchanged } from '../../authorization/administration.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { reasonOf } from '../../authorization/reason.ts';
import { type Answer, badRequest, type Call, ok } from '../../http/call.ts';
import { matches } from '../../http/conditions.ts';
import { doneInDirectory } from './attribute-rules.ts';
import { auditOfUser, STALE, type UserAccount } from './user-account.ts';
import type { UserRecords } from './user-record.ts';

export interface DeleteUserOptions {
  readonly identities: Pick<IdentityDirectory, 'findById'>;
  readonly directoryWrites: Pick<DirectoryWrites, 'makesUsersOf'>;
  readonly records: UserRecords;
  readonly commits: CallerCommits;
  readonly clock: Clock;
}

/** `DELETE users/:user`, for those who administer users; nobody takes their own account away. */
export const deleteUser =
  ({ identities, directoryWrites, commits, clock, records }: DeleteUserOptions) =>
  async (call: Call, { identity, caller, administers }: UserAccount): Promise<Answer> => {
    if (!administers) return caller.refusal;
    if (identity.id === caller.identity.id) return badRequest('You cannot delete your own account.');
    if (identity.entryId !== undefined && directoryWrites.makesUsersOf(identity.realm)) {
      return doneInDirectory('This user is deleted');
    }
    if (!matches(call, identity.rev)) return STALE;
    const reason = reasonOf(call, 'where the realm asks');
    if (isAnswer(reason)) return reason;
    const changes: Change[] = [
      unchanged(identity),
      { type: 'identity.delete', id: identity.id },
      auditOfUser(clock, call, caller, 'USER_DELETE', identity.id, reason),
    ];
    const result = await commits.byRole(caller, changes);
    if (result.committed) return ok(records.shown(identity));
    const isGone = (await identities.findById(identity.id)) === undefined;
    return refusedWrite(result, isGone ? NOT_FOUND : STALE);
  };
