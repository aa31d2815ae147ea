import { type Endpoint, json } from '../protocol/answer.ts';
import { OAuthError } from '../protocol/errors.ts';
import { liveAccess } from '../token/live-access.ts';
import type { TokenContext } from '../token/token-context.ts';
import { demandKey, shownToken } from './shown-token.ts';

/** AM's older way to ask what an access token is good for; it takes the token in the address, too, as its callers send it. */
export const tokeninfoEndpoint =
  (context: TokenContext): Endpoint =>
  async (http) => {
    const { ports } = context;
    const shown = shownToken(http, { isTakenOfAddress: true });
    const access = await liveAccess(context, ports.settings(http.realm), shown.token);
    if (access === undefined) throw new OAuthError('invalid_token');
    await demandKey(ports, http, shown, access);
    const { client, scopes, expiresAt } = access;
    return json({
      scope: scopes,
      client_id: client.id,
      realm: client.realm,
      token_type: shown.isBound ? 'DPoP' : 'Bearer',
      expires_in: expiresAt - Math.floor(ports.clock.now() / 1_000),
    });
  };
