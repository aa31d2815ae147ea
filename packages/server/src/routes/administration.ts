import type { Identity, IdentityDirectory, Session } from '@assent/engine';
import { errorBody } from '@assent/wire';
import type { Answer, Call, Handler } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import type { LiveSessions } from '../live-sessions.ts';
import { isAdministrator } from './access.ts';
import { sessionOf } from './caller.ts';

/** What it takes to know who calls. */
export interface CallerPorts {
  readonly sessions: LiveSessions;
  readonly cookies: Cookies;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
}

export interface Caller {
  readonly session: Session;
  readonly identity: Identity;
}

export const ACCESS_DENIED: Answer = { status: 401, body: errorBody(401, 'Access Denied') };
export const FORBIDDEN: Answer = { status: 403, body: errorBody(403, 'User is not authorized') };
export const NOT_FOUND: Answer = { status: 404, body: errorBody(404, 'Not Found') };

export const isAnswer = (value: object): value is Answer => 'status' in value && 'body' in value;

/** Who calls, with a live session and an account in use; else 401, or 403 for an account that was switched off. */
export const callerOf = async (call: Call, ports: CallerPorts): Promise<Caller | Answer> => {
  const session = await sessionOf(call, ports.cookies, ports.sessions);
  if (session === undefined) return ACCESS_DENIED;
  const identity = await ports.identities.findById(session.userId);
  return identity?.active === true ? { session, identity } : FORBIDDEN;
};

/** True for an administrator of the root realm everywhere, and for one of another realm in that realm alone (SEC-72). */
export const mayAdminister = ({ session, identity }: Caller, realmPath: string): boolean =>
  isAdministrator(identity) && (session.realm === '/' || session.realm === realmPath);

/** The administrator who calls, of the realm of the call; else the refusal, the same whether a thing exists or not. */
export const administratorOf = async (call: Call, ports: CallerPorts): Promise<Caller | Answer> => {
  const caller = await callerOf(call, ports);
  if (isAnswer(caller)) return caller;
  return mayAdminister(caller, call.realmPath) ? caller : FORBIDDEN;
};

/** A handler that only administrators of the realm of the call reach; a realm that does not exist is not found. */
export const administered =
  (ports: CallerPorts) =>
  (handle: (call: Call, caller: Caller) => Promise<Answer>): Handler =>
  async (call) => {
    const caller = await administratorOf(call, ports);
    if (isAnswer(caller)) return caller;
    return call.realm === undefined ? NOT_FOUND : handle(call, caller);
  };
