import type { Identity } from '@assent/engine';
import type {
  AuditEvent,
  Change,
  Committer,
  IdentityDirectory,
  ThrottleReader,
  ThrottleRow,
} from '@assent/engine/host';
import type { Store, StoreChange } from '@assent/store';
import { type Lookout, type WatchedStore, watchedStore } from '@assent/store/testing/watched';
import type { PushDevice } from '../../model/devices.ts';
import type { MessageReader, PushMessage } from '../../model/messages.ts';

/** With the last phone that counts, the codes of its user go: that is a rule of phones. */
type RecoveryCodeRow = Awaited<ReturnType<Store['devices']['codesOfUser']>>[number];

/** What push reads and writes, in a store, and what a test sees of it. */
export interface StoredPushPorts {
  readonly messages: MessageReader;
  readonly devices: Store['devices'];
  readonly replays: { has(hash: string): Promise<boolean> };
  readonly throttles: ThrottleReader;
  readonly identities: IdentityDirectory;
  readonly committer: Committer;
  readonly audit: readonly AuditEvent[];
  /** Every commit that was asked for, also the refused ones. */
  readonly commits: readonly (readonly Change[])[];
  /** Changes of messages that do more than count a bad answer. */
  readonly writes: readonly (readonly Change[])[];
  /** Another reader of the store, for tests of what stands on push. */
  readonly reader: WatchedStore['reader'];
  /** How often a reader was asked. */
  readonly reads: number;
  addIdentity(identity: Partial<Identity> & Pick<Identity, 'id' | 'username'>): Identity;
  row(id: string): PushMessage;
  rows(): readonly PushMessage[];
  device(uuid: string): PushDevice | undefined;
  codes(): readonly RecoveryCodeRow[];
  throttle(subject: string): ThrottleRow | undefined;
  /** Runs before each commit is applied: a test can let another commit go first. */
  beforeCommit: ((changes: readonly Change[]) => void | Promise<void>) | undefined;
}

/** The rows as they were after the last commit. */
class SeenRows implements Lookout {
  readonly #messages = new Map<string, PushMessage | undefined>();
  readonly #devices = new Map<string, PushDevice | undefined>();
  readonly #counters = new Set<string>();
  readonly #users = new Set<string>();
  #throttles: ReadonlyMap<string, ThrottleRow> = new Map();
  codes: readonly RecoveryCodeRow[] = [];

  note(changes: readonly StoreChange[]): void {
    for (const change of changes) {
      if (change.type === 'push.open') for (const { id } of change.rows) this.#messages.set(id, undefined);
      if (change.type === 'device.insert') this.#devices.set(change.row.uuid, undefined);
      if (change.type === 'identity.insert') this.#users.add(change.id);
      if (change.type === 'throttle.put') this.#counters.add(change.row.subject);
      if (change.type === 'throttle.hit') this.#counters.add(change.subject);
    }
  }

  async look({ messages, devices, throttles }: Store): Promise<void> {
    for (const id of this.#messages.keys()) this.#messages.set(id, await messages.get(id));
    for (const uuid of this.#devices.keys()) this.#devices.set(uuid, await devices.get(uuid));
    this.#throttles = new Map((await throttles.get([...this.#counters])).map((row) => [row.subject, row]));
    this.codes = (await Promise.all([...this.#users].map(devices.codesOfUser))).flat();
  }

  get rows(): readonly PushMessage[] {
    return [...this.#messages.values()].filter((row) => row !== undefined);
  }

  device(uuid: string): PushDevice | undefined {
    return this.#devices.get(uuid);
  }

  throttle(subject: string): ThrottleRow | undefined {
    return this.#throttles.get(subject);
  }
}

export function storedPushPorts(): StoredPushPorts {
  const seen = new SeenRows();
  const store = watchedStore(seen);
  const { committer, commits, audit } = store;
  return {
    messages: store.reader('messages'),
    devices: store.reader('devices'),
    replays: store.reader('replays'),
    throttles: store.reader('throttles'),
    identities: store.reader('identities'),
    reader: store.reader,
    committer,
    audit,
    commits,
    get writes() {
      return commits.filter((changes) => changes.some(({ type }) => type !== 'throttle.hit'));
    },
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
      const { id, realm, username, attributes } = identity;
      store.begin({ type: 'identity.insert', id, realm, username, attributes });
      return identity;
    },
    row(id) {
      const row = seen.rows.find((it) => it.id === id);
      if (row === undefined) throw new RangeError(`no message ${id}`);
      return row;
    },
    rows: () => seen.rows,
    device: (uuid) => seen.device(uuid),
    codes: () => seen.codes,
    throttle: (subject) => seen.throttle(subject),
  };
}
