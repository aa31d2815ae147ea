import { foldUsername, type Identity } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import type { Answer, Call } from '../http/call.ts';
import type { Privilege } from './access.ts';
import {
  type Caller,
  type CallerPorts,
  callerOf,
  isAnswer,
  mayDo,
  NOT_FOUND,
  refusalOfChange,
} from './administration.ts';

/** The user whose record a call is about, and who calls. */
export interface Account {
  readonly caller: Caller;
  readonly identity: Identity;
  /** The callers' own. */
  readonly isOwn: boolean;
}

export interface AccountPorts extends CallerPorts {
  readonly identities: Pick<IdentityDirectory, 'find' | 'findById'>;
}

/** Whether that is the caller's own name, in the caller's own realm. */
const isOwnName = ({ session }: Caller, realmPath: string, name: string): boolean =>
  session.realm === realmPath && foldUsername(session.username) === foldUsername(name);

const isOfChange = (privilege: Privilege): boolean => !privilege.endsWith(':read');

/**
 * The account of that name for a caller who is known: everybody's own, and those of others with a role for it. Without one,
 * others exist as little as nobody does (SEC-52, A125).
 */
export const accountFor = async (
  caller: Caller,
  { realmPath }: Pick<Call, 'realmPath'>,
  name: string,
  { identities }: Pick<AccountPorts, 'identities'>,
  privilege: Privilege,
): Promise<Account | Answer> => {
  const isOwn = isOwnName(caller, realmPath, name);
  const refusal = isOfChange(privilege)
    ? refusalOfChange(caller, realmPath, privilege)
    : mayDo(caller, realmPath, privilege)
      ? undefined
      : caller.refusal;
  if (!isOwn && refusal !== undefined) return refusal;
  const identity = isOwn ? caller.identity : await identities.find(realmPath, name);
  return identity === undefined ? NOT_FOUND : { caller, identity, isOwn };
};

/** The account that the address `users/:user/…` names. */
export const accountOf = async (call: Call, ports: AccountPorts, privilege: Privilege): Promise<Account | Answer> => {
  const caller = await callerOf(call, ports);
  return isAnswer(caller) ? caller : accountFor(caller, call, call.names.user ?? '', ports, privilege);
};
