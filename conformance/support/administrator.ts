import { realmPath } from './realm-path.ts';
import { type Send, sendByFetch, type WireAnswer } from './wire.ts';

export interface Administered {
  readonly am: string;
  readonly administrator: { readonly name: string; readonly password: string };
  /** Over HTTP where absent. */
  readonly send?: Send;
}

/** Sends a request below `{am}` in the name of the administrator. */
export type AsAdministrator = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<WireAnswer>;

/** Signs the administrator in, once for many requests. */
export const signInAdministrator = async ({
  am,
  administrator,
  send = sendByFetch,
}: Administered): Promise<AsAdministrator> => {
  const signedIn = await send({
    method: 'POST',
    url: `${am}${realmPath('/')}/authenticate`,
    headers: {
      'accept-api-version': 'protocol=1.0,resource=2.1',
      'x-openam-username': administrator.name,
      'x-openam-password': administrator.password,
    },
    body: {},
  });
  if (signedIn.status !== 200)
    throw new Error(`The administrator was refused with ${signedIn.status}: ${JSON.stringify(signedIn.body)}`);
  const headers = {
    'accept-api-version': 'resource=1.0',
    iPlanetDirectoryPro: String(signedIn.body.tokenId),
    // To change what somebody signs in with needs one (SEC-54).
    'x-assent-reason': 'case 1',
  };
  return (method, path, body) => send({ method, url: `${am}${path}`, headers, body });
};

/** Sends one request in the name of the administrator, by a session of its own: moved clocks end sessions. */
export const asAdministrator = async (
  server: Administered,
  ...request: Parameters<AsAdministrator>
): Promise<WireAnswer> => (await signInAdministrator(server))(...request);

/** Replaces the list of origins whose pages may call a realm. */
export const allowOrigins = async (server: Administered, origins: readonly string[], realm = '/'): Promise<void> => {
  const path = `${realmPath(realm)}/realm-config/services/assent`;
  const { status, body } = await asAdministrator(server, 'PUT', path, { corsOrigins: origins });
  if (status !== 200) throw new Error(`The origins were refused with ${status}: ${JSON.stringify(body)}`);
};
