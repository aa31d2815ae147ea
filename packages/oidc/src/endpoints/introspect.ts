import type { OAuthClient } from '../model/clients.ts';
import { isGrantedTo, isLiveGrant, type OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { subjectOf } from '../people/subject.ts';
import { type Endpoint, json } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { asProvenClient, demandConfidential } from '../token/client-proof.ts';
import { getsRefreshTokens } from '../token/issued-tokens.ts';
import { type LiveAccess, liveAccess } from '../token/live-access.ts';
import type { TokenContext } from '../token/token-context.ts';
import { lacksKey, scopesNow, userOf } from '../token/token-request.ts';

/** Lets a client look at the tokens of others, such as a gateway (AM's name). */
const ALL_TOKENS = 'am-introspect-all-tokens';

type Facts = Readonly<Record<string, unknown>>;

const INACTIVE: Facts = { active: false };

/** Whether a token is good, and what it says, for the client that it was made for (RFC 7662). */
export const introspectEndpoint =
  (context: TokenContext): Endpoint =>
  (http) =>
    asProvenClient(context.ports, http, async ({ client: caller }) => {
      demandConfidential(caller);
      const { token } = http.parameters;
      if (token === undefined) {
        throw new OAuthError('invalid_request', { description: 'The request must have a token.' });
      }
      const settings = context.ports.settings(http.realm);
      const access = await liveAccess(context, settings, token);
      const facts =
        access === undefined
          ? await refreshFacts(context, settings, caller, token)
          : mayLook(caller, access.client.id) && accessFacts(settings, access);
      return json(facts || INACTIVE);
    });

const mayLook = ({ id, scopes }: OAuthClient, clientId: string): boolean =>
  id === clientId || scopes.some(({ name }) => name === ALL_TOKENS);

const accessFacts = (settings: ProviderSettings, access: LiveAccess): Facts => {
  const { client, scopes, issuedAt, expiresAt } = access;
  const terms = {
    active: true,
    scope: scopes.join(' '),
    client_id: client.id,
    iss: settings.issuer,
    realm: client.realm,
    iat: issuedAt,
    exp: expiresAt,
    token_type: 'Bearer',
  };
  if (access.kind === 'client') return { ...terms, sub: client.id };
  const { grant, identity } = access;
  return { ...terms, ...(grant.jkt !== undefined && { token_type: 'DPoP' }), ...ofGrant(settings, grant, identity) };
};

const ofGrant = (
  settings: ProviderSettings,
  { acr, amr, authTime, jkt }: OAuthGrant,
  identity: Parameters<typeof subjectOf>[0],
): Facts => ({
  username: identity.username,
  sub: subjectOf(identity, settings),
  ...(acr !== undefined && { acr }),
  amr,
  auth_time: authTime,
  ...(jkt !== undefined && { cnf: { jkt } }),
});

/** A refresh token is good for its own client alone, and only the newest one is told of. */
const refreshFacts = async (
  { ports, handles }: TokenContext,
  settings: ProviderSettings,
  caller: OAuthClient,
  token: string,
): Promise<Facts | undefined> => {
  const handle = handles.open(settings.realm, token, 'refresh');
  const grant = handle && (await ports.grants.get(handle.grantId));
  if (handle === undefined || grant?.realm !== settings.realm || !isLiveGrant(grant, ports.clock.now()))
    return undefined;
  if (grant.refreshNo !== handle.no || !mayLook(caller, grant.clientId)) return undefined;
  const client = ports.clients.find(grant.realm, grant.clientId);
  if (
    client?.isActive !== true ||
    !isGrantedTo(client, grant) ||
    !getsRefreshTokens(client) ||
    lacksKey(client, grant.jkt)
  )
    return undefined;
  const identity = await userOf(ports, client, grant);
  if (identity === undefined) return undefined;
  return {
    active: true,
    scope: scopesNow(client, grant.scopes).join(' '),
    client_id: grant.clientId,
    iss: settings.issuer,
    realm: grant.realm,
    iat: Math.floor(grant.rotatedAt / 1_000),
    exp: Math.floor(grant.expiresAt / 1_000),
    token_type: 'refresh_token',
    ...ofGrant(settings, grant, identity),
  };
};
