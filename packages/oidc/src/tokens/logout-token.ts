import type { Random } from '@assent/engine';
import type { OAuthClient } from '../model/clients.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { signJwt } from './signed-jwt.ts';
import type { SigningKeys } from './signing-keys.ts';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Long enough for one delivery; each gets a token of its own. */
const LIFETIME_SECONDS = 120;

/** Tells a client that a session is over (OpenID Connect Back-Channel Logout §2.4); never with a nonce, so that it is no ID token. */
export const logoutToken = async (
  keys: Pick<SigningKeys, 'active'>,
  random: Random,
  facts: {
    readonly provider: ProviderSettings;
    readonly client: OAuthClient;
    readonly subject: string;
    readonly sid: string;
    /** Seconds. */
    readonly issuedAt: number;
  },
): Promise<string> => {
  const { provider, client, subject, sid, issuedAt } = facts;
  return signJwt(await keys.active(provider.realm, client.idTokenAlgorithm), 'logout+jwt', {
    iss: provider.issuer,
    sub: subject,
    aud: client.id,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
    jti: random.uuid(),
    sid,
    events: { [LOGOUT_EVENT]: {} },
  });
};
