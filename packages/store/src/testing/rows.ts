import type { RealmSettings, ScriptDocument, Session } from '@assent/engine';
import type {
  AuditEvent,
  BackChannel,
  ConfigurationChange,
  JourneySession,
  OutboxEntry,
  Proposal,
  PublishedTree,
  ServiceDocument,
} from '@assent/engine/host';
import type { BoundDevice, OathDevice, Passkey, RecoveryCodeRow } from '@assent/factors';
import type { ApprovedBy, OAuthGrant, ParkedRequest, PendingApproval, SigningKeyRow } from '@assent/oidc';
import type { PushDevice, PushMessage } from '@assent/push';
import { checkpointKeyFrom } from '../chain/checkpoint-key.ts';
import type { SealOrder } from '../ports/audit-chain.ts';
import type { FedAuditEvent } from '../ports/audit-feed.ts';
import type { Store, StoreChange } from '../ports/store.ts';

/** Rows that differ from case to case only where the case says so. */
export const NOW = 1_800_000_000_000;

export const journeyRow = (given: Partial<JourneySession> = {}): JourneySession => ({
  id: 'journey-1',
  realm: '/alpha',
  tree: 'PushLogin',
  treeVersion: 3,
  nonce: 'nonce-1',
  expiresAt: NOW + 300_000,
  ended: false,
  state: '{"shared":{"username":"demo"}}',
  ...given,
});

export const sessionRow = (given: Partial<Session> = {}): Session => ({
  tokenHash: 'token-1',
  handle: 'handle-1',
  sid: given.tokenHash === undefined ? 'sid-1' : `sid of ${given.tokenHash}`,
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  properties: { AuthLevel: '0' },
  createdAt: NOW,
  lastUsedAt: NOW,
  maxExpiresAt: NOW + 7_200_000,
  maxIdleMillis: 1_800_000,
  ...given,
});

export const backChannelRow = (given: Partial<BackChannel> = {}): BackChannel => ({
  idHash: 'back-channel-1',
  realm: '/alpha',
  tree: 'Approve',
  openedBy: 'journey-1',
  expiresAt: NOW + 300_000,
  allowRetry: true,
  subject: 'user-1',
  status: 'created',
  data: '{"username":"demo"}',
  ...given,
});

export const deviceRow = (given: Partial<PushDevice> = {}): PushDevice => ({
  uuid: 'device-1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  deviceName: 'My phone',
  issuer: 'Assent',
  secret: new Uint8Array(32).fill(7),
  mechanismUid: 'mechanism-1',
  deviceId: 'device-id',
  deviceType: 'web',
  communicationType: 'relay',
  communicationId: 'address-1',
  createdAt: NOW,
  lastAccessAt: NOW,
  refreshHashes: [],
  rev: 1,
  ...given,
});

export const proposalRow = (given: Partial<Proposal> = {}): Proposal => ({
  id: 'proposal-1',
  realm: '/alpha',
  proposer: 'user-1',
  document: '{"change":{}}',
  createdAt: NOW,
  expiresAt: NOW + 3_600_000,
  ...given,
});

export const oathRow = (given: Partial<OathDevice> = {}): OathDevice => ({
  uuid: 'oath-1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  deviceName: 'OATH Device',
  issuer: 'Assent',
  secret: new Uint8Array(20).fill(5),
  digits: 6,
  counter: 0,
  lastLoginSeconds: 0,
  clockDriftSeconds: 0,
  checksumDigit: false,
  truncationOffset: -1,
  createdAt: NOW,
  lastAccessAt: NOW,
  rev: 1,
  ...given,
});

/** Its key and its ids are texts to a store; who verifies has tests of keys. */
export const passkeyRow = (given: Partial<Passkey> = {}): Passkey => ({
  uuid: 'passkey-1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  deviceName: 'New Security Key',
  credentialId: 'credential-1',
  userHandle: 'handle-of-user-1',
  publicKey: { kty: 'EC', crv: 'P-256', x: 'x-1', y: 'y-1' },
  algorithm: -7,
  signCount: 7,
  userVerified: false,
  backupEligible: false,
  backedUp: false,
  aaguid: '00000000-0000-0000-0000-000000000000',
  transports: ['usb'],
  attestation: 'NONE',
  rpId: 'id.example.org',
  createdAt: NOW,
  lastAccessAt: NOW,
  rev: 1,
  ...given,
});

export const boundRow = (given: Partial<BoundDevice> = {}): BoundDevice => ({
  uuid: 'kid-1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  deviceName: 'Device Name',
  deviceId: 'installation-1',
  key: { kty: 'EC', crv: 'P-256', kid: 'kid-1', use: 'sig', alg: 'ES256', x: 'x-1', y: 'y-1' },
  applicationId: 'org.example.app',
  authenticationType: 'BIOMETRIC_ALLOW_FALLBACK',
  attested: false,
  createdAt: NOW,
  lastAccessAt: NOW,
  rev: 1,
  ...given,
});

