import { foldUsername, type Identity } from '@assent/engine';
import type { IdentityDirectory } from '@assent/engine/host';
import { usernameIn } from '@assent/nodes';
import { type Answer, type Call, refuse } from '../http/call.ts';
import type { Privilege } from './access.ts';
import {
  type Caller,
  type CallerPorts,
  callerOf,
  FORBIDDEN,
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

/** How tokens name a user where the realm has AM's form of a subject. */
const AM_SUBJECT = /^\(usr!(.+)\)$/s;

/**
 * The username in what a path says of a user, where it says more than that. AM's clients write a user in several ways: by name, by universal id, or
 * by the `sub` of a token.
 */
const usernameOf = (named: string, realmPath: string): string =>
  usernameIn(named, realmPath) ?? AM_SUBJECT.exec(named)?.[1] ?? named;

/** Whether that is the caller's own name or id, in the caller's own realm. */
const isOwnName = ({ session }: Caller, realmPath: string, named: string): boolean => {
  const isName = (name: string) => foldUsername(session.username) === foldUsername(name);
  return (
    session.realm === realmPath && (isName(named) || session.userId === named || isName(usernameOf(named, realmPath)))
  );
};

const SEVERAL: Answer = refuse(
  409,
  'That is the name of one user and means another as an id or a subject. Name the user that you mean by the other one of the two.',
);

/**
 * The user of the realm that a path means: by name, by the name inside a subject or a universal id, or by id. None of them goes before
 * another, or a user with the id of another as a name would be changed in that user's place.
 */
const userOfPath = async (
  identities: AccountPorts['identities'],
  realmPath: string,
  named: string,
): Promise<Identity | Answer> => {
  const name = usernameOf(named, realmPath);
  const byId = await identities.findById(named);
  const found = [
    await identities.find(realmPath, named),
    name === named ? undefined : await identities.find(realmPath, name),
    byId?.realm === realmPath ? byId : undefined,
  ].filter((it) => it !== undefined);
  const [identity = NOT_FOUND] = found;
  return new Set(found.map(({ id }) => id)).size > 1 ? SEVERAL : identity;
};

/** For a visitor who asks for the account of the user that all visitors share. */
const OWNS_NO_ACCOUNT: Answer = refuse(
  403,
  'This session has no account: all visitors of the realm share its user. Sign in with an account of your own.',
  { needs: 'account' },
);

/** What the session of a shared user gets in the place of the account: no more than a role gives. */
const refusalOfShared = (refusal: Answer): Answer => (refusal === FORBIDDEN ? OWNS_NO_ACCOUNT : refusal);

/**
 * The account that the caller's session owns. The session of a shared user owns none, or each visitor could read and change what belongs to the others. This is the
 * only place that decides whose account a session owns.
 */
export const ownAccountOf = (caller: Caller, { sharedUsers }: Pick<AccountPorts, 'sharedUsers'>): Account | Answer =>
  sharedUsers.isUserOf(caller.session)
    ? refusalOfShared(caller.refusal)
    : { caller, identity: caller.identity, isOwn: true };

const isOfChange = (privilege: Privilege): boolean => !privilege.endsWith(':read');

/**
 * The account that a path or a body names for a caller who is known: everybody's own, and those of others with a role for it. Without one,
 * others exist as little as nobody does (SEC-52, A125).
 */
export const accountFor = async (
  caller: Caller,
  { realmPath }: Pick<Call, 'realmPath'>,
  name: string,
  { identities, sharedUsers }: Pick<AccountPorts, 'identities' | 'sharedUsers'>,
  privilege: Privilege,
): Promise<Account | Answer> => {
  const own = isOwnName(caller, realmPath, name) ? ownAccountOf(caller, { sharedUsers }) : undefined;
  if (own !== undefined && !isAnswer(own)) return own;
  const refusal = isOfChange(privilege)
    ? refusalOfChange(caller, realmPath, privilege)
    : mayDo(caller, realmPath, privilege)
      ? undefined
      : caller.refusal;
  if (refusal !== undefined) return own === undefined ? refusal : refusalOfShared(refusal);
  const identity = await userOfPath(identities, realmPath, name);
  return isAnswer(identity) ? identity : { caller, identity, isOwn: false };
};

/** The account that the address `users/:user/…` names. */
export const accountOf = async (call: Call, ports: AccountPorts, privilege: Privilege): Promise<Account | Answer> => {
  const caller = await callerOf(call, ports);
  return isAnswer(caller) ? caller : accountFor(caller, call, call.names.user ?? '', ports, privilege);
};
