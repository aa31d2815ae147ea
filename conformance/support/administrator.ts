import { sendByFetch, type WireAnswer } from './wire.ts';

export interface Administered {
  readonly am: string;
  readonly administrator: { readonly name: string; readonly password: string };
}

/** Sends a request under `{am}/json/realms/root` in the name of the administrator, by a session of its own. */
export const asAdministrator = async (
  { am, administrator }: Administered,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<WireAnswer> => {
  const root = `${am}/json/realms/root`;
  const signedIn = await sendByFetch({
    method: 'POST',
    url: `${root}/authenticate`,
    headers: {
      'accept-api-version': 'protocol=1.0,resource=2.1',
      'x-openam-username': administrator.name,
      'x-openam-password': administrator.password,
    },
    body: {},
  });
  const headers = { 'accept-api-version': 'resource=1.0', iPlanetDirectoryPro: String(signedIn.body.tokenId) };
  return sendByFetch({ method, url: `${root}/${path}`, headers, body });
};

/** Replaces the list of origins whose pages may call a realm; the realm is named as in a path, such as `realms/alpha/`. */
export const allowOrigins = async (server: Administered, origins: readonly string[], realm = ''): Promise<void> => {
  const path = `${realm}realm-config/services/assent`;
  const { status, body } = await asAdministrator(server, 'PUT', path, { corsOrigins: origins });
  if (status !== 200) throw new Error(`The origins were refused with ${status}: ${JSON.stringify(body)}`);
};
