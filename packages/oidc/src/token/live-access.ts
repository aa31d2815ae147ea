import type { Identity } from '@assent/engine';
import type { OAuthClient } from '../model/clients.ts';
import { isGoodAccessNo, isGrantedTo, isLiveGrant, type OAuthGrant } from '../model/grants.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { type AccessFacts, openAccessJwt } from '../tokens/access-jwt.ts';
import type { Handles } from '../tokens/handles.ts';
import { digestOf } from './seen-once.ts';
import type { TokenContext } from './token-context.ts';
import { lacksKey, scopesNow, userOf } from './token-request.ts';

interface Terms {
  readonly client: OAuthClient;
  readonly scopes: readonly string[];
  /** Seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** An access token that is good now: of a user, or of a client for itself. */
export type LiveAccess =
  | (Terms & { readonly kind: 'user'; readonly grant: OAuthGrant; readonly identity: Identity })
  | (Terms & { readonly kind: 'client' });

/** By what a token of a client is kept that was revoked. */
export const clientTokenHash = (id: string): string => digestOf('client token', id);

/** What an access token says of itself, be it a handle or a JWT; undefined for what was not made here. Whether it is good is another matter. */
export const openAccess = async (
  { handles, keys }: Pick<TokenContext, 'handles' | 'keys'>,
  settings: ProviderSettings,
  text: string,
): Promise<OpenedAccess | undefined> => {
  const handle = ofHandle(handles, settings.realm, text);
  return handle ?? (await openAccessJwt(keys, settings, text));
};

/** A handle names its scopes by their places in the grant; a JWT by name. */
export type OpenedAccess = Exclude<AccessFacts, { kind: 'grant' }> | GrantAccess;
type GrantAccess = Omit<Extract<AccessFacts, { kind: 'grant' }>, 'scopes'> & {
  readonly scopes?: readonly string[] | readonly number[];
};

const ofHandle = (handles: Handles, realm: string, text: string): OpenedAccess | undefined => {
  const access = handles.open(realm, text, 'access');
  if (access !== undefined) return { kind: 'grant', ...access };
  const client = handles.open(realm, text, 'client');
  return client && { kind: 'client', ...client };
};

/**
 * An access token with all that it stands for; undefined where any of that is over: its time, its number, its grant, its client, or
 * its user's account (spec: oidc §5.1, §5.3). One that was not made here costs no read (OIDC-05).
 */
export const liveAccess = async (
  context: TokenContext,
  settings: ProviderSettings,
  text: string,
): Promise<LiveAccess | undefined> => {
  const { ports } = context;
  const opened = await openAccess(context, settings, text);
  const now = ports.clock.now();
  if (opened === undefined) return undefined;
  const expiresAt = opened.issuedAt + opened.lifetime;
  if (now >= expiresAt * 1_000) return undefined;
  const { issuedAt } = opened;
  if (opened.kind === 'client') {
    const client = activeClient(context, settings, opened.clientId);
    // Another generation: the client was deactivated or deleted since, and the token ended with that.
    if (client === undefined || client.generation !== opened.generation) return undefined;
    if (await ports.replays.has(clientTokenHash(opened.id))) return undefined;
    if (lacksKey(client, undefined)) return undefined;
    return { kind: 'client', client, scopes: scopesNow(client, opened.scopes), issuedAt, expiresAt };
  }
  const grant = await ports.grants.get(opened.grantId);
  if (grant?.realm !== settings.realm || !isLiveGrant(grant, now) || !isGoodAccessNo(grant, opened.no))
    return undefined;
  const client = activeClient(context, settings, grant.clientId);
  // Another generation: what was granted ended with a change of the client since, or belongs to another client of the id.
  if (client === undefined || !isGrantedTo(client, grant)) return undefined;
  const identity = await userOf(ports, client, grant);
  if (identity === undefined || lacksKey(client, grant.jkt)) return undefined;
  return {
    kind: 'user',
    client,
    grant,
    identity,
    scopes: scopesNow(client, scopesOf(opened, grant)),
    issuedAt,
    expiresAt,
  };
};

const activeClient = ({ ports }: TokenContext, { realm }: ProviderSettings, id: string): OAuthClient | undefined => {
  const client = ports.clients.find(realm, id);
  return client?.isActive === true ? client : undefined;
};

const scopesOf = ({ scopes }: GrantAccess, grant: OAuthGrant): readonly string[] =>
  scopes === undefined
    ? grant.scopes
    : scopes.flatMap((it) => (typeof it === 'string' ? it : (grant.scopes[it] ?? [])));
