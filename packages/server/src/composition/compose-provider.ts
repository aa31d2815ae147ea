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

/** The provider of OAuth 2.0 and OpenID Connect: its keys and secrets, and what answers at each of its addresses. */
export const composeProvider = async ({ foundation, sessions, origins }: ProviderParts) => {
  const { settings, store, identities, committer, clock, random, clients, cookies, digestOfSecret, requests, log } =
    foundation;
  const { publicUrl } = settings;
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
  const handles = new Handles(await store.keys.ring('oauth-handle'));
  const marks = new RequestMarks(await store.keys.ring('oauth-mark'));
  return { ports, keys, endpoints: providerEndpoints({ ports, handles, marks, keys }) };
};

export type ComposedProvider = Awaited<ReturnType<typeof composeProvider>>;
