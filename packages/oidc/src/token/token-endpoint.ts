import type { OAuthAnswer } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { OAuthRequest } from '../protocol/request.ts';
import { authorizationCode } from './authorization-code.ts';
import { clientCredentials } from './client-credentials.ts';
import { asProvenClient, type ProvenClient } from './client-proof.ts';
import { DEVICE_CODE, deviceCode } from './device-code.ts';
import { dpopProof } from './dpop-proof.ts';
import { refreshToken } from './refresh-token.ts';
import { ownerOfClient } from './seen-once.ts';
import type { TokenContext } from './token-context.ts';
import type { TokenGrant } from './token-request.ts';

/** What can become tokens, by `grant_type`. */
const GRANTS: ReadonlyMap<string, TokenGrant> = new Map([
  ['authorization_code', authorizationCode],
  ['refresh_token', refreshToken],
  ['client_credentials', clientCredentials],
  [DEVICE_CODE, deviceCode],
]);

/** The types of grant that there are; which of them are on, a realm says. */
export const GRANT_TYPES: readonly string[] = [...GRANTS.keys()];

/** The token endpoint (spec: oidc §2.2). It looks at no cookie: who asks is the client (OIDC-21). */
export const tokenEndpoint =
  (context: TokenContext) =>
  (http: OAuthRequest): Promise<OAuthAnswer> =>
    asProvenClient(context.ports, http, (proven) => tokensFor(context, http, proven));

const tokensFor = async (
  context: TokenContext,
  http: OAuthRequest,
  { client, proof, source }: ProvenClient,
): Promise<OAuthAnswer> => {
  const { grant_type: grantType } = http.parameters;
  if (grantType === undefined) {
    throw new OAuthError('invalid_request', { description: 'The request must have a grant_type.' });
  }
  const settings = context.ports.settings(http.realm);
  const grant = settings.grantTypes.includes(grantType) ? GRANTS.get(grantType) : undefined;
  if (grant === undefined) throw new OAuthError('unsupported_grant_type');
  if (!client.grantTypes.includes(grantType)) throw new OAuthError('unauthorized_client');
  const key = await dpopProof(http, context.ports.clock.now());
  if (key === undefined && client.requiresDpop) {
    throw new OAuthError('invalid_dpop_proof', { description: 'The client must send a DPoP proof.' });
  }
  // Keys are made by anybody: one that nothing else proves is counted by where it comes from.
  if (key !== undefined) proof.addKey(...key.changesFor(source ?? ownerOfClient(client)));
  return grant(context, { http, client, settings, proof, grantType, ...(key && { jkt: key.jkt }) });
};
