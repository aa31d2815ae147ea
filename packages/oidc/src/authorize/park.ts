import { parkedIdHashOf, REQUEST_URI_PREFIX } from '../checks/pushed-request.ts';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Parameters } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';

const SECRET_BYTES = 32;
/** For one that waits for somebody to sign in; a pushed one is answered at once. */
const MAX_LOGIN_MILLIS = 3_600_000;

/** Lets a request wait under an address of its own; `forClient` where it was pushed, and must begin soon (RFC 9126 §2.2). */
export const park = async (
  client: OAuthClient,
  parameters: Parameters,
  {
    ports,
    provider,
    forClient = false,
  }: {
    readonly ports: Pick<ProviderPorts, 'clock' | 'committer' | 'random'>;
    readonly provider: ProviderSettings;
    readonly forClient?: boolean;
  },
): Promise<{ readonly uri: string; readonly lifetime: number }> => {
  const secret = Buffer.from(ports.random.bytes(SECRET_BYTES)).toString('base64url');
  const now = ports.clock.now();
  const lifetime = forClient ? provider.parLifetime : MAX_LOGIN_MILLIS;
  const row = {
    idHash: parkedIdHashOf(secret),
    realm: client.realm,
    clientId: client.id,
    request: JSON.stringify(parameters),
    expiresAt: now + lifetime,
  };
  const { committed } = await ports.committer.commit([{ type: 'parked.put', row, now } satisfies OAuthChange]);
  if (!committed) throw new OAuthError('temporarily_unavailable', { detail: 'too many requests of the client wait' });
  return { uri: `${REQUEST_URI_PREFIX}${secret}`, lifetime };
};
