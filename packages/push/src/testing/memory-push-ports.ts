import type { Identity } from '@assent/engine';
import { foldUsername } from '@assent/engine';
import type {
  AuditEvent,
  Change,
  Committer,
  EngineChange,
  IdentityDirectory,
  ThrottleReader,
  ThrottleRow,
} from '@assent/engine/host';
import { afterHit, clearedThrottle, forgivenThrottle, isLocked, storedThrottle, withoutHit } from '@assent/engine/host';
import type { BoundDeviceReader } from '../model/bound-device.ts';
import {
  afterAccess,
  afterProof,
  afterUpdate,
  codesGoWith,
  countsTowardsLimit,
  isProven,
  isUnreachable,
} from '../model/device-rules.ts';
import type {
  DeviceChange,
  DeviceReader,
  OathDevice,
  OathDeviceReader,
  PushDevice,
  RecoveryCodeRow,
} from '../model/devices.ts';
import { messageFingerprints } from '../model/message-fingerprint.ts';
import { keptMessage, type MessageChange, type MessageReader, type PushMessage } from '../model/messages.ts';
import type { PasskeyReader } from '../model/passkey.ts';
import { isRinging, isUnclaimed, isUnsent } from '../model/request-rules.ts';
import {
  applyKeyChange,
  copyOfKeyTables,
  emptyKeyTables,
  isKeyChange,
  type KeyTables,
  keyReaders,
} from './memory-key-changes.ts';
import {
  applyMessageChange,
  isMessageChange,
  messagesOfRequest,
  voidMessagesOfDevice,
} from './memory-message-changes.ts';

type KnownChange =
  | DeviceChange
  | MessageChange
  | Extract<
      EngineChange,
      {
        type:
          | 'throttle.put'
          | 'throttle.hit'
          | 'throttle.unlocked'
          | 'throttle.clear'
          | 'throttle.takeBack'
          | 'throttle.forgive'
          | 'audit.append'
          | 'identity.attributes';
      }
    >;

interface Tables extends KeyTables {
  readonly messages: Map<string, PushMessage>;
  readonly devices: Map<string, PushDevice>;
  readonly oathDevices: Map<string, OathDevice>;
  readonly codes: Map<string, RecoveryCodeRow>;
  readonly throttles: Map<string, ThrottleRow>;
  readonly identities: Map<string, Identity>;
  readonly audit: AuditEvent[];
}

/** What push reads and writes, in memory: a double for tests of push and of nodes, not a store. */
export interface MemoryPushPorts {
  readonly messages: MessageReader;
  readonly devices: DeviceReader;
  readonly oathDevices: OathDeviceReader;
  readonly passkeys: PasskeyReader;
  readonly boundDevices: BoundDeviceReader;
  readonly replays: { has(hash: string): Promise<boolean> };
  readonly throttles: ThrottleReader;
  readonly identities: IdentityDirectory;
  readonly committer: Committer;
  readonly audit: readonly AuditEvent[];
  /** Every commit that was asked for, also the refused ones. */
  readonly commits: readonly (readonly Change[])[];
  /** Changes of messages that do more than count a bad answer. */
  readonly writes: readonly (readonly Change[])[];
  /** How often a reader was asked. */
  readonly reads: number;
  addIdentity(identity: Partial<Identity> & Pick<Identity, 'id' | 'username'>): Identity;
  addDevice(device: PushDevice): void;
  row(id: string): PushMessage;
  rows(): readonly PushMessage[];
  device(uuid: string): PushDevice | undefined;
  codes(): readonly RecoveryCodeRow[];
  throttle(subject: string): ThrottleRow | undefined;
  /** Runs before each commit is applied: a test can let somebody else be faster. */
  beforeCommit: ((changes: readonly Change[]) => void | Promise<void>) | undefined;
}

