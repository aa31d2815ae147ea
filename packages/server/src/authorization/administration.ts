import type { Clock, Identity, Session } from '@assent/engine';
import type { Change, EngineChange, IdentityDirectory } from '@assent/engine/host';
import { isMappedVisitor } from '@assent/nodes';
import { sessionOf } from '../authentication/caller.ts';
import type { LiveSessions } from '../authentication/live-sessions.ts';
import type { Rate, RatePerKey } from '../bounds/rate-per-key.ts';
import type { WorkTurns } from '../bounds/work-turns.ts';
import { type Answer, type Call, type Handler, refuse } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import {
  type Access,
  hasDeviceFactor,
  hasFreshDeviceFactor,
  hasPrivilege,
  type Privilege,
  type Role,
  rolesOf,
  type Subject,
} from './access.ts';
import type { SharedUsers } from './shared-users.ts';

/** What it takes to know who calls. */
export interface CallerPorts {
  readonly sessions: LiveSessions;
  readonly cookies: Cookies;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
  readonly sharedUsers: Pick<SharedUsers, 'isUserOf'>;
  /** Roles count only in a session in which a second factor was used (SEC-72; design.md §3.3 "second factor"). */
  readonly adminSecondFactor: boolean;
  readonly clock: Clock;
  /** What one user may write; loops of a script that has gone wrong and a stolen session are bounded alike. */
  readonly writeRate: Pick<RatePerKey, 'take' | 'wait'>;
  /** Where reads of callers with a role wait for each other. */
  readonly workTurns: Pick<WorkTurns, 'take'>;
  /** Where reads of other users wait for each other. */
  readonly userTurns: Pick<WorkTurns, 'take'>;
}

/** Calls that write, of one user: frodo brings a realm of ten thousand nodes in less than two minutes all the same. */
export const WRITES_OF_USER: Rate = { burst: 6_000, perSecond: 50 };

export interface Caller {
  readonly session: Session;
  readonly identity: Identity;
  /** Where the call was sent: the realm that a write is about. */
  readonly realmOfCall: string;
  /**
   * None for a page of another origin, whatever its user may do: a realm lists it for users, not for those who administer.
   * None for a visitor whom a journey has mapped to a shared user: any visitor would administer.
   * None either while the second factor is missing that they need.
   */
  readonly roles: readonly Role[];
  /** What the caller gets for what the roles do not give: more than a no where all that is missing is a second factor. */
  readonly refusal: Answer;
  /** Whether roles may change something at that time: where administrators need a second factor, within five minutes of it (SEC-51, SEC-72). */
  isFreshAt(now: number): boolean;
  /** Of {@link isFreshAt} when the call came. */
  readonly isFresh: boolean;
}

export const ACCESS_DENIED: Answer = refuse(401, 'Access Denied');
export const FORBIDDEN: Answer = refuse(403, 'User is not authorized');
/** Only for callers that have a role: others do not learn that there is more to get. */
const NEEDS_SECOND_FACTOR: Answer = refuse(
  403,
  'To administer, sign in with a second factor: run the journey StepUp, or another one that asks for your phone, a code of ' +
    'your app or a recovery code. If you have none yet, connect a phone by the journey PushLogin. This server asks for it by ' +
    'ASSENT_ADMIN_SECOND_FACTOR; the guide "Who administers what" tells how programs sign in.',
  { needs: 'secondFactor' },
);
/** Only for callers whose roles let them do it. */
export const NEEDS_RECENT_FACTOR: Answer = refuse(
  403,
  'Use your second factor again, by the journey StepUp, then change things within five minutes.',
  { needs: 'recentFactor' },
);
const TOO_MANY_WRITES: Answer = refuse(429, 'You have changed too much at once. Try again later.');
export const NOT_FOUND: Answer = refuse(404, 'Not Found');

export const isAnswer = (value: object): value is Answer => 'status' in value && 'body' in value;

/**
 * Who calls, with a live session and an account in use; else 401, or 403 for an account that was switched off. This is the only way to a caller, so
 * no route can leave out what is counted here: writes, and the turns of reads (SEC-93).
 */
export const callerOf = async (call: Call, ports: CallerPorts, access?: Access): Promise<Caller | Answer> => {
  const session = await sessionOf(call, ports.cookies, ports.sessions);
  if (session === undefined) return ACCESS_DENIED;
  const identity = await ports.identities.findById(session.userId);
  if (identity?.active !== true) return FORBIDDEN;
  if (accessOf(call) === 'write') {
    // Apart by what was proven: an attacker who has the password uses up nothing of the owner who has shown a device.
    const writer = `${hasDeviceFactor(session) ? 'device' : 'password'} ${identity.id}`;
    const seconds = ports.writeRate.wait(writer);
    if (seconds > 0) return { ...TOO_MANY_WRITES, headers: { 'retry-after': String(seconds) } };
    ports.writeRate.take(writer);
  }
  const roles = call.isFromListedOrigin ? [] : rolesOf(identity);
  if (access !== 'evaluate' && accessOf(call) === 'read')
    await takeTurn(call, roles.length > 0 ? ports.workTurns : ports.userTurns, session);
  const isFreshAt = (now: number) => !ports.adminSecondFactor || hasFreshDeviceFactor(session, now);
  const caller = { session, identity, realmOfCall: call.realmPath, isFreshAt, isFresh: isFreshAt(ports.clock.now()) };
  if (roles.length > 0 && ports.adminSecondFactor && !hasDeviceFactor(session)) {
    return { ...caller, roles: [], refusal: NEEDS_SECOND_FACTOR };
  }
  return { ...caller, roles: isMappedVisitor(session) ? [] : roles, refusal: FORBIDDEN };
};

