import type { Random } from '@assent/engine';
import type { OAuthClient } from '../model/clients.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { signJwt } from './signed-jwt.ts';
import type { SigningKeys } from './signing-keys.ts';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Long enough for one try; each gets a token of its own. */
const LIFETIME_SECONDS = 120;

export interface LogoutFacts {
  readonly provider: ProviderSettings;
  readonly client: OAuthClient;
  /** Absent where nobody knows any more what the client called the user. */
  readonly subject: string | undefined;
  readonly sid: string;
  /** Seconds. */
  readonly issuedAt: number;
}

/** Tells a client that a session is over (OpenID Connect Back-Channel Logout §2.4); never with a nonce, so that it is no ID token (OIDC-17). */
export const logoutToken = async (
  keys: Pick<SigningKeys, 'active'>,
  random: Pick<Random, 'uuid'>,
  { provider, client, subject, sid, issuedAt }: LogoutFacts,
): Promise<string> =>
  signJwt(await keys.active(provider.realm, client.idTokenAlgorithm), 'logout+jwt', {
    iss: provider.issuer,
    sub: subject,
    aud: client.id,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
    jti: random.uuid(),
    sid,
    events: { [LOGOUT_EVENT]: {} },
  });
