import { randomBytes } from 'node:crypto';
import { ClientKeys, Handles, providerEndpoints, RequestMarks, SigningKeys } from '@assent/oidc';
import type { LiveSessions } from '../authentication/live-sessions.ts';
import type { OriginRules } from '../http/origin-rules.ts';
import { outboundCalls } from '../platform/outbound-calls.ts';
import { providerPorts } from '../routes/oauth2/provider-ports.ts';
import type { Foundation } from './compose-foundation.ts';

export interface ProviderParts {
  readonly foundation: Foundation;
  readonly sessions: LiveSessions;
  readonly origins: OriginRules;
}

const KEY_BYTES = 32;

/** The provider of OAuth 2.0 and OpenID Connect: its keys and secrets, and what answers at each of its addresses. */
export const composeProvider = async ({ foundation, sessions, origins }: ProviderParts) => {
  const { settings, store, identities, committer, clock, random, clients, cookies, digestOfSecret, requests, log } =
    foundation;
  const { publicUrl } = settings;
  const secretOf = (name: string) => store.secrets.getOrCreate(name, () => randomBytes(KEY_BYTES));
  const outbound = outboundCalls(requests);
  const ports = providerPorts({
    publicUrl,
    store,
    identities,
    clients,
    sessions,
    cookies,
    origins,
    committer,
    clock,
    random,
    digestOfSecret,
    outbound,
    keysOfClient: new ClientKeys({ outbound, clock }).of,
    log,
  });
  const keys = new SigningKeys({ signingKeys: store.signingKeys, committer, clock });
  const handles = new Handles([{ id: '1', bytes: await secretOf('oauth-handle-key') }]);
  const marks = new RequestMarks(await secretOf('oauth-mark-key'));
  return { ports, keys, endpoints: providerEndpoints({ ports, handles, marks, keys }) };
};

export type ComposedProvider = Awaited<ReturnType<typeof composeProvider>>;