export const codeRow = (given: Partial<RecoveryCodeRow> = {}): RecoveryCodeRow => ({
  id: 'code-1',
  realm: '/alpha',
  userId: 'user-1',
  deviceType: 'push',
  selector: 'selector-1',
  hash: 'hash-1',
  ...given,
});

export const messageRow = (given: Partial<PushMessage> = {}): PushMessage => ({
  id: 'AUTHENTICATE:1',
  kind: 'AUTHENTICATE',
  request: given.id ?? 'AUTHENTICATE:1',
  realm: '/alpha',
  userId: 'user-1',
  username: 'demo',
  journeyId: 'journey-1',
  deviceUuid: 'device-1',
  mechanismUid: 'mechanism-1',
  challenge: new Uint8Array(32).fill(9),
  pushType: 'CHALLENGE',
  expectedNumber: 471_902,
  state: 'pending',
  createdAt: NOW,
  expiresAt: NOW + 120_000,
  attempts: 0,
  delivery: 'queued',
  envelope: {
    communicationType: 'relay',
    communicationId: 'address-1',
    messageId: given.id ?? 'AUTHENTICATE:1',
    jwt: 'header.payload.signature',
    text: 'Login attempt from Demo',
    pushType: 'CHALLENGE',
    expiresAt: NOW + 120_000,
  },
  ...given,
});

export const outboxEntry = (given: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: 'entry-1',
  kind: 'test',
  realm: '/alpha',
  recipient: 'app',
  payload: '{"told":"something"}',
  ...given,
});

export const grantRow = (given: Partial<OAuthGrant> = {}): OAuthGrant => ({
  id: 'grant-1',
  realm: '/alpha',
  clientId: 'app',
  userId: 'user-1',
  credentialRev: 1,
  sid: 'sid-1',
  scopes: ['openid', 'profile'],
  amr: ['pwd'],
  authTime: NOW / 1_000,
  status: 'code',
  code: { redirectUri: 'https://app.example.com/cb', challenge: 'challenge', nonce: 'nonce' },
  refreshNo: 0,
  rotatedAt: NOW,
  accessNo: 0,
  dropped: [],
  createdAt: NOW,
  expiresAt: NOW + 120_000,
  ...given,
});

/** One whose code was redeemed. */
export const activeGrant = (given: Partial<OAuthGrant> = {}): OAuthGrant =>
  grantRow({
    status: 'active',
    redeemedAt: NOW,
    refreshNo: 1,
    accessNo: 1,
    expiresAt: NOW + 604_800_000,
    ...given,
  });

export const parkedRow = (given: Partial<ParkedRequest> = {}): ParkedRequest => ({
  idHash: 'parked-1',
  realm: '/alpha',
  clientId: 'app',
  request: '{"scope":"openid","state":"Zürich 東京"}',
  createdAt: NOW,
  expiresAt: NOW + 90_000,
  ...given,
});

export const pendingRow = (given: Partial<PendingApproval> = {}): PendingApproval => ({
  idHash: 'device-code-1',
  kind: 'device',
  realm: '/alpha',
  clientId: 'tv',
  userCodeDigest: `digest of ${given.idHash ?? 'device-code-1'}`,
  scopes: ['openid'],
  acrValues: ['push'],
  status: 'pending',
  nextPollAt: NOW,
  interval: 5,
  createdAt: NOW,
  expiresAt: NOW + 600_000,
  ...given,
});

export const approvedBy = (given: Partial<ApprovedBy> = {}): ApprovedBy => ({
  userId: 'user-1',
  credentialRev: 1,
  sid: 'sid-1',
  scopes: ['openid'],
  acr: 'push',
  amr: ['pwd', 'swk'],
  authTime: NOW / 1_000,
  ...given,
});

export const keyRow = (given: Partial<SigningKeyRow> = {}): SigningKeyRow => ({
  realm: '/alpha',
  kid: 'kid-1',
  algorithm: 'RS256',
  status: 'active',
  privateKey: 'a private key in PEM',
  createdAt: NOW,
  since: NOW,
  ...given,
});

export const auditEvent = (given: Partial<AuditEvent> = {}): AuditEvent => ({
  at: NOW,
  event: 'JOURNEY_END',
  realm: '/alpha',
  transactionId: 'transaction-1',
  userId: 'user-1',
  ...given,
});

export const newUser = (given: Partial<Extract<StoreChange, { readonly type: 'identity.insert' }>> = {}) =>
  ({
    type: 'identity.insert',
    id: given.id ?? 'user-1',
    realm: given.realm ?? '/alpha',
    username: given.username ?? 'demo',
    ...(given.hash === undefined ? {} : { hash: given.hash }),
    attributes: given.attributes ?? { mail: ['demo@example.com'] },
  }) satisfies StoreChange;

