import { CLAIM_NAMES } from '../people/claims.ts';
import { type Endpoint, json } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { ASSERTION_ALGORITHMS } from '../token/client-assertion.ts';
import { DEVICE_CODE } from '../token/device-code.ts';
import { DPOP_ALGORITHMS } from '../token/dpop-proof.ts';
import type { TokenContext } from '../token/token-context.ts';
import { GRANT_TYPES } from '../token/token-endpoint.ts';
import { SIGNING_ALGORITHMS } from '../tokens/signing-keys.ts';

/** Applications read it at each start; what an administrator has changed is to be seen soon. */
const CACHED_SECONDS = 300;

const SECRETS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/**
 * What the provider of a realm does, and where (OpenID Connect Discovery §3; RFC 8414 §2): what is on, and no more. The same
 * document stands under both names.
 */
export const discoveryEndpoint =
  ({ ports }: Pick<TokenContext, 'ports'>): Endpoint =>
  async (http) => {
    const settings = ports.settings(http.realm);
    if (!settings.isDiscoverable) throw new OAuthError('not_found');
    const { issuer } = settings;
    const grantTypes = settings.grantTypes.filter((it) => GRANT_TYPES.includes(it));
    const document = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/access_token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/connect/jwk_uri`,
      end_session_endpoint: `${issuer}/connect/endSession`,
      revocation_endpoint: `${issuer}/token/revoke`,
      introspection_endpoint: `${issuer}/introspect`,
      pushed_authorization_request_endpoint: `${issuer}/par`,
      ...(grantTypes.includes(DEVICE_CODE) && { device_authorization_endpoint: `${issuer}/device/code` }),
      scopes_supported: settings.scopes,
      response_types_supported: ['code', 'none', 'id_token'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      grant_types_supported: grantTypes,
      acr_values_supported: [...settings.treeOfAcr.keys()],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
      token_endpoint_auth_methods_supported: [...SECRETS, 'none'],
      token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: [...SECRETS, 'none'],
      revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      introspection_endpoint_auth_methods_supported: SECRETS,
      introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
      display_values_supported: ['page', 'popup'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      claim_types_supported: ['normal'],
      claims_supported: settings.claims.filter((name) => name === 'sub' || CLAIM_NAMES.includes(name)),
      claims_parameter_supported: settings.takesClaimsParameter,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      require_pushed_authorization_requests: settings.requiresPar,
      code_challenge_methods_supported: ['S256'],
      dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      authorization_response_iss_parameter_supported: true,
    };
    return json(document, 200, { 'cache-control': `public, max-age=${CACHED_SECONDS}` });
  };
