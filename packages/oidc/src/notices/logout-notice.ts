import type { RealmSettings } from '@assent/engine';
import { auditChange, type Change, type OutboxEntry } from '@assent/engine/host';
import { isGrantedTo } from '../model/grants.ts';
import { type LogoutNotice, readLogoutEntry } from '../model/logout-notices.ts';
import type { ProviderSettings } from '../model/provider.ts';
import { subjectOf } from '../people/subject.ts';
import type { ProviderPorts } from '../provider-ports.ts';
import { logoutToken } from '../tokens/logout-token.ts';
import type { SigningKeys } from '../tokens/signing-keys.ts';

export interface LogoutNoticeContext {
  readonly ports: Pick<ProviderPorts, 'clients' | 'settings' | 'identities' | 'clock' | 'random' | 'outbound'>;
  readonly keys: Pick<SigningKeys, 'active'>;
  /** From the configuration in force; undefined for one that is gone. */
  readonly realm: (path: string) => RealmSettings | undefined;
}

/** What came of a try to tell a client. */
export interface Told {
  /** Whether nothing more is to be tried: the client knows, or can never be told. */
  readonly isSettled: boolean;
  /** For the trail, and the log. */
  readonly outcome: string;
  /** When the client wants to be told again, as it says it (RFC 9110 §10.2.3). */
  readonly retryAfter?: string | undefined;
}

/** For how long a client is told that does not answer, milliseconds (spec: oidc §5.3). */
export const LOGOUT_NOTICE_MILLIS = 24 * 3_600_000;

const TRANSACTION = 'outbox';

/** A row of the trail: which client, and whose session; never the token. */
export const logoutNoticeAudit = (entry: OutboxEntry, at: number, outcome: string): Change => {
  const { realm, clientId, userId } = readLogoutEntry(entry);
  return auditChange({ at, realm, transactionId: TRANSACTION }, 'LOGOUT_NOTICE', {
    userId,
    outcome,
    detail: { client: clientId },
  });
};

/**
 * Tells a client that a session of its user is over (OpenID Connect Back-Channel Logout §2.5), as the configuration says now: a client
 * that is gone, out of use, or without an address by now is told nothing.
 */
export const sendLogoutNotice = async (context: LogoutNoticeContext, entry: OutboxEntry): Promise<Told> => {
  const { ports, keys } = context;
  const notice = readLogoutEntry(entry);
  const realm = context.realm(notice.realm);
  const client = ports.clients.find(notice.realm, notice.clientId);
  const isOfClient = client?.isActive === true && isGrantedTo(client, notice);
  const address = isOfClient ? client.backchannelLogoutUri : undefined;
  if (realm === undefined || client === undefined || address === undefined) {
    return { isSettled: true, outcome: 'dropped' };
  }
  const provider = ports.settings(realm);
  const subject = await subjectOfNotice(ports, notice, provider);
  const issuedAt = Math.floor(ports.clock.now() / 1_000);
  const token = await logoutToken(keys, ports.random, { provider, client, subject, sid: notice.sid, issuedAt });
  return call(ports.outbound, { realm: client.realm, address, token });
};

/** What the client called the user, also where the user is gone and that can still be known. */
const subjectOfNotice = async (
  { identities }: Pick<ProviderPorts, 'identities'>,
  { userId }: LogoutNotice,
  provider: ProviderSettings,
): Promise<string | undefined> => {
  const identity = await identities.findById(userId);
  if (identity !== undefined) return subjectOf(identity, provider);
  return provider.subject === 'id' ? userId : undefined;
};

const call = async (
  outbound: ProviderPorts['outbound'],
  { realm, address, token }: { readonly realm: string; readonly address: string; readonly token: string },
): Promise<Told> => {
  try {
    const { status, retryAfter } = await outbound(address, {
      realm,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: '*/*' },
      body: new URLSearchParams({ logout_token: token }).toString(),
    });
    // §2.8: 200, and 204 of frameworks that answer so where there is nothing to say.
    const isTold = status === 200 || status === 204;
    return isTold
      ? { isSettled: true, outcome: 'told' }
      : { isSettled: false, outcome: `status ${status}`, retryAfter };
  } catch (error) {
    return { isSettled: false, outcome: error instanceof Error ? error.name : 'Unknown' };
  }
};
