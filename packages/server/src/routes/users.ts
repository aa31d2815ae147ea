import type { Session } from '@assent/engine';
import { errorBody } from '@assent/wire';
import { ok, type Routes } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import type { LiveSessions } from '../live-sessions.ts';
import type { Settings } from '../settings.ts';
import { sessionOf } from './caller.ts';

const realmDn = (realm: string): string =>
  [
    ...realm
      .split('/')
      .filter((name) => name !== '')
      .reverse()
      .map((name) => `o=${name}`),
    'ou=services',
    'ou=am-config',
  ].join(',');

/** AM's name for a user (spec: journeys-rest §5.6). */
export const universalId = ({ username, realm }: Pick<Session, 'username' | 'realm'>): string =>
  username === 'amadmin' && realm === '/'
    ? 'id=amadmin,ou=user,ou=am-config'
    : `id=${username},ou=user,${realmDn(realm)}`;

/** `POST users?_action=idFromSession` (spec: journeys-rest §2.4). */
export const usersRoutes = (options: {
  readonly sessions: LiveSessions;
  readonly cookies: Cookies;
  readonly settings: Pick<Settings, 'contextPath'>;
}): Routes => ({
  'POST users': async (call) => {
    if (call.query._action !== 'idFromSession') {
      return { status: 501, body: errorBody(501, 'Action not supported: this server answers to idFromSession.') };
    }
    const session = await sessionOf(call, options.cookies, options.sessions);
    if (session === undefined) return { status: 401, body: errorBody(401, 'Access Denied') };
    const context = options.settings.contextPath;
    return ok({
      id: session.username,
      realm: session.realm,
      dn: universalId(session),
      successURL: call.realm?.successUrl ?? `${context}/console`,
      fullLoginURL: `${context}/login?realm=${encodeURIComponent(session.realm)}`,
    });
  },
});
