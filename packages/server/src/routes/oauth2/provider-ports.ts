import type { IncomingHttpHeaders } from 'node:http';
import { type IdentityDirectory, SESSION_HEADERS } from '@assent/engine/host';
import {
  fillLoginTemplate,
  type LoginRequest,
  type LoginTemplate,
  type OAuthRequest,
  type ProviderPorts,
  signedInBy,
} from '@assent/oidc';
import type { Store } from '@assent/store';
import { tokenOf } from '../../authentication/caller.ts';
import type { LiveSessions } from '../../authentication/live-sessions.ts';
import type { RealmClients } from '../../clients/realm-clients.ts';
import type { Cookies } from '../../http/cookies.ts';
import type { OriginRules } from '../../http/origin-rules.ts';
import type { Logger } from '../../platform/log.ts';

export interface ProviderPortsOptions
  extends Pick<ProviderPorts, 'committer' | 'clock' | 'random' | 'digestOfSecret' | 'keysOfClient' | 'outbound'> {
  readonly publicUrl: string;
  readonly identities: IdentityDirectory;
  readonly store: Store;
  readonly clients: RealmClients;
  readonly sessions: LiveSessions;
  readonly cookies: Cookies;
  readonly origins: OriginRules;
  readonly log: Logger;
}

/** Where a browser signs in for a request of a client (spec: oidc §1.5). */
const loginAddress = (publicUrl: string, to: LoginRequest): string => {
  if (to.template !== undefined) return customAddress(to.template, to);
  const parameters = new URLSearchParams({ realm: to.realm, goto: to.goto });
  if (to.tree !== undefined) {
    parameters.set('authIndexType', 'service');
    parameters.set('authIndexValue', to.tree);
  }
  if (to.isForced) parameters.set('ForceAuth', 'true');
  if (to.locale !== undefined) parameters.set('locale', to.locale);
  if (to.loginHint !== undefined) parameters.set('login_hint', to.loginHint);
  if (to.isPopup) parameters.set('display', 'popup');
  return `${publicUrl}/login?${parameters}`;
};

/** Where a browser signs in at a login page that the realm or the client names. */
const customAddress = (
  template: LoginTemplate,
  { realm, goto, tree, locale, acrValues, isForced }: LoginRequest,
): string => {
  const address = new URL(
    fillLoginTemplate(template, {
      realm,
      goto,
      ...(tree !== undefined && { service: tree }),
      ...(locale !== undefined && { locale }),
      ...(acrValues !== undefined && { acrValues }),
    }),
  );
  // No variable says it. Without it a page would find the session that does not suffice, and lead back here for ever.
  if (isForced) address.searchParams.set('ForceAuth', 'true');
  return address.href;
};

/** Where a request shows its session. */
const shownBy = ({ header }: OAuthRequest): IncomingHttpHeaders =>
  Object.fromEntries([...SESSION_HEADERS, 'cookie'].map((name) => [name, header(name)]));

/** What the provider needs of the server that it stands in. */
export const providerPorts = (options: ProviderPortsOptions): ProviderPorts => {
  const {
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
    keysOfClient,
    outbound,
    log,
  } = options;
  const { throttles, grants, parkedRequests, replays, consents, signingKeys, pendingApprovals } = store;

  const signedIn: ProviderPorts['signedIn'] = async (request, { isUse = false } = {}) => {
    // A page that shows a session by itself has to be one that the realm lists (OIDC-30).
    const isForeign = !origins.isOwnOrListed({ origin: request.header('origin') }, request.realm);
    if (request.hasSessionHeader && isForeign) return undefined;
    const session = await sessions.find(tokenOf({ headers: shownBy(request) }, cookies), { peek: !isUse });
    if (session?.realm !== request.realm.realm) return undefined;
    const identity = await identities.findById(session.userId);
    if (identity?.active !== true) return undefined;
    return signedInBy(session, identity);
  };

  return {
    grants,
    parkedRequests,
    replays,
    consents,
    signingKeys,
    pendingApprovals,
    throttles,
    committer,
    clock,
    random,
    identities,
    clients,
    settings: (realm) => clients.settings(realm),
    signedIn,
    hasSession: ({ userId, sid }) => sessions.hasSid(userId, sid),
    endOfSession: async (session, { realm, transactionId }) =>
      sessions.changesOfEnd({ ...session, realm: realm.realm }, transactionId),
    digestOfSecret,
    keysOfClient,
    outbound,
    loginAddress: (to) => loginAddress(publicUrl, to),
    report: (cause, { transactionId }) => log.error({ transactionId, cause }, 'A request to the provider failed.'),
  };
};
