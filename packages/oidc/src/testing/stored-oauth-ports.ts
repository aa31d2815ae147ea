import type { Identity } from '@assent/engine';
import type {
  AuditEvent,
  Change,
  Committer,
  IdentityDirectory,
  SessionReader,
  ThrottleReader,
} from '@assent/engine/host';
import { TEST_START, testRealm } from '@assent/engine/testing';
import type { Store, StoreChange } from '@assent/store';
import { type Lookout, watchedStore } from '@assent/store/testing/watched';
import type { OAuthReaders } from '../model/changes.ts';
import type { OAuthGrant } from '../model/grants.ts';

/** What a provider reads and writes, in a store, and what a test sees of it. */
export interface StoredOAuthPorts extends OAuthReaders {
  readonly throttles: ThrottleReader;
  readonly identities: Pick<IdentityDirectory, 'find' | 'findById'>;
  readonly sessions: Pick<SessionReader, 'hasSid'>;
  readonly committer: Committer;
  readonly audit: readonly AuditEvent[];
  /** Every commit that was asked for, also the refused ones. */
  readonly commits: readonly (readonly Change[])[];
  /** How often a reader was asked. */
  readonly reads: number;
  /** Runs before each commit is applied: a test can let another commit go first. */
  beforeCommit: ((changes: readonly Change[]) => void | Promise<void>) | undefined;
  /** A user who is there already has other credentials then, or is read with what is given. */
  addIdentity(identity: Partial<Identity> & Pick<Identity, 'id' | 'username'>): Identity;
  addGrant(row: OAuthGrant): void;
  addSession(session: { readonly tokenHash: string; readonly sid: string; readonly userId: string }): void;
  /** It has run out, and was swept. */
  removeSession(tokenHash: string): void;
  /** The hashes of the tokens of the sessions with that `sid`. */
  sessionsOf(sid: string): readonly string[];
  grant(id: string): OAuthGrant | undefined;
  onlyGrant(): OAuthGrant;
}

/** The rows as they were after the last commit. */
class SeenRows implements Lookout {
  readonly grants = new Map<string, OAuthGrant | undefined>();
  /** Of each token, the session. */
  readonly sessions = new Map<string, string | undefined>();

  note(changes: readonly StoreChange[]): void {
    for (const change of changes) {
      if (change.type === 'grant.open') this.grants.set(change.row.id, change.row);
      if (change.type === 'session.insert') this.sessions.set(change.row.tokenHash, change.row.sid);
    }
  }

  async look({ grants, sessions }: Store): Promise<void> {
    for (const id of this.grants.keys()) this.grants.set(id, await grants.get(id));
    for (const token of this.sessions.keys()) this.sessions.set(token, (await sessions.get(token))?.sid);
  }
}

const sessionOf = (tokenHash: string, sid: string, userId: string, expiresAt: number) => ({
  tokenHash,
  handle: `handle of ${tokenHash}`,
  sid,
  realm: '/',
  userId,
  username: userId,
  properties: {},
  createdAt: TEST_START,
  lastUsedAt: TEST_START,
  maxExpiresAt: expiresAt,
  maxIdleMillis: expiresAt,
});

export const storedOAuthPorts = (): StoredOAuthPorts => {
  const seen = new SeenRows();
  const store = watchedStore(seen);
  store.begin(
    { type: 'configuration.change', seenVersion: 0, createRealm: testRealm() },
    { type: 'audit.append', event: { at: TEST_START, event: 'CONFIG_CHANGE', realm: '/', transactionId: 'test' } },
  );
  const identities = store.reader('identities');
  const { findById } = identities;
  const credentials = new Map<string, number>();
  const told = new Map<string, Identity>();
  identities.findById = async (id) => told.get(id) ?? findById(id);
  const owners = new Map<string, { readonly sid: string; readonly userId: string }>();
  return {
    grants: store.reader('grants'),
    parkedRequests: store.reader('parkedRequests'),
    replays: store.reader('replays'),
    consents: store.reader('consents'),
    signingKeys: store.reader('signingKeys'),
    pendingApprovals: store.reader('pendingApprovals'),
    throttles: store.reader('throttles'),
    identities,
    sessions: store.reader('sessions'),
    committer: store.committer,
    audit: store.audit,
    commits: store.commits,
    get reads() {
      return store.reads;
    },
    get beforeCommit() {
      return store.beforeCommit;
    },
    set beforeCommit(before) {
      store.beforeCommit = before;
    },
    addIdentity(given) {
      const identity: Identity = { realm: '/', active: true, attributes: {}, rev: 1, credentialRev: 1, ...given };
      const { id, realm, username, attributes, credentialRev } = identity;
      const known = credentials.get(id);
      credentials.set(id, credentialRev);
      if (known === undefined) store.begin({ type: 'identity.insert', id, realm, username, attributes });
      // No store has a user of another realm than before, or a grant of a disabled one: it is told of readers alone.
      else if (known === credentialRev) told.set(id, identity);
      else store.begin({ type: 'identity.revoke', id });
      return identity;
    },
    addGrant(row) {
      seen.grants.set(row.id, row);
      store.begin({ type: 'grant.open', row });
    },
    addSession({ tokenHash, sid, userId }) {
      owners.set(tokenHash, { sid, userId });
      seen.sessions.set(tokenHash, sid);
      store.begin({ type: 'session.insert', row: sessionOf(tokenHash, sid, userId, Number.MAX_SAFE_INTEGER) });
    },
    removeSession(tokenHash) {
      const owner = owners.get(tokenHash);
      if (!owners.delete(tokenHash) || owner === undefined) return;
      seen.sessions.delete(tokenHash);
      const row = sessionOf(`${tokenHash} that ran out`, owner.sid, owner.userId, TEST_START);
      store.begin({ type: 'session.insert', row, replaces: { tokenHash, ...owner } });
    },
    sessionsOf: (sid) => [...seen.sessions].filter(([, of]) => of === sid).map(([tokenHash]) => tokenHash),
    grant: (id) => seen.grants.get(id),
    onlyGrant() {
      const [row, ...others] = [...seen.grants.values()].filter((it) => it !== undefined);
      if (row === undefined || others.length > 0) throw new Error(`There are ${others.length + (row ? 1 : 0)} grants.`);
      return row;
    },
  };
};