/**
 * One turn for each request, which ends with its answer. It is one of the caller's own realm: administrators of the root realm keep no other realm
 * waiting. Gateways that ask for decisions take none: what they ask is small, and they ask for every request of their users.
 */
const takeTurn = async (
  { request }: Call,
  turns: Pick<WorkTurns, 'take'>,
  { realm, userId: caller }: Session,
): Promise<void> => {
  if (request.endTurn === undefined) request.endTurn = await turns.take({ realm, caller });
};

/** The user is what was looked at, such as somebody without roles. */
export const unchanged = ({ id, rev }: Pick<Identity, 'id' | 'rev'>): Change =>
  ({ type: 'identity.unchanged', id, seenRev: rev }) satisfies EngineChange;

/** Whether the realm of a caller reaches that realm: the root realm does everywhere, another in itself alone (SEC-72). */
const reaches = ({ session }: Caller, realmPath: string): boolean =>
  session.realm === '/' || session.realm === realmPath;

export const mayDo = (caller: Caller, realmPath: string, privilege: Privilege): boolean =>
  reaches(caller, realmPath) && hasPrivilege(caller.roles, privilege);

/** Why a caller may not change what the privilege is about, at this moment; undefined where nothing is in the way. */
export const refusalOfChange = (caller: Caller, realmPath: string, privilege: Privilege): Answer | undefined => {
  if (!mayDo(caller, realmPath, privilege)) return caller.refusal;
  return caller.isFresh ? undefined : NEEDS_RECENT_FACTOR;
};

/**
 * Whether a caller may lay hands on an account with roles, or give it some: only an owner. Everybody else would be a step
 * away from rights that are not their own.
 */
export const mayChangeAdministrators = (caller: Caller, realmPath: string): boolean =>
  reaches(caller, realmPath) && caller.roles.includes('owner');

/** Whether a caller may act on an account: on one without roles anybody who got this far, on any other an owner alone. */
export const mayActOn = (caller: Caller, identity: Identity): boolean =>
  rolesOf(identity).length === 0 || mayChangeAdministrators(caller, identity.realm);

/** Actions of a POST that only tell something (spec: journeys-rest §6.3–§6.6). */
const READING_ACTIONS = new Set([
  'check',
  'evaluate',
  'getAllTypes',
  'getCreatableTypes',
  'getIds',
  'getType',
  'listOutcomes',
  'nextdescendents',
  'schema',
  'template',
  'validateTree',
]);

/** Whether a call only reads; what is not known to, does not. */
export const accessOf = ({ request, query }: Call): Access =>
  request.method === 'GET' || (request.method === 'POST' && READING_ACTIONS.has(query._action ?? ''))
    ? 'read'
    : 'write';

/** The caller, if a role lets it call; else its refusal, the same whether a thing exists or not. */
const administratorOf = async (
  call: Call,
  ports: CallerPorts,
  subject: Subject,
  access: Access = accessOf(call),
): Promise<Caller | Answer> => {
  const caller = await callerOf(call, ports, access);
  if (isAnswer(caller)) return caller;
  if (access === 'write') return refusalOfChange(caller, call.realmPath, `${subject}:write`) ?? caller;
  return mayDo(caller, call.realmPath, `${subject}:${access}`) ? caller : caller.refusal;
};

/**
 * Says of routes what they are about: a handler is reached only by callers with a role for it in the realm of the call,
 * to read or to write as the call does, or for the access that is named.
 */
export const administered =
  (ports: CallerPorts, subject: Subject, access?: Exclude<Access, 'read' | 'write'>) =>
  (handle: (call: Call, caller: Caller) => Promise<Answer>): Handler =>
  async (call) => {
    const caller = await administratorOf(call, ports, subject, access);
    return isAnswer(caller) ? caller : handle(call, caller);
  };

/**
 * Guards what is of the whole server: only administrators of the root realm reach it, at the address of that realm. Nothing is returned by one
 * that has answered by itself.
 */
export const administeredAtRoot =
  (ports: CallerPorts, subject: Subject) =>
  (handle: (call: Call, caller: Caller) => Promise<Answer | undefined>): Handler =>
  async (call) => {
    const caller = await administratorOf(call, ports, subject);
    if (isAnswer(caller)) return caller;
    if (caller.session.realm !== '/') return FORBIDDEN;
    return call.realmPath === '/' ? handle(call, caller) : NOT_FOUND;
  };
