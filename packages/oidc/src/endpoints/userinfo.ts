import { claimsOf } from '../people/claims.ts';
import { subjectClaims } from '../people/subject.ts';
import { type Endpoint, json } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { liveAccess } from '../token/live-access.ts';
import type { TokenContext } from '../token/token-context.ts';
import { claimsNow } from '../token/token-request.ts';
import { demandKey, shownToken } from './shown-token.ts';

/** Who the user of an access token is, as far as its scopes let an application know (OpenID Connect Core §5.3). */
export const userinfoEndpoint =
  (context: TokenContext): Endpoint =>
  async (http) => {
    const shown = shownToken(http);
    const settings = context.ports.settings(http.realm);
    const access = await liveAccess(context, settings, shown.token);
    if (access === undefined) throw new OAuthError('invalid_token');
    await demandKey(context.ports, http, shown, access);
    if (access.kind === 'client' || !access.scopes.includes('openid')) {
      throw new OAuthError('insufficient_scope', { description: 'The access token does not have the scope openid.' });
    }
    const { client, identity, scopes, grant } = access;
    const claims = claimsOf(identity, scopes, claimsNow(client, grant.claims?.userinfo));
    return json({ ...claims, ...subjectClaims(identity, settings) });
  };
