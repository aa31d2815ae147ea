import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { promisify } from 'node:util';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';
import { plainFetch } from '../provider-world.ts';
import { BYE, CLIENTS, type ClientSpec, keySetOfClient, responseTypesOf, SCOPES, SECRET } from './clients.ts';
import { type Peer, REQUEST, rememberedBrowser, type User } from './peer.ts';

export interface LibraryPeer extends Peer {
  close(): Promise<void>;
}

const metadataOf = (id: string, spec: ClientSpec): ClientMetadata => {
  const { method, redirectUris, grants, isNative, requiresPar, requiresDpop } = spec;
  const responseTypes = responseTypesOf(spec);
  return {
    client_id: id,
    ...(method.startsWith('client_secret') && { client_secret: SECRET }),
    ...(method === 'private_key_jwt' && { jwks: keySetOfClient() as NonNullable<ClientMetadata['jwks']> }),
    token_endpoint_auth_method: method,
    application_type: isNative === true ? 'native' : 'web',
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: redirectUris.length === 0 ? [] : [BYE],
    grant_types: [...grants, ...(responseTypes.includes('id_token') ? ['implicit'] : [])],
    response_types: responseTypes as NonNullable<ClientMetadata['response_types']>,
    scope: SCOPES.join(' '),
    require_pushed_authorization_requests: requiresPar === true,
    dpop_bound_access_tokens: requiresDpop === true,
  };
};

const newKey = async () => {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { ...createPrivateKey(privateKey).export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
};

/** The addresses of AM, so that both are asked by the same words. */
const ROUTES: Configuration['routes'] = {
  authorization: '/authorize',
  token: '/access_token',
  userinfo: '/userinfo',
  introspection: '/introspect',
  revocation: '/token/revoke',
  pushed_authorization_request: '/par',
  end_session: '/connect/endSession',
  jwks: '/connect/jwk_uri',
  device_authorization: '/device/code',
  code_verification: '/device/user',
};

const configuration = async (): Promise<Configuration> => ({
  routes: ROUTES,
  clients: Object.entries(CLIENTS).map(([id, spec]) => metadataOf(id, spec)),
  jwks: { keys: [await newKey()] },
  cookies: { keys: ['a key that signs cookies'], long: { sameSite: 'none' } },
  enableHttpPostMethods: true,
  scopes: [...SCOPES],
  responseTypes: ['code', 'id_token', 'none'],
  acrValues: ['push'],
  claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, email: 'ada@example.com', name: 'Ada Lovelace' }),
  }),
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: { enabled: true },
    clientCredentials: { enabled: true },
    claimsParameter: { enabled: true },
    resourceIndicators: { enabled: false },
  },
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  async loadExistingGrant({ oidc }) {
    const { provider, client, session } = oidc;
    const known = session?.grantIdFor(String(client?.clientId));
    const existing = known === undefined ? undefined : await provider.Grant.find(known);
    if (existing !== undefined) return existing;
    const grant = new provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
    grant.addOIDCScope(SCOPES.join(' '));
    grant.addOIDCClaims(['sub', 'email', 'name', 'acr', 'auth_time']);
    await grant.save();
    return grant;
  },
  renderError(context, out) {
    context.type = 'application/json';
    context.body = JSON.stringify(out);
  },
});

/** Which user a browser of the test signs in as, by a header that only it sends. */
const AS_USER = 'x-oracle-user';

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A port has no number.');
  return address.port;
};

/** `oidc-provider`, in memory and in this process. */
export const startLibraryPeer = async (): Promise<LibraryPeer> => {
  // The issuer names the port, which is known only when something listens.
  let provider: Provider | undefined;
  const server = createServer((request, response) => {
    const user = request.headers[AS_USER];
    if (provider === undefined || !request.url?.startsWith('/interaction/')) provider?.callback()(request, response);
    else void provider.interactionFinished(request, response, { login: { accountId: String(user) } });
  });
  const issuer = `http://127.0.0.1:${await listen(server)}`;
  const library = new Provider(issuer, await configuration());
  provider = library;
  const newBrowser = async (user: User = 'ada'): Promise<string> => {
    const jar = new Map<string, string>();
    let url = `${issuer}/authorize?${new URLSearchParams(REQUEST)}`;
    while (url.startsWith(issuer)) {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const { headers } = await plainFetch(url, { headers: { cookie, [AS_USER]: user } });
      for (const set of headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        jar.set(name, value);
      }
      url = new URL(headers.get('location') ?? '', issuer).href;
    }
    return [...jar].flatMap(([name, value]) => (name.startsWith('_session') ? `${name}=${value}` : [])).join('; ');
  };
  return {
    issuer,
    loginPage: `${issuer}/interaction/`,
    now: async () => Math.floor(Date.now() / 1_000),
    async question(location) {
      const interaction = await library.Interaction.find(location.pathname.split('/').at(-1) ?? '');
      return interaction?.prompt.name === 'consent' ? 'consent' : 'login';
    },
    browser: rememberedBrowser(newBrowser),
    newBrowser,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
