import type { Identity } from '@assent/engine';
import {
  type AuditEvent,
  afterHit,
  type Change,
  type Committer,
  type EngineChange,
  type IdentityDirectory,
  isLocked,
  type ThrottleReader,
  type ThrottleRow,
} from '@assent/engine/host';
import type { OAuthChange, OAuthReaders } from '../model/changes.ts';
import { afterConsent, type SavedConsent } from '../model/consents.ts';
import {
  accessOfGrant,
  afterDrop,
  afterRedeem,
  afterRefresh,
  endedByNext,
  endsWithSession,
  heldPage,
  isLiveGrant,
  type OAuthGrant,
} from '../model/grants.ts';
import type { ParkedRequest } from '../model/parked-requests.ts';
import { afterDecision, isApproved, type PendingApproval } from '../model/pending-approvals.ts';
import { MAX_SEEN_OF_OWNER } from '../model/replays.ts';
import { afterRotation, type SigningKeyRow } from '../model/signing-keys.ts';
import { pushedOutBy, type Waiting } from '../model/waiting-places.ts';

type EngineChangeHere = Extract<
  EngineChange,
  {
    type:
      | 'audit.append'
      | 'identity.usable'
      | 'realm.usable'
      | 'session.end'
      | 'session.usable'
      | 'throttle.clear'
      | 'throttle.hit'
      | 'throttle.unlocked';
  }
>;
type KnownChange = OAuthChange | EngineChangeHere;

interface Tables {
  readonly grants: Map<string, OAuthGrant>;
  readonly parked: Map<string, ParkedRequest>;
  readonly replays: Map<string, { readonly owner: string; readonly expiresAt: number }>;
  readonly consents: Map<string, SavedConsent>;
  readonly keys: Map<string, SigningKeyRow>;
  readonly pending: Map<string, PendingApproval>;
  readonly throttles: Map<string, ThrottleRow>;
  /** By the hash of the token. */
  readonly sessions: Map<string, { readonly sid: string }>;
  readonly identities: Map<string, Identity>;
  readonly audit: AuditEvent[];
}

/** What a provider reads and writes, in memory: a double for its tests, not a store. */
export interface MemoryOAuthStore extends OAuthReaders {
  readonly throttles: ThrottleReader;
  readonly identities: Pick<IdentityDirectory, 'find' | 'findById'>;
  readonly committer: Committer;
  readonly audit: readonly AuditEvent[];
  /** Every commit that was asked for, also the refused ones. */
  readonly commits: readonly (readonly Change[])[];
  /** How often a reader was asked. */
  readonly reads: number;
  /** Runs before each commit is applied: a test can let somebody else be faster. */
  beforeCommit: ((changes: readonly Change[]) => void | Promise<void>) | undefined;
  addIdentity(identity: Partial<Identity> & Pick<Identity, 'id' | 'username'>): Identity;
  addGrant(row: OAuthGrant): void;
  addSession(session: { readonly tokenHash: string; readonly sid: string }): void;
  /** It has run out, and was swept. */
  removeSession(tokenHash: string): void;
  /** The hashes of the tokens of the sessions with that `sid`. */
  sessionsOf(sid: string): readonly string[];
  grant(id: string): OAuthGrant | undefined;
  onlyGrant(): OAuthGrant;
}

const consentPlace = (userId: string, clientId: string): string => `${userId} ${clientId}`;