export function memoryPushPorts(): MemoryPushPorts {
  let tables: Tables = {
    messages: new Map(),
    devices: new Map(),
    oathDevices: new Map(),
    ...emptyKeyTables(),
    codes: new Map(),
    throttles: new Map(),
    identities: new Map(),
    audit: [],
  };
  const commits: (readonly Change[])[] = [];
  let reads = 0;
  const read = <T>(get: (from: Tables) => T): Promise<T> => {
    reads += 1;
    return Promise.resolve(get(tables));
  };
  const byAge = (a: PushMessage, b: PushMessage) => a.createdAt - b.createdAt;
  const newestFirst = (a: { createdAt: number }, b: { createdAt: number }) => b.createdAt - a.createdAt;

  const ports: MemoryPushPorts = {
    messages: {
      get: (id) => read((it) => it.messages.get(id)),
      ofRequest: (request) => read((it) => messagesOfRequest(it.messages, request)),
      pendingFor: (devices, now) =>
        read((it) =>
          [...it.messages.values()]
            .filter((row) => isRinging(row) && now < row.expiresAt)
            .filter((row) => devices.some(({ uuid, userId }) => row.deviceUuid === uuid && row.userId === userId))
            .sort(byAge),
        ),
      fingerprints: ({ requests, users }) =>
        read((it) => {
          const rows = [...it.messages.values()];
          return messageFingerprints(
            requests,
            rows.filter(({ request }) => requests.includes(request)),
            rows.filter((row) => isRinging(row) && users.includes(row.userId)),
          );
        }),
      unclaimed: (now, limit, alsoOf, except = []) =>
        read((it) =>
          [...it.messages.values()]
            .filter((row) => isUnclaimed(row, now, alsoOf) && now < row.expiresAt && !except.includes(row.realm))
            .sort(byAge)
            .slice(0, limit)
            .map(({ id }) => id),
        ),
      ofUser: (userId, limit) =>
        read((it) =>
          [...it.messages.values()]
            .filter((row) => row.userId === userId)
            .sort(newestFirst)
            .slice(0, limit)
            .map(keptMessage),
        ),
      ofJourneys: (journeyIds, limit) =>
        read((it) =>
          [...it.messages.values()]
            .filter(({ journeyId }) => journeyIds.includes(journeyId))
            .sort(newestFirst)
            .slice(0, limit)
            .map((row) => ({ ...row, trace: row.trace ?? '' })),
        ),
      claimed: ({ by, until }) =>
        read((it) =>
          [...it.messages.values()]
            .filter((row) => isUnsent(row) && row.claim?.by === by && row.claim.until === until)
            .sort(byAge),
        ),
    },
    devices: {
      ofUser: (userId) => read((it) => userDevices(it, userId).filter(isProven).sort(newestFirst)),
      countOfUser: (userId, now) => read((it) => limitedDevices(it, userId, now).length),
      byMechanism: (realm, uid) =>
        read((it) => [...it.devices.values()].filter((row) => row.realm === realm && row.mechanismUid === uid)),
      page: () => Promise.resolve({ devices: [] }),
      get: (uuid) => read((it) => it.devices.get(uuid)),
      countUnreachable: (realm, limit) =>
        read((it) =>
          Math.min([...it.devices.values()].filter((row) => row.realm === realm && isUnreachable(row)).length, limit),
        ),
      codesOfUser: (userId) => read((it) => [...it.codes.values()].filter((row) => row.userId === userId)),
      codesBySelector: (userId, type, selectors) =>
        read((it) => userCodes(it, userId, type).filter((row) => selectors.includes(row.selector))),
      countCodes: (userId, type) => read((it) => userCodes(it, userId, type).length),
    },
    oathDevices: {
      ofUser: (userId) => read((it) => userOathDevices(it, userId).sort(newestFirst)),
      get: (uuid) => read((it) => it.oathDevices.get(uuid)),
    },
    ...keyReaders(read),
    throttles: {
      get: (subjects) =>
        read((it) => subjects.map((subject) => it.throttles.get(subject)).filter((row) => row !== undefined)),
    },
    identities: {
      find: (realm, username) =>
        read((it) =>
          [...it.identities.values()].find(
            (row) => row.realm === realm && foldUsername(row.username) === foldUsername(username),
          ),
        ),
      findById: (id) => read((it) => it.identities.get(id)),
      // No phone is found by an attribute of its user, or in a list of them.
      findByEntry: async () => undefined,
      findByAttribute: () => Promise.resolve([]),
      page: () => Promise.resolve({ users: [] }),
      passwordHash: () => Promise.resolve(undefined),
    },
    committer: {
      async commit(changes) {
        await ports.beforeCommit?.(changes);
        commits.push(changes);
        const draft: Tables = {
          messages: new Map(tables.messages),
          devices: new Map(tables.devices),
          oathDevices: new Map(tables.oathDevices),
          ...copyOfKeyTables(tables),
          codes: new Map(tables.codes),
          throttles: new Map(tables.throttles),
          identities: new Map(tables.identities),
          audit: [...tables.audit],
        };
        for (const change of changes as readonly KnownChange[]) {
          if (!applyChange(draft, change)) return { committed: false, refused: change.type };
        }
        tables = draft;
        return { committed: true };
      },
    },
    get writes() {
      return commits.filter((changes) => changes.some(({ type }) => type !== 'throttle.hit'));
    },
    get audit() {
      return tables.audit;
    },
    commits,
    get reads() {
      return reads;
    },
    addIdentity(given) {
      const identity: Identity = { realm: '/', active: true, attributes: {}, rev: 1, credentialRev: 1, ...given };
      tables.identities.set(identity.id, identity);
      return identity;
    },
    addDevice(device) {
      tables.devices.set(device.uuid, device);
    },
    row(id) {
      const row = tables.messages.get(id);
      if (row === undefined) throw new RangeError(`no message ${id}`);
      return row;
    },
    rows: () => [...tables.messages.values()],
    device: (uuid) => tables.devices.get(uuid),
    codes: () => [...tables.codes.values()],
    throttle: (subject) => tables.throttles.get(subject),
    beforeCommit: undefined,
  };
  return ports;
}

const userDevices = ({ devices }: Tables, userId: string) =>
  [...devices.values()].filter((row) => row.userId === userId);
const limitedDevices = (tables: Tables, userId: string, now: number) =>
  userDevices(tables, userId).filter((device) => countsTowardsLimit(device, now));
