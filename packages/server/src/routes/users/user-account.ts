import type { Clock, Identity } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { pickFields } from '@assent/wire';
import { type Account, type AccountPorts, accountOf } from '../../authorization/account.ts';
import {
  accessOf,
  type Caller,
  isAnswer,
  mayActOn,
  NOT_FOUND,
  refusalOfChange,
} from '../../authorization/administration.ts';
import { auditOfCall } from '../../authorization/audit-of-call.ts';
import type { CallerCommits } from '../../authorization/caller-commits.ts';
import { type Answer, type Call, type Handler, ok, refuse } from '../../http/call.ts';
import { etagOf } from '../../http/conditions.ts';
import type { UserRecords } from './user-record.ts';

/** The user that `users/:user` names. */
export interface UserAccount extends Account {
  /** Whether the caller may write it by a role. */
  readonly administers: boolean;
}

/** What a write to a user needs. */
export interface ChangingPorts {
  readonly commits: CallerCommits;
  readonly clock: Clock;
}

export const STALE: Answer = refuse(412, 'The user has changed meanwhile. Read it again.');

/** Handles calls about a user that exists for the caller. */
export const withUser =
  (ports: AccountPorts) =>
  (handle: (call: Call, user: UserAccount) => Promise<Answer>): Handler =>
  async (call) => {
    const account = await accountOf(call, ports, `users:${accessOf(call)}`);
    if (isAnswer(account)) return account;
    const { caller, identity } = account;
    if (!mayActOn(caller, identity)) return handle(call, { ...account, administers: false });
    const refusal = refusalOfChange(caller, call.realmPath, 'users:write');
    return refusal === undefined
      ? handle(call, { ...account, administers: true })
      : handle(call, { ...account, caller: { ...caller, refusal }, administers: false });
  };

/** The user as it is now, with a revision for the next write. */
export const userAsStored = async (
  { identities, records }: Pick<AccountPorts, 'identities'> & { readonly records: UserRecords },
  { id }: Pick<Identity, 'id'>,
  fields?: string,
): Promise<Answer> => {
  const now = await identities.findById(id);
  if (now === undefined) return NOT_FOUND;
  return ok(pickFields(await records.shownWhole(now), fields), etagOf(now.rev));
};

/** The entry of the audit trail for a write to a user, which tells who made it. */
export const auditOfUser = (
  clock: Clock,
  call: Call,
  caller: Caller,
  event: string,
  userId: string,
  detail: object = {},
): Change => auditOfCall(call, { at: clock.now(), event, userId, detail: { by: caller.session.userId, ...detail } });
