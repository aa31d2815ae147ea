import { type AuthorizeContext, authorizeEndpoint } from './authorize/authorize.ts';
import { parEndpoint } from './authorize/par.ts';
import { deviceAuthorizationEndpoint } from './endpoints/device-authorization.ts';
import { devicePageEndpoint } from './endpoints/device-page.ts';
import { discoveryEndpoint } from './endpoints/discovery.ts';
import { endSessionEndpoint } from './endpoints/end-session.ts';
import { introspectEndpoint } from './endpoints/introspect.ts';
import { keySetEndpoint } from './endpoints/key-set.ts';
import { revokeEndpoint } from './endpoints/revoke.ts';
import { tokeninfoEndpoint } from './endpoints/tokeninfo.ts';
import { userinfoEndpoint } from './endpoints/userinfo.ts';
import type { Endpoint } from './protocol/answer.ts';
import { tokenEndpoint } from './token/token-endpoint.ts';

/** Every endpoint of a realm's provider, by `METHOD path` below its issuer (spec: oidc §2). */
export const providerEndpoints = (context: AuthorizeContext): Readonly<Record<string, Endpoint>> => {
  const discovery = discoveryEndpoint(context);
  const keySet = keySetEndpoint(context);
  const authorize = authorizeEndpoint(context);
  const userinfo = userinfoEndpoint(context);
  const endSession = endSessionEndpoint(context);
  const devicePage = devicePageEndpoint(context);
  return {
    'GET .well-known/openid-configuration': discovery,
    'HEAD .well-known/openid-configuration': discovery,
    'GET .well-known/oauth-authorization-server': discovery,
    'HEAD .well-known/oauth-authorization-server': discovery,
    'GET connect/jwk_uri': keySet,
    'HEAD connect/jwk_uri': keySet,
    'GET authorize': authorize,
    'POST authorize': authorize,
    'POST par': parEndpoint(context),
    'POST access_token': tokenEndpoint(context),
    'GET userinfo': userinfo,
    'POST userinfo': userinfo,
    'GET tokeninfo': tokeninfoEndpoint(context),
    'POST introspect': introspectEndpoint(context),
    'POST token/revoke': revokeEndpoint(context),
    'POST device/code': deviceAuthorizationEndpoint(context),
    'GET device/user': devicePage,
    'POST device/user': devicePage,
    'GET connect/endSession': endSession,
    'POST connect/endSession': endSession,
  };
};
