import type { EngineChange } from '@assent/engine/host';
import { json } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { accessJwt } from '../tokens/access-jwt.ts';
import { accessLifetime } from './issued-tokens.ts';
import { narrowedScopes, refusedCommit, type TokenGrant, tokenAudit } from './token-request.ts';

const ID_BYTES = 16;

/** What only a user can be asked for: who they are, and what lasts when they have gone. */
const OF_USERS: ReadonlySet<string> = new Set(['openid', 'offline_access']);

/** An access token of a client for itself (RFC 6749 §4.4); nothing is kept of it but the row of the trail. */
export const clientCredentials: TokenGrant = async ({ ports, handles, keys }, request) => {
  const { client, settings, http, grantType } = request;
  if (client.isPublic) throw new OAuthError('unauthorized_client', { detail: 'a public client (OIDC-15)' });
  if (client.requiresDpop) {
    throw new OAuthError('unauthorized_client', { detail: 'tokens of clients for themselves are bound to no key' });
  }
  const own = client.scopes.map(({ name }) => name).filter((name) => !OF_USERS.has(name));
  const asked = http.parameters.scope?.trim() ?? '';
  const defaults = new Set(client.defaultScopes);
  const usual = own.filter((name) => defaults.has(name));
  const scopes = asked === '' ? usual : (narrowedScopes(asked, own) ?? own);
  const at = ports.clock.now();
  const lifetime = accessLifetime(client);
  const terms = {
    id: Buffer.from(ports.random.bytes(ID_BYTES)).toString('base64url'),
    clientId: client.id,
    ...(client.generation !== undefined && { generation: client.generation }),
    scopes,
    issuedAt: Math.floor(at / 1_000),
    lifetime,
  };
  const token = client.jwtAccessTokens
    ? await accessJwt(keys, {
        provider: settings,
        client,
        facts: { kind: 'client', ...terms },
        subject: client.id,
        username: client.id,
        grantType,
      })
    : handles.make(client.realm, 'client', terms);
  const result = await request.proof.commit([
    // Nothing is stored that the realm would refuse (SEC-89).
    { type: 'realm.usable', realm: client.realm } satisfies EngineChange,
    tokenAudit(request, at, 'TOKEN_ISSUE', { detail: { scope: scopes.join(' ') } }),
  ]);
  if (!result.committed) throw refusedCommit(result.refused);
  return json({ access_token: token, token_type: 'Bearer', expires_in: lifetime, scope: scopes.join(' ') });
};
