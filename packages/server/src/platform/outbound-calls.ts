import type { Outbound } from '@assent/oidc';
import type { RealmSenders } from '@assent/push';

/** In all: the look-up of the name, the connection, and the answer (OIDC-25). */
const CALL_MILLIS = 5_000;

/** How what clients have named is called. */
export const outboundCalls =
  (requests: RealmSenders): Outbound =>
  async (address, { realm, method, headers, body, maxBytes }) => {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const answer = await requests.of(realm).send(new URL(address), {
      method,
      headers: { 'user-agent': 'Assent', ...headers, ...(bytes && { 'content-length': bytes.length }) },
      ...(bytes && { body: bytes }),
      ...(maxBytes !== undefined && { maxBytes }),
      signal: AbortSignal.timeout(CALL_MILLIS),
    });
    return { status: answer.status, body: answer.body.toString(), retryAfter: answer.headers['retry-after'] };
  };