/** The first that a new store is told of its configuration: the clients of `parkedRow` and `pendingRow`. */
export const firstClients = (): StoreChange => ({
  type: 'configuration.change',
  seenVersion: 0,
  deleteTrees: [],
  putClients: [parkedRow(), pendingRow()].map(({ realm, clientId: id }) => ({ realm, id, document: {} })),
});

/** The row that a change of the configuration is told by, where a test is about something else. */
const TOLD: StoreChange = {
  type: 'audit.append',
  event: { at: 1, event: 'CONFIG_CHANGE', realm: '/', transactionId: 'test' },
};

/** Commits changes whose verbs the compiler knows; one of the configuration with a row of the trail, which each must have. */
export const commit = (store: Pick<Store, 'committer'>, ...changes: readonly StoreChange[]) => {
  const isUntold = changes.some(({ type }) => type === 'configuration.change');
  return store.committer.commit(isUntold ? [...changes, TOLD] : changes);
};

/** The same; throws where they are refused. */
export const mustCommit = async (store: Store, ...changes: readonly StoreChange[]): Promise<void> => {
  const result = await commit(store, ...changes);
  if (!result.committed) throw new Error(`the commit was refused at ${result.refused}`);
};

/** Commits many changes in parts: one commit of thousands is not over within the limit of a statement on a slow machine. */
export const mustCommitMany = async (store: Store, changes: readonly StoreChange[]): Promise<void> => {
  for (let at = 0; at < changes.length; at += 100) await mustCommit(store, ...changes.slice(at, at + 100));
};

export const refusedAt = (type: StoreChange['type']) => ({ committed: false, refused: type });

/** How many of the commits were applied, all of them sent at once. */
export const countWinners = async (store: Store, commits: readonly (readonly StoreChange[])[]): Promise<number> => {
  const results = await Promise.all(commits.map((changes) => commit(store, ...changes)));
  return results.filter((result) => result.committed).length;
};

/** What a sink gets at that moment, at most so many rows: it takes them, and that is noted. Nothing where another instance sends. */
export const takeTrail = async (
  { auditFeed, auditChain }: Pick<Store, 'auditFeed' | 'auditChain'>,
  by: { readonly holder: string; readonly now: number },
  limit = 100,
): Promise<readonly FedAuditEvent[]> => {
  await sealAll({ auditChain }, { now: by.now });
  const rows = (await auditFeed.next(by, limit)) ?? [];
  const last = rows.at(-1);
  if (last !== undefined) await auditFeed.sent(by, last.position);
  return rows;
};

export const CHECKPOINT_KEY_OF_TESTS = checkpointKeyFrom(new Uint8Array(32).fill(3));

/** Seals all that there is, by one sealer. */
export const sealAll = async (
  { auditChain }: Pick<Store, 'auditChain'>,
  given: Partial<SealOrder> = {},
): Promise<number> => {
  const order = { holder: 'sealer', now: NOW, limit: 500, key: CHECKPOINT_KEY_OF_TESTS, transactionId: 't', ...given };
  for (let rows = 0; ; ) {
    const sealed = await auditChain.seal(order);
    rows += sealed?.rows ?? 0;
    if (sealed?.isMore !== true) return rows;
  }
};

type Tree = Omit<PublishedTree, 'version'>;
/** What is written of the configuration, whatever it was before. */
export type ConfigurationEdit = Omit<ConfigurationChange, 'type' | 'seenVersion'>;

/** Nodes come with the trees that have them. */
export const withNodes = (
  ...trees: readonly Tree[]
): Required<Pick<ConfigurationChange, 'putNodes' | 'publishTrees'>> => ({
  publishTrees: trees,
  putNodes: trees.flatMap(({ realm, nodes }) => Object.values(nodes).map((node) => ({ ...node, realm }))),
});

/** Writes the configuration of a store for a test, which nobody else writes at that moment: each call is a commit with its row. */
export const configuring = (store: Pick<Store, 'configuration' | 'committer'>) => {
  /** Whether the store has taken it. */
  const change = async (given: ConfigurationEdit): Promise<boolean> => {
    const seenVersion = await store.configuration.version();
    return (await commit(store, { type: 'configuration.change', seenVersion, ...given })).committed;
  };
  return {
    change,
    createRealm: (createRealm: RealmSettings, equipment: ConfigurationEdit = {}) =>
      change({ createRealm, ...equipment }),
    saveRealm: (putRealm: RealmSettings) => change({ putRealm }),
    deleteRealm: (deleteRealm: string) => change({ deleteRealm }),
    publishTree: (tree: Tree) => change(withNodes(tree)),
    saveService: (service: ServiceDocument) => change({ putServices: [service] }),
    deleteService: (realm: string, type: string) => change({ deleteServices: [{ realm, type }] }),
    saveScript: (script: ScriptDocument) => change({ putScripts: [script] }),
  };
};
