import type { HttpConnection } from './http-connection.ts';
import { type Addresses, OAuthClient } from './oauth-client.ts';

/** The addresses of `oidc-provider`. */
export const THEIRS: Addresses = { authorize: '/auth', token: '/token', userinfo: '/me' };

/** Comes to the login page of `oidc-provider` once, and keeps the session of it. */
export const signInAtLibrary = async (connection: HttpConnection): Promise<string> => {
  const jar = new Map<string, string>();
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  let path = OAuthClient.requestAt(THEIRS);
  while (path.startsWith('/')) {
    const reply = await connection.send({ method: 'GET', path, headers: `cookie: ${cookies()}\r\n` });
    for (const [, name = '', value = ''] of reply.head.matchAll(/\r\nset-cookie: ([^=]+)=([^;\r]*)/gi)) {
      jar.set(name, value);
    }
    path = OAuthClient.locationOf(reply).replace(/^http:\/\/localhost:\d+/, '');
  }
  return [...jar].flatMap(([name, value]) => (name.startsWith('_session') ? `${name}=${value}` : [])).join('; ');
};
