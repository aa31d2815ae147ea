import type { Change } from '@assent/engine/host';
import { parkedIdHashOf, REQUEST_URI_PREFIX } from '../checks/pushed-request.ts';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Parameters } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import { isRefusedProof } from '../token/client-proof.ts';

const SECRET_BYTES = 32;
/** For one that waits for somebody to sign in; a pushed one is answered at once. */
const MAX_LOGIN_MILLIS = 3_600_000;

/**
 * Lets a request wait under an address of its own. One that its client has pushed comes with the changes of the client's proof,
 * and must begin soon (RFC 9126 §2.2).
 */
export const park = async (
  client: OAuthClient,
  parameters: Parameters,
  {
    ports,
    provider,
    proof,
  }: {
    readonly ports: Pick<ProviderPorts, 'clock' | 'committer' | 'random'>;
    readonly provider: ProviderSettings;
    readonly proof?: readonly Change[];
  },
): Promise<{ readonly uri: string; readonly lifetime: number }> => {
  const secret = Buffer.from(ports.random.bytes(SECRET_BYTES)).toString('base64url');
  const now = ports.clock.now();
  const lifetime = proof === undefined ? MAX_LOGIN_MILLIS : provider.parLifetime;
  const row = {
    idHash: parkedIdHashOf(secret),
    realm: client.realm,
    clientId: client.id,
    request: JSON.stringify(parameters),
    isPushed: proof !== undefined,
    expiresAt: now + lifetime,
  };
  const put: OAuthChange = { type: 'parked.put', row, now };
  const result = await ports.committer.commit([...(proof ?? []), put]);
  if (!result.committed) {
    if (isRefusedProof(result.refused)) throw new OAuthError('invalid_client', { detail: result.refused });
    throw new OAuthError('temporarily_unavailable', { detail: 'too many requests of the client wait' });
  }
  return { uri: `${REQUEST_URI_PREFIX}${secret}`, lifetime };
};