export const memoryOAuthStore = (): MemoryOAuthStore => {
  let tables: Tables = {
    grants: new Map(),
    parked: new Map(),
    replays: new Map(),
    consents: new Map(),
    keys: new Map(),
    pending: new Map(),
    throttles: new Map(),
    sessions: new Map(),
    identities: new Map(),
    audit: [],
  };
  const commits: (readonly Change[])[] = [];
  let reads = 0;
  const read = async <T>(get: (from: Tables) => T): Promise<T> => {
    reads += 1;
    return get(tables);
  };
  const liveOf = (it: Tables, isOf: (row: OAuthGrant) => boolean, now: number) =>
    [...it.grants.values()]
      .filter((row) => isOf(row) && isLiveGrant(row, now))
      .sort((a, b) => b.createdAt - a.createdAt);

  const store: MemoryOAuthStore = {
    grants: {
      get: (id) => read((it) => it.grants.get(id)),
      heldOf: ({ userId, credentialRev }, page) =>
        read((it) => {
          const isOf = (row: OAuthGrant) => row.userId === userId && row.credentialRev === credentialRev;
          return heldPage(liveOf(it, isOf, page.now).map(accessOfGrant), page);
        }),
      ofSession: (userId, sid, now) => read((it) => liveOf(it, (row) => row.userId === userId && row.sid === sid, now)),
    },
    parkedRequests: { get: (idHash) => read((it) => it.parked.get(idHash)) },
    replays: { has: (hash) => read((it) => it.replays.has(hash)) },
    consents: {
      get: (userId, clientId) => read((it) => it.consents.get(consentPlace(userId, clientId))),
      ofUser: (userId, { from = '', limit }) =>
        read((it) =>
          [...it.consents.values()]
            .filter((row) => row.userId === userId && row.clientId >= from)
            .sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
            .slice(0, limit),
        ),
    },
    signingKeys: {
      ofRealm: (realm) =>
        read((it) =>
          [...it.keys.values()].filter((row) => row.realm === realm).sort((a, b) => a.createdAt - b.createdAt),
        ),
    },
    pendingApprovals: {
      get: (idHash) => read((it) => it.pending.get(idHash)),
      byUserCode: (realm, digest) =>
        read((it) => [...it.pending.values()].find((row) => row.realm === realm && row.userCodeDigest === digest)),
    },
    throttles: {
      get: (subjects) => read((it) => subjects.flatMap((subject) => it.throttles.get(subject) ?? [])),
    },
    identities: {
      find: (realm, username) =>
        read((it) => [...it.identities.values()].find((row) => row.realm === realm && row.username === username)),
      findById: (id) => read((it) => it.identities.get(id)),
    },
    committer: {
      async commit(changes) {
        commits.push(changes);
        await store.beforeCommit?.(changes);
        const draft = copyOf(tables);
        for (const change of changes) {
          if (!apply(draft, change as unknown as KnownChange)) return { committed: false, refused: change.type };
        }
        tables = draft;
        return { committed: true };
      },
    },
    get audit() {
      return tables.audit;
    },
    commits,
    get reads() {
      return reads;
    },
    beforeCommit: undefined,
    addIdentity(given) {
      const identity: Identity = { realm: '/', active: true, attributes: {}, rev: 1, credentialRev: 1, ...given };
      tables.identities.set(identity.id, identity);
      return identity;
    },
    addGrant: (row) => tables.grants.set(row.id, row),
    addSession: ({ tokenHash, sid }) => tables.sessions.set(tokenHash, { sid }),
    removeSession: (tokenHash) => tables.sessions.delete(tokenHash),
    sessionsOf: (sid) => [...tables.sessions].filter(([, it]) => it.sid === sid).map(([tokenHash]) => tokenHash),
    grant: (id) => tables.grants.get(id),
    onlyGrant() {
      const [row, ...others] = tables.grants.values();
      if (row === undefined || others.length > 0) throw new Error(`There are ${tables.grants.size} grants.`);
      return row;
    },
  };
  return store;
};

const copyOf = (it: Tables): Tables => ({
  grants: new Map(it.grants),
  parked: new Map(it.parked),
  replays: new Map(it.replays),
  consents: new Map(it.consents),
  keys: new Map(it.keys),
  pending: new Map(it.pending),
  throttles: new Map(it.throttles),
  sessions: new Map(it.sessions),
  identities: new Map(it.identities),
  audit: [...it.audit],
});

/** Puts another row in the place of one, where there is one that may be replaced. */
const replace = <T>(table: Map<string, T>, id: string, next: (row: T) => T | undefined): boolean => {
  const row = table.get(id);
  const after = row && next(row);
  if (after === undefined) return false;
  table.set(id, after);
  return true;
};

const endAll = (grants: Map<string, OAuthGrant>, isOver: (row: OAuthGrant) => boolean): true => {
  for (const row of grants.values()) if (isOver(row)) grants.delete(row.id);
  return true;
};

const openGrant = (grants: Map<string, OAuthGrant>, row: OAuthGrant): boolean => {
  if (grants.has(row.id)) return false;
  const others = [...grants.values()].filter(
    ({ realm, clientId, sid }) =>
      sid !== undefined && sid === row.sid && clientId === row.clientId && realm === row.realm,
  );
  for (const id of endedByNext(others, row.createdAt)) grants.delete(id);
  grants.set(row.id, row);
  return true;
};

