import { issuerOf } from '../../realms/issuer.ts';

/**
 * What a client finds at `.well-known/openid-configuration` (spec: journeys-rest §1.1, §2.5; OpenID Connect Discovery 1.0
 * §3). The vendor's clients take the addresses of `authenticate` and `sessions` from it: `/oauth2` of the issuer becomes
 * `/json`. What tokens could hold is left out as long as none are issued: members without elements may not appear (§4.2).
 */
export const discoveryDocument = (publicUrl: string, realmPath: string): Readonly<Record<string, string>> => {
  const issuer = issuerOf(publicUrl, realmPath);
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/access_token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/connect/endSession`,
    revocation_endpoint: `${issuer}/token/revoke`,
    jwks_uri: `${issuer}/connect/jwk_uri`,
  };
};
