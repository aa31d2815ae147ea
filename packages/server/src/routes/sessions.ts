import type { Clock, Configuration, IdentityDirectory, Session } from '@assent/engine';
import { PERSISTENT_COOKIE_PROPERTY, universalIdOf } from '@assent/nodes';
import { errorBody, isJsonObject } from '@assent/wire';
import { type Answer, type Call, ok, type Routes } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import type { LiveSessions } from '../live-sessions.ts';
import { isOwner } from './access.ts';
import { tokenOf } from './caller.ts';

export interface SessionsRoutesOptions {
  readonly sessions: LiveSessions;
  readonly cookies: Cookies;
  readonly clock: Clock;
  readonly configuration: Configuration;
  readonly identities: IdentityDirectory;
}

const time = (millis: number): string => new Date(millis).toISOString().replace(/\.\d+Z$/, 'Z');

const sessionInfo = (session: Session) => ({
  username: session.username,
  universalId: universalIdOf(session),
  realm: session.realm,
  latestAccessTime: time(session.lastUsedAt),
  maxIdleExpirationTime: time(Math.min(session.lastUsedAt + session.maxIdleMillis, session.maxExpiresAt)),
  maxSessionExpirationTime: time(session.maxExpiresAt),
  properties: session.properties,
});

const ACCESS_DENIED: Answer = { status: 401, body: errorBody(401, 'Access Denied') };

/** `POST sessions?_action=…` (spec: journeys-rest §2.3). */
export const sessionsRoutes = ({ sessions, cookies, clock, identities }: SessionsRoutesOptions): Routes => {
  const tokenIn = (call: Call): string | undefined => {
    const inBody = isJsonObject(call.body) ? call.body.tokenId : undefined;
    return typeof inBody === 'string' && inBody !== '' ? inBody : tokenOf(call.request, cookies);
  };

  /** A session is told of in its own realm, and to administrators of the root realm everywhere. */
  const visible = async (call: Call, session: Session | undefined): Promise<Session | undefined> => {
    if (session === undefined || session.realm === call.realmPath) return session;
    const mayReach = session.realm === '/' && !call.isFromListedOrigin;
    const identity = mayReach ? await identities.findById(session.userId) : undefined;
    return identity !== undefined && isOwner(identity) ? session : undefined;
  };

  const logout = async (call: Call, token: string): Promise<Answer> => {
    const session = await visible(call, await sessions.find(token, { peek: true }));
    const expire = { 'set-cookie': [cookies.endSession()] };
    if (session === undefined) return ok({ result: 'Token has expired' }, expire);
    await sessions.end(session, call.transactionId);
    return ok(
      { result: 'Successfully logged out' },
      { 'set-cookie': [...expire['set-cookie'], ...persistent(session)] },
    );
  };

  /** A cookie that signs the browser in by itself would undo the sign-out: it goes, too. */
  const persistent = ({ properties }: Session): readonly string[] =>
    Object.entries(properties)
      .filter(([property]) => property.startsWith(PERSISTENT_COOKIE_PROPERTY))
      .map(([, name]) =>
        cookies.ofJourney({ name, value: '', maxAgeSeconds: 0, path: '/', secure: true, httpOnly: true }),
      );

  const actions: Readonly<Record<string, (call: Call, token: string) => Promise<Answer>>> = {
    logout,
    getSessionInfo: async (call, token) => {
      const session = await visible(call, await sessions.find(token));
      return session === undefined ? ACCESS_DENIED : ok(sessionInfo(session));
    },
    getSessionProperties: async (call, token) => {
      const session = await visible(call, await sessions.find(token, { peek: true }));
      return session === undefined ? ACCESS_DENIED : ok(session.properties);
    },
    validate: async (call, token) => {
      const session = await visible(call, await sessions.find(token));
      return session === undefined
        ? ok({ valid: false })
        : ok({ valid: true, sessionUid: session.handle, uid: session.username, realm: session.realm });
    },
    refresh: async (call, token) => {
      const session = await visible(call, await sessions.find(token));
      return session === undefined
        ? ok({ uid: '', realm: '', idletime: 0, maxidletime: 0, maxsessiontime: 0, maxtime: 0 })
        : ok({
            uid: session.username,
            realm: session.realm,
            idletime: Math.floor((clock.now() - session.lastUsedAt) / 1000),
            maxidletime: session.maxIdleMillis / 60_000,
            maxsessiontime: Math.round((session.maxExpiresAt - session.createdAt) / 60_000),
            maxtime: Math.max(0, Math.floor((session.maxExpiresAt - clock.now()) / 1000)),
          });
    },
  };

  return {
    'POST sessions': async (call) => {
      const name = call.query._action ?? '';
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined)
        return { status: 400, body: errorBody(400, 'Action not supported: name one in _action.') };
      const token = tokenIn(call);
      if (token === undefined)
        return { status: 400, body: errorBody(400, 'iPlanetDirectoryCookie not set on request') };
      return action(call, token);
    },
  };
};