/** Whether the change still applies; the draft is thrown away where one does not. */
const apply = (to: Tables, change: KnownChange): boolean => {
  switch (change.type) {
    case 'grant.open':
      return openGrant(to.grants, change.row);
    case 'grant.redeem':
      return replace(to.grants, change.id, (row) => afterRedeem(row, change));
    case 'grant.refresh':
      return replace(to.grants, change.id, (row) => afterRefresh(row, change));
    case 'grant.dropAccess':
      replace(to.grants, change.id, (row) => ({ ...row, dropped: afterDrop(row, change.accessNo) }));
      return true;
    case 'grant.end':
      return endAll(to.grants, ({ id }) => id === change.id);
    case 'grant.endOfUser':
      return endAll(to.grants, (row) => row.userId === change.userId && row.clientId === change.clientId);
    case 'parked.put':
      return putWaiting(
        to.parked,
        change,
        ({ source }) => (source === undefined) === (change.row.source === undefined),
      );
    case 'parked.spend': {
      const row = to.parked.get(change.idHash);
      return row !== undefined && change.now < row.expiresAt && to.parked.delete(change.idHash);
    }
    case 'replay.room': {
      const kept = [...to.replays.values()].filter((it) => it.owner === change.owner && it.expiresAt > change.now);
      return kept.length < MAX_SEEN_OF_OWNER;
    }
    case 'replay.see': {
      const { hash, owner, expiresAt, now } = change;
      if ((to.replays.get(hash)?.expiresAt ?? 0) > now) return false;
      to.replays.set(hash, { owner, expiresAt });
      return true;
    }
    case 'consent.save': {
      const place = consentPlace(change.row.userId, change.row.clientId);
      to.consents.set(place, afterConsent(to.consents.get(place), change.row));
      return true;
    }
    case 'consent.drop':
      to.consents.delete(consentPlace(change.userId, change.clientId));
      return true;
    case 'signingKey.insert':
    case 'signingKey.rotate':
    case 'signingKey.drop':
      return applyToKeys(to.keys, change);
    case 'pendingApproval.open': {
      const isTaken = [...to.pending.values()].some(
        (row) => row.realm === change.row.realm && row.userCodeDigest === change.row.userCodeDigest,
      );
      return !isTaken && putWaiting(to.pending, change, ({ status }) => status !== 'approved');
    }
    case 'pendingApproval.poll':
      return replace(to.pending, change.idHash, (row) =>
        row.nextPollAt === change.seenNextPollAt
          ? { ...row, nextPollAt: change.nextPollAt, interval: change.interval }
          : undefined,
      );
    case 'pendingApproval.decide':
      return replace(to.pending, change.idHash, (row) => afterDecision(row, change));
    case 'pendingApproval.take': {
      const row = to.pending.get(change.idHash);
      return row !== undefined && isApproved(row, change.now) && to.pending.delete(change.idHash);
    }
    case 'session.usable':
      return to.sessions.has(change.tokenHash);
    case 'session.end':
      for (const [tokenHash, { sid }] of to.sessions) if (sid === change.sid) to.sessions.delete(tokenHash);
      return endAll(to.grants, (row) => row.userId === change.userId && row.sid === change.sid && endsWithSession(row));
    case 'throttle.hit': {
      const row = to.throttles.get(change.subject);
      if (isLocked(row, change.at)) return change.onlyUnlocked !== true;
      const after = afterHit(row, change.subject, change.policy, change.at);
      to.throttles.set(change.subject, { ...after, rev: after.rev + 1 });
      return true;
    }
    case 'throttle.unlocked':
      return change.subjects.every((subject) => !isLocked(to.throttles.get(subject), change.now));
    case 'throttle.clear':
      for (const subject of change.subjects) to.throttles.delete(subject);
      return true;
    case 'identity.usable': {
      const identity = to.identities.get(change.id);
      return identity?.active === true && identity.credentialRev === change.credentialRev;
    }
    // Every realm of the double is in force.
    case 'realm.usable':
      return true;
    case 'audit.append':
      to.audit.push(change.event);
      return true;
    default:
      throw new TypeError(`The double knows no change of the type ${(change as Change).type}.`);
  }
};

interface WaitingForClient extends Waiting {
  readonly realm: string;
  readonly clientId: string;
  readonly expiresAt: number;
}

/** Puts a row that waits; others that are of its kind lose their place to it where there is none left. */
const putWaiting = <T extends WaitingForClient>(
  table: Map<string, T>,
  { row, now }: { readonly row: T; readonly now: number },
  isOfKind: (other: T) => boolean,
): boolean => {
  if (table.has(row.idHash)) return false;
  const others = [...table.values()].filter(
    (it) => it.realm === row.realm && it.clientId === row.clientId && it.expiresAt > now && isOfKind(it),
  );
  for (const idHash of pushedOutBy(row.source, others)) table.delete(idHash);
  table.set(row.idHash, row);
  return true;
};

const applyToKeys = (
  keys: Map<string, SigningKeyRow>,
  change: Extract<OAuthChange, { type: `signingKey.${string}` }>,
): boolean => {
  switch (change.type) {
    case 'signingKey.insert': {
      const { row } = change;
      const isTaken = [...keys.values()].some(
        ({ kid, realm, algorithm, status }) =>
          kid === row.kid || (realm === row.realm && algorithm === row.algorithm && status === row.status),
      );
      if (!isTaken) keys.set(row.kid, row);
      return !isTaken;
    }
    case 'signingKey.rotate': {
      const both = afterRotation(keys.get(change.nextKid), keys.get(change.activeKid), change.at);
      for (const row of both ?? []) keys.set(row.kid, row);
      return both !== undefined;
    }
    case 'signingKey.drop':
      return keys.get(change.kid)?.status === 'retired' && keys.delete(change.kid);
  }
};
