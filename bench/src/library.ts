import { createServer, type Server } from 'node:http';
import Provider, { type AdapterPayload, type Configuration } from 'oidc-provider';
import { newRsaKey } from './rsa-key.ts';

const rows = new Map<string, AdapterPayload>();
const keysOfGrants = new Map<string, Set<string>>();
const adapter: Configuration['adapter'] = (model) => {
  const keyOf = (id: string) => `${model}:${id}`;
  return {
    async upsert(id, payload) {
      const key = keyOf(id);
      rows.set(key, payload);
      if (model === 'Session') rows.set(`${model}:uid:${payload.uid}`, payload);
      const { grantId } = payload;
      if (grantId === undefined) return;
      const keys = keysOfGrants.get(grantId) ?? new Set();
      keysOfGrants.set(grantId, keys.add(key));
    },
    async find(id) {
      return rows.get(keyOf(id));
    },
    async findByUid(uid) {
      return rows.get(`${model}:uid:${uid}`);
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      const row = rows.get(keyOf(id));
      if (row !== undefined) row.consumed = Math.floor(Date.now() / 1_000);
    },
    async destroy(id) {
      rows.delete(keyOf(id));
    },
    async revokeByGrantId(grantId) {
      for (const key of keysOfGrants.get(grantId) ?? []) rows.delete(key);
      keysOfGrants.delete(grantId);
    },
  };
};

const SCOPE = 'openid profile email';

/**
 * `oidc-provider` with the same client, the same tokens and the same claims, in memory: what a login over it costs beside one of ours. Its
 * own memory adapter walks through all tokens of a grant at every write, and forgets what is old; this one does neither.
 */
export const libraryServer = async (issuer: string): Promise<Server> => {
  const key = (await newRsaKey()).export({ format: 'jwk' });
  const provider: Provider = new Provider(issuer, {
    adapter,
    clients: [
      {
        client_id: 'bench-app',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://app.example/cb'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        scope: SCOPE,
      },
    ],
    jwks: { keys: [{ ...key, alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key that signs its cookies, as its documentation asks'] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'], email: ['email'] },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => true,
    // Nobody is asked: the client is one of ours, as in the row beside.
    async loadExistingGrant({ oidc }) {
      const known = oidc.session?.grantIdFor(String(oidc.client?.clientId));
      if (known !== undefined) return provider.Grant.find(known);
      const grant = new provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId });
      grant.addOIDCScope(SCOPE);
      await grant.save();
      return grant;
    },
  });

  const handle = provider.callback();
  const server = createServer((request, response) => {
    // Whoever is asked to sign in is signed in.
    if (request.url?.startsWith('/interaction/') !== true) handle(request, response);
    else void provider.interactionFinished(request, response, { login: { accountId: 'user' } });
  });
  // Its connections are idle while the other servers are made ready and measured, also before their first request.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  return server;
};
