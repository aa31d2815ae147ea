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
import { afterHit } from '@assent/engine/host';
import type {
  DeviceChange,
  DeviceReader,
  OathDevice,
  OathDeviceReader,
  PushDevice,
  RecoveryCodeRow,
} from '../model/devices.ts';
import type { MessageChange, MessageReader, PushMessage } from '../model/messages.ts';

const CLOSING_ATTEMPTS = 5;

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
          | 'audit.append'
          | 'identity.attributes';
      }
    >;

interface Tables {
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
  readonly throttles: ThrottleReader;
  readonly identities: IdentityDirectory;
  readonly committer: Committer;
  readonly audit: readonly AuditEvent[];
  /** Every commit that was asked for, also the refused ones. */
  readonly commits: readonly (readonly Change[])[];
  /** Those of them that do more than count a bad answer. */
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
      ofRequest: (request) => read((it) => requestRows(it, request)),
      pendingFor: (devices, now) =>
        read((it) =>
          [...it.messages.values()]
            .filter((row) => row.kind === 'AUTHENTICATE' && row.state === 'pending' && now < row.expiresAt)
            .filter((row) => devices.some(({ uuid, userId }) => row.deviceUuid === uuid && row.userId === userId))
            .sort(byAge),
        ),
      unsent: (before, now, limit) =>
        read((it) =>
          [...it.messages.values()]
            .filter((row) => row.state === 'pending' && row.delivery === 'queued')
            .filter((row) => row.createdAt < before && now < row.expiresAt)
            .sort(byAge)
            .slice(0, limit),
        ),
    },
    devices: {
      ofUser: (userId) => read((it) => userDevices(it, userId).filter(counts).sort(newestFirst)),
      countOfUser: (userId, now) => read((it) => limitedDevices(it, userId, now).length),
      byMechanism: (realm, uid) =>
        read((it) => [...it.devices.values()].filter((row) => row.realm === realm && row.mechanismUid === uid)),
      get: (uuid) => read((it) => it.devices.get(uuid)),
      codeBySelector: (userId, type, selector) =>
        read((it) => userCodes(it, userId, type).find((row) => row.selector === selector)),
      countCodes: (userId, type) => read((it) => userCodes(it, userId, type).length),
    },
    oathDevices: {
      ofUser: (userId) => read((it) => userOathDevices(it, userId).sort(newestFirst)),
      get: (uuid) => read((it) => it.oathDevices.get(uuid)),
    },
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
      // No phone is found by an attribute of its user.
      findByAttribute: () => Promise.resolve([]),
      list: (realm) => read((it) => [...it.identities.values()].filter((row) => row.realm === realm)),
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

const requestRows = ({ messages }: Tables, request: string) =>
  [...messages.values()].filter((row) => row.request === request);
const userDevices = ({ devices }: Tables, userId: string) =>
  [...devices.values()].filter((row) => row.userId === userId);
/** Not one that has yet to prove itself. */
const counts = ({ pending }: PushDevice) => pending === undefined;
const limitedDevices = (tables: Tables, userId: string, now: number) =>
  userDevices(tables, userId).filter(({ pending }) => pending === undefined || pending.until > now);
const userOathDevices = ({ oathDevices }: Tables, userId: string) =>
  [...oathDevices.values()].filter((row) => row.userId === userId);
const userCodes = ({ codes }: Tables, userId: string, type: string) =>
  [...codes.values()].filter((row) => row.userId === userId && row.deviceType === type);