const userOathDevices = ({ oathDevices }: Tables, userId: string) =>
  [...oathDevices.values()].filter((row) => row.userId === userId);
const userCodes = ({ codes }: Tables, userId: string, type: string) =>
  [...codes.values()].filter((row) => row.userId === userId && row.deviceType === type);

function applyChange(tables: Tables, change: KnownChange): boolean {
  const { messages, devices, oathDevices, codes, throttles, identities, audit } = tables;
  /** Applies a rule to one row of another table. */
  const keep = <R>(table: Map<string, R>, id: string, row: R | undefined): boolean => {
    if (row !== undefined) table.set(id, row);
    return row !== undefined;
  };
  const removeDevice = (uuid: string) => {
    voidMessagesOfDevice(messages, uuid);
    devices.delete(uuid);
  };
  const removeCodes = (userId: string, type: string) => {
    for (const { id } of userCodes(tables, userId, type)) codes.delete(id);
  };

  if (isMessageChange(change)) return applyMessageChange(messages, change);
  if (isKeyChange(change)) return applyKeyChange(tables, change, (userId) => removeCodes(userId, 'webauthn'));
  switch (change.type) {
    case 'device.insert': {
      const { row } = change;
      const { length: taken } = limitedDevices(tables, row.userId, row.createdAt);
      if (devices.has(row.uuid) || taken >= change.maxDevices) return false;
      return keep(devices, row.uuid, row);
    }
    case 'device.update':
      return keep(devices, change.row.uuid, afterUpdate(devices.get(change.row.uuid), change.row));
    case 'device.delete': {
      const row = devices.get(change.uuid);
      if (row === undefined) return false;
      removeDevice(row.uuid);
      if (codesGoWith(userDevices(tables, row.userId))) removeCodes(row.userId, 'push');
      return true;
    }
    case 'device.deleteAll':
      for (const { uuid } of userDevices(tables, change.userId)) removeDevice(uuid);
      removeCodes(change.userId, 'push');
      return true;
    case 'device.confirm':
      return keep(devices, change.uuid, afterProof(devices.get(change.uuid), change));
    case 'device.discard':
      for (const row of [...devices.values()].filter(({ pending }) => pending?.journeyId === change.journeyId)) {
        removeDevice(row.uuid);
      }
      return true;
    case 'device.accessed': {
      const row = devices.get(change.uuid);
      if (row !== undefined) devices.set(row.uuid, afterAccess(row, change.at));
      return true;
    }
    case 'oath.insert': {
      const { row } = change;
      if (oathDevices.has(row.uuid) || userOathDevices(tables, row.userId).length >= change.maxDevices) return false;
      return keep(oathDevices, row.uuid, row);
    }
    case 'oath.update':
      return keep(oathDevices, change.row.uuid, afterUpdate(oathDevices.get(change.row.uuid), change.row));
    case 'oath.delete': {
      const row = oathDevices.get(change.uuid);
      if (row === undefined) return false;
      oathDevices.delete(row.uuid);
      if (userOathDevices(tables, row.userId).length === 0) removeCodes(row.userId, 'oath');
      return true;
    }
    case 'oath.deleteAll':
      for (const { uuid } of userOathDevices(tables, change.userId)) oathDevices.delete(uuid);
      removeCodes(change.userId, 'oath');
      return true;
    case 'codes.replace':
      removeCodes(change.userId, change.deviceType);
      for (const row of change.rows) codes.set(row.id, row);
      return true;
    case 'code.use':
      return codes.delete(change.id);
    case 'throttle.put':
      return keep(throttles, change.row.subject, storedThrottle(throttles.get(change.row.subject), change.row));
    case 'throttle.unlocked':
      return change.subjects.every((subject) => !isLocked(throttles.get(subject), change.now));
    case 'throttle.hit': {
      const { subject, policy, at, credential, onlyUnlocked = false } = change;
      const row = throttles.get(subject);
      if (isLocked(row, at)) return !onlyUnlocked;
      return keep(throttles, subject, storedThrottle(row, afterHit(row, subject, policy, at, credential)));
    }
    case 'throttle.clear':
      for (const subject of change.subjects) {
        const row = throttles.get(subject);
        if (row !== undefined) keep(throttles, subject, storedThrottle(row, clearedThrottle(row)));
      }
      return true;
    case 'throttle.takeBack':
      for (const { subject, at } of change.hits) {
        const row = throttles.get(subject);
        if (row !== undefined) keep(throttles, subject, storedThrottle(row, withoutHit(row, at)));
      }
      return true;
    case 'throttle.forgive': {
      const row = throttles.get(change.subject);
      if (row !== undefined) keep(throttles, change.subject, storedThrottle(row, forgivenThrottle(row)));
      return true;
    }
    case 'identity.attributes': {
      const row = identities.get(change.id);
      if (row?.rev !== change.seenRev) return false;
      const attributes = { ...row.attributes, ...change.attributes };
      return keep(identities, row.id, { ...row, rev: row.rev + 1, attributes });
    }
    case 'audit.append':
      audit.push(change.event);
      return true;
  }
}
