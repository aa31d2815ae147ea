import { parkedIdHashOf, REQUEST_URI_PREFIX } from '../checks/pushed-request.ts';
import type { OAuthChange } from '../model/changes.ts';
import type { OAuthClient } from '../model/clients.ts';
import { OAuthError } from '../protocol/errors.ts';
import type { Parameters } from '../protocol/request.ts';
import type { ProviderPorts } from '../provider-ports.ts';

const SECRET_BYTES = 32;

interface ParkOptions {
  readonly ports: Pick<ProviderPorts, 'clock' | 'committer' | 'random'>;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Where it comes from, unless its client has proven who it is. */
  readonly source?: string;
}

/** Lets a request wait under an address of its own, which it gives (RFC 9126 §2.2). */
export const park = async (
  client: OAuthClient,
  parameters: Parameters,
  { ports, lifetime, source }: ParkOptions,
): Promise<string> => {
  const secret = Buffer.from(ports.random.bytes(SECRET_BYTES)).toString('base64url');
  const now = ports.clock.now();
  const row = {
    idHash: parkedIdHashOf(secret),
    realm: client.realm,
    clientId: client.id,
    request: JSON.stringify(parameters),
    ...(source !== undefined && { source }),
    createdAt: now,
    expiresAt: now + lifetime,
  };
  const put: OAuthChange = { type: 'parked.put', row, now };
  const result = await ports.committer.commit([put]);
  if (!result.committed) {
    throw new OAuthError('temporarily_unavailable', { detail: `not committed: ${result.refused}` });
  }
  return `${REQUEST_URI_PREFIX}${secret}`;
};