function applyChange(tables: Tables, change: KnownChange): boolean {
  const { messages, devices, oathDevices, codes, throttles, identities, audit } = tables;
  const put = (row: PushMessage) => messages.set(row.id, row);
  const close = (rows: readonly PushMessage[], reason: string) => {
    for (const row of rows) put({ ...row, state: 'closed', reason });
  };
  const isPending = (row: PushMessage) => row.state === 'pending';
  const isOpen = (row: PushMessage) => isPending(row) || row.state === 'approved' || row.state === 'denied';
  const removeDevice = (uuid: string) => {
    close(
      [...messages.values()].filter((row) => row.deviceUuid === uuid && isPending(row)),
      'removed',
    );
    devices.delete(uuid);
  };
  const removeCodes = (userId: string, type: string) => {
    for (const { id } of userCodes(tables, userId, type)) codes.delete(id);
  };

  switch (change.type) {
    case 'push.open': {
      const users = new Set(change.rows.filter((row) => row.kind === 'AUTHENTICATE').map((row) => row.userId));
      const older = [...messages.values()].filter(
        (row) => row.kind === 'AUTHENTICATE' && isPending(row) && users.has(row.userId),
      );
      close(older, 'superseded');
      for (const row of change.rows) {
        if (messages.has(row.id)) return false;
        put(row);
      }
      return true;
    }
    case 'push.answer': {
      const row = messages.get(change.id);
      if (row === undefined) return false;
      const others = requestRows(tables, row.request).filter((it) => it.id !== row.id);
      const takesDeny =
        row.state === 'approved' ||
        (row.state === 'closed' && row.reason === 'withdrawn' && others.some((it) => it.state === 'approved'));
      if (isPending(row) ? change.at >= row.expiresAt : change.state === 'approved' || !takesDeny) return false;
      const { type: _type, at, ...answer } = change;
      const { reason: _reason, ...rest } = row;
      put({ ...rest, ...answer, answeredAt: at });
      if (row.kind !== 'AUTHENTICATE') return true;
      close(others.filter(isPending), 'withdrawn');
      if (change.state === 'approved') return true;
      for (const other of others.filter((it) => it.state === 'approved')) {
        put({ ...other, state: 'denied', ...(change.reason !== undefined && { reason: change.reason }) });
      }
      return true;
    }
    case 'push.badProof': {
      const row = messages.get(change.id);
      if (row === undefined) return true;
      const attempts = row.attempts + 1;
      const closes = isPending(row) && attempts >= CLOSING_ATTEMPTS;
      put({ ...row, attempts, ...(closes && { state: 'closed', reason: 'attempts' }) });
      return true;
    }
    case 'push.consume': {
      const rows = requestRows(tables, change.request);
      if (!rows.some((row) => row.state === change.state)) return false;
      if (change.state === 'approved' && rows.some((row) => row.state === 'denied')) return false;
      for (const row of rows.filter((it) => it.state === 'approved' || it.state === 'denied')) {
        put({ ...row, state: 'consumed' });
      }
      close(rows.filter(isPending), 'withdrawn');
      return true;
    }
    case 'push.close':
      close(requestRows(tables, change.request).filter(isOpen), change.reason);
      return true;
    case 'push.closeUser':
      close(
        [...messages.values()].filter((row) => row.userId === change.userId && isOpen(row)),
        change.reason,
      );
      return true;
    case 'push.closeJourney':
      close(
        [...messages.values()].filter((row) => row.journeyId === change.journeyId && isOpen(row)),
        change.reason,
      );
      return true;
    case 'push.delivery':
      for (const { id, delivery } of change.marks) {
        const row = messages.get(id);
        if (row !== undefined && row.delivery !== 'shown') put({ ...row, delivery });
      }
      return true;
    case 'device.insert': {
      const { row } = change;
      const { length: taken } = limitedDevices(tables, row.userId, row.createdAt);
      if (devices.has(row.uuid) || taken >= change.maxDevices) return false;
      devices.set(row.uuid, row);
      return true;
    }
    case 'device.update':
      if (devices.get(change.row.uuid)?.rev !== change.row.rev) return false;
      devices.set(change.row.uuid, { ...change.row, rev: change.row.rev + 1 });
      return true;
    case 'device.delete': {
      const row = devices.get(change.uuid);
      if (row === undefined) return false;
      removeDevice(row.uuid);
      if (!userDevices(tables, row.userId).some(counts)) removeCodes(row.userId, 'push');
      return true;
    }
    case 'device.deleteAll':
      for (const { uuid } of userDevices(tables, change.userId)) removeDevice(uuid);
      removeCodes(change.userId, 'push');
      return true;
    case 'device.confirm': {
      const row = devices.get(change.uuid);
      if (row?.pending?.journeyId !== change.journeyId || row.pending.until <= change.at) return false;
      const { pending: _pending, ...proven } = row;
      devices.set(row.uuid, { ...proven, rev: row.rev + 1 });
      return true;
    }
    case 'device.discard':
      for (const row of [...devices.values()].filter(({ pending }) => pending?.journeyId === change.journeyId)) {
        removeDevice(row.uuid);
      }
      return true;
    case 'device.accessed': {
      const row = devices.get(change.uuid);
      if (row !== undefined) devices.set(row.uuid, { ...row, lastAccessAt: change.at });
      return true;
    }
    case 'oath.insert': {
      const { row } = change;
      if (oathDevices.has(row.uuid) || userOathDevices(tables, row.userId).length >= change.maxDevices) return false;
      oathDevices.set(row.uuid, row);
      return true;
    }
    case 'oath.update':
      if (oathDevices.get(change.row.uuid)?.rev !== change.row.rev) return false;
      oathDevices.set(change.row.uuid, { ...change.row, rev: change.row.rev + 1 });
      return true;
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
    case 'throttle.put': {
      const { row } = change;
      if ((throttles.get(row.subject)?.rev ?? 0) !== row.rev) return false;
      throttles.set(row.subject, { ...row, rev: row.rev + 1 });
      return true;
    }
    case 'throttle.unlocked':
      return change.subjects.every((subject) => (throttles.get(subject)?.lockedUntil ?? 0) <= change.now);
    case 'throttle.hit': {
      const { subject, policy, at } = change;
      const row = throttles.get(subject);
      if ((row?.lockedUntil ?? 0) > at) return true;
      const after = afterHit(row, subject, policy, at);
      throttles.set(subject, { ...after, rev: after.rev + 1 });
      return true;
    }
    case 'throttle.clear':
      for (const subject of change.subjects) {
        const row = throttles.get(subject);
        if (row !== undefined) throttles.set(subject, { subject, hits: [], lockedUntil: 0, rev: row.rev + 1 });
      }
      return true;
    case 'identity.attributes': {
      const row = identities.get(change.id);
      if (row?.rev !== change.seenRev) return false;
      identities.set(row.id, { ...row, rev: row.rev + 1, attributes: { ...row.attributes, ...change.attributes } });
      return true;
    }
    case 'audit.append':
      audit.push(change.event);
      return true;
  }
}
