import type { Clock, Configuration, RealmSettings, ScriptDocument } from '@assent/engine';
import type {
  ClientDocument,
  ConfigurationChange,
  ConfigurationReader,
  ConfigurationSnapshot,
  PublishedTree,
  ServiceDocument,
  StoredNode,
} from '@assent/engine/host';
import { LRUCache } from 'lru-cache';
import { systemClock } from '../platform/system-ports.ts';
import { type ByRealm, byRealm, type Indexed, index } from './indexed-configuration.ts';
import { foldAlias } from './realm-names.ts';
import { documentKey, type RealmDocuments, sizeOfDocument } from './realm-quota.ts';

/** Beyond this, versions are read again: an import can make dozens of them, with journeys on few. */
const MAX_OLDER_TREE_BYTES = 32 * 1_024 * 1_024;

/** A name that is not there is looked for once in so long. */
const MISS_MILLIS = 1_000;
/** Of names that are not there, so many in that time: some 50 KiB of them. */
const MAX_MISSES = 100;
const MAX_MISSED_LENGTH = 256;

/** The root realm, as clients write it that write every realm below the root: no realm can be called so. */
const ROOT_AS_REALM = '/root';

/** What of a realm a request names. */
interface Named {
  readonly tree?: string | undefined;
  readonly service?: string | undefined;
  readonly client?: string | undefined;
}

/** A service as it was stored, with the values of secrets that stand elsewhere. */
type InForce = (stored: ServiceDocument) => ServiceDocument;

interface Surroundings {
  readonly clock: Clock;
  readonly inForce: InForce;
  /** Treats realms that are switched off as realms in force: only the command line does (SEC-89). */
  readonly includesInactiveRealms: boolean;
}

const key = (realm: string, name: string): string => `${realm}\n${name}`;

/**
 * The stored configuration, cached in memory and read again when the stored version has moved on. A realm that is switched off is not in
 * force: this class does not find the realm, nor its trees, services, scripts and clients (SEC-89).
 */
export class LiveConfiguration implements Configuration {
  readonly #store: ConfigurationReader;
  #now: Indexed;
  /** Read when somebody administers, and kept up with what is written here. */
  #nodes: { readonly version: number; readonly byRealm: Map<string, Map<string, StoredNode>> } = {
    version: -1,
    byRealm: new Map(),
  };
  /** Versions that journeys under way still use. */
  readonly #olderTrees = new LRUCache<string, PublishedTree>({
    maxSize: MAX_OLDER_TREE_BYTES,
    sizeCalculation: sizeOfDocument,
  });
  /** Reads of versions that are under way. */
  readonly #treesUnderWay = new Map<string, Promise<PublishedTree | undefined>>();

  #refreshing: Promise<void> | undefined;
  #nextRefresh: Promise<void> | undefined;
  readonly #clock: Clock;
  /** What was asked for in the last second, and is not there. */
  readonly #missed = new Set<string>();
  #missedSince = 0;

  readonly #inForce: InForce;
  /** Services with the values of their secrets, by what is stored. */
  #services = new WeakMap<ServiceDocument, ServiceDocument>();
  readonly #includesInactiveRealms: boolean;
  #onRealmsOff: (paths: readonly string[]) => void = () => undefined;

  private constructor(
    store: ConfigurationReader,
    { clock, inForce, includesInactiveRealms }: Surroundings,
    snapshot: ConfigurationSnapshot,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#inForce = inForce;
    this.#includesInactiveRealms = includesInactiveRealms;
    this.#now = index(snapshot, includesInactiveRealms);
  }

  static async open(
    store: ConfigurationReader,
    {
      clock = systemClock,
      inForce = (document) => document,
      includesInactiveRealms = false,
    }: Partial<Surroundings> = {},
  ): Promise<LiveConfiguration> {
    return new LiveConfiguration(store, { clock, inForce, includesInactiveRealms }, await store.load());
  }

  /** Calls the listener with the paths of realms that have just been switched off or deleted, by this instance or another one. */
  whenRealmsEnd(listener: (paths: readonly string[]) => void): void {
    this.#onRealmsOff = listener;
  }

  /**
   * Takes over what another process, or this one, has stored by now. One at a time, so that no older answer takes the place of a newer
   * one; what is under way may have been asked too early, and whoever comes meanwhile shares the next.
   */
  refresh(): Promise<void> {
    if (this.#refreshing === undefined) return this.#beginRefresh();
    this.#nextRefresh ??= this.#refreshing
      .catch(() => undefined)
      .then(() => {
        this.#nextRefresh = undefined;
        return this.#beginRefresh();
      });
    return this.#nextRefresh;
  }

  /**
   * What to wait for before a name is called unknown: another instance may have been told of it a moment ago (OPS-28). Undefined where all
   * that is named is known, or was asked for within the second; of many unknown names, a stranger's guesses, only some are asked for.
   */
  catchUpWith(realm: string, named: Named = {}): Promise<void> | undefined {
    const missing = this.#missing(realm, named);
    return missing === undefined ? undefined : this.#catchUpOnce(missing);
  }

  /** What to wait for before services that are there are called unfit: another instance may have been told a moment ago what they lack. */
  catchUpWithServices(realm: string): Promise<void> | undefined {
    return this.#catchUpOnce(`services\n${realm}`.slice(0, MAX_MISSED_LENGTH));
  }

  #catchUpOnce(missing: string): Promise<void> | undefined {
    const now = this.#clock.now();
    if (Math.abs(now - this.#missedSince) >= MISS_MILLIS) {
      this.#missed.clear();
      this.#missedSince = now;
    }
    if (this.#missed.size >= MAX_MISSES || this.#missed.has(missing)) return undefined;
    this.#missed.add(missing);
    return this.refresh();
  }

  #missing(realm: string, { tree, service, client }: Named): string | undefined {
    const { realms, trees, services, clients } = this.#now;
    const isMissing = (of: ByRealm<unknown>, name: string | undefined) =>
      name !== undefined && of.get(realm)?.has(name) !== true;
    const named = (kind: string, name = '') => `${kind}\n${key(realm, name)}`.slice(0, MAX_MISSED_LENGTH);
    if (!realms.has(realm)) return named('realm');
    if (isMissing(trees, tree)) return named('tree', tree);
    if (isMissing(services, service)) return named('service', service);
    return isMissing(clients, client) ? named('client', client) : undefined;
  }

  #beginRefresh(): Promise<void> {
    const refreshing = this.#load().finally(() => {
      if (this.#refreshing === refreshing) this.#refreshing = undefined;
    });
    this.#refreshing = refreshing;
    return refreshing;
  }

  async #load(): Promise<void> {
    if ((await this.#store.version()) === this.#now.version) return;
    // What has not changed stays the same object, so that it need not be compiled again.
    const snapshot = await this.#store.load(this.#now.snapshot);
    const before = this.#now;
    this.#now = index(snapshot, this.#includesInactiveRealms);
    this.#forgetTreesOf(snapshot.emptied);
    const ended = [...before.realms.keys()].filter((path) => !this.#now.realms.has(path));
    if (ended.length > 0) this.#onRealmsOff(ended);
  }

  /** A realm that is made anew begins with version 1 of each tree again. */
  #forgetTreesOf(realms: readonly string[] | undefined): void {
    this.#treesUnderWay.clear();
    if (realms === undefined) this.#olderTrees.clear();
    else if (realms.length > 0) {
      for (const [id, tree] of this.#olderTrees.entries()) if (realms.includes(tree.realm)) this.#olderTrees.delete(id);
    }
  }

  /** Grows with every change; what was decided from what is in force now holds while it stays. */
  get version(): number {
    return this.#now.version;
  }

  /** What the realms' nodes are now; `node` and `nodes` tell of the last time that this was asked for. */
  async refreshNodes(): Promise<void> {
    if (this.#nodes.version === this.#now.version) return;
    const { version: known, byRealm: before } = this.#nodes;
    const earlier =
      known < 0 ? undefined : { version: known, nodes: [...before.values()].flatMap((it) => [...it.values()]) };
    const { version, nodes } = await this.#store.loadNodes(earlier);
    this.#nodes = { version, byRealm: byRealm(nodes, ({ id }) => id) };
  }

  /** Follows a change that was committed, so that its nodes need not be read again. */
  noteChange(change: ConfigurationChange): void {
    const { seenVersion, createRealm, deleteRealm, putNodes = [], deleteNodes = [] } = change;
    if (this.#nodes.version !== seenVersion) return;
    const { byRealm: nodes } = this.#nodes;
    // Also where a realm is made: whatever is here of its path was of an earlier one.
    for (const emptied of [createRealm?.realm, deleteRealm]) if (emptied !== undefined) nodes.delete(emptied);
    for (const node of putNodes) {
      const ofRealm = nodes.get(node.realm);
      if (ofRealm === undefined) nodes.set(node.realm, new Map([[node.id, node]]));
      else ofRealm.set(node.id, node);
    }
    for (const { realm, id } of deleteNodes) nodes.get(realm)?.delete(id);
    this.#nodes = { version: seenVersion + 1, byRealm: nodes };
  }

  /** Whether rows of a realm that had the path are still to be taken away; asked of the store. */
  isBeingDeleted(path: string): Promise<boolean> {
    return this.#store.isBeingDeleted(path);
  }

  /** What a realm has of one kind; undefined for a realm that is switched off. */
  #inRealm<T>(all: ByRealm<T>, realm: string): ReadonlyMap<string, T> | undefined {
    return this.#now.off.has(realm) ? undefined : all.get(realm);
  }

  /** All documents of a realm, also of one that is switched off; of nodes, those that were last asked for. */
  documentsOf(realm: string): RealmDocuments {
    const { services, scripts, trees, clients } = this.#now;
    const documents = new Map<string, object>();
    const add = <T extends object>(all: ByRealm<T>, keyOf: (document: T) => string): void => {
      for (const document of all.get(realm)?.values() ?? []) documents.set(keyOf(document), document);
    };
    add(services, documentKey.service);
    add(scripts, documentKey.script);
    add(trees, documentKey.tree);
    add(clients, documentKey.client);
    add(this.#nodes.byRealm, documentKey.node);
    return documents;
  }

  /** The settings of a realm in force. */
  realm(path: string): RealmSettings | undefined {
    return this.#now.realms.get(path);
  }

  /** The settings of any realm, also one that is switched off: for `global-config/realms` of the root realm alone (SEC-89). */
  storedRealm(path: string): RealmSettings | undefined {
    return this.#now.stored.get(path);
  }

  /** All realms, likewise. */
  storedRealms(): readonly RealmSettings[] {
    return [...this.#now.stored.values()];
  }

  /**
   * The path of the realm that an address means: a realm of that path, or one that has the name as an alias. AM's device client writes the root
   * as it would write any other, `realms/root/realms/root` (spec: webauthn §8.3).
   */
  realmPathOf(named: string): string {
    const { stored, aliases } = this.#now;
    if (stored.has(named)) return named;
    return aliases.get(foldAlias(named.slice(1))) ?? (named === ROOT_AS_REALM ? '/' : named);
  }

  /** The path of the realm that has the host, with or without a port, as an alias. */
  realmPathOfHost(host: string | undefined): string | undefined {
    const { aliases } = this.#now;
    return aliases.size === 0 || host === undefined ? undefined : aliases.get(foldAlias(host.replace(/:\d+$/, '')));
  }

  /** The realms in force. */
  realms(): readonly RealmSettings[] {
    return [...this.#now.realms.values()];
  }

  tree(realm: string, name: string): PublishedTree | undefined {
    return this.#inRealm(this.#now.trees, realm)?.get(name);
  }

  trees(realm: string): readonly PublishedTree[] {
    return [...(this.#inRealm(this.#now.trees, realm)?.values() ?? [])];
  }

  node(realm: string, id: string): StoredNode | undefined {
    return this.#inRealm(this.#nodes.byRealm, realm)?.get(id);
  }

  nodes(realm: string): readonly StoredNode[] {
    return [...(this.#inRealm(this.#nodes.byRealm, realm)?.values() ?? [])];
  }

  async treeVersion(realm: string, name: string, version: number): Promise<PublishedTree | undefined> {
    const newest = this.tree(realm, name);
    if (newest?.version === version) return newest;
    if (this.#now.off.has(realm)) return undefined;
    const id = key(key(realm, name), String(version));
    return this.#olderTrees.get(id) ?? this.#treesUnderWay.get(id) ?? this.#readTree(id, { realm, name, version });
  }

  #readTree(
    id: string,
    { realm, name, version }: Pick<PublishedTree, 'realm' | 'name' | 'version'>,
  ): Promise<PublishedTree | undefined> {
    const reading = this.#store
      .loadTree(realm, name, version)
      .then((tree) => {
        // Otherwise the realm may be another one by now.
        const isLatest = this.#treesUnderWay.get(id) === reading;
        if (isLatest && tree !== undefined) this.#olderTrees.set(id, tree);
        return tree;
      })
      .finally(() => {
        if (this.#treesUnderWay.get(id) === reading) this.#treesUnderWay.delete(id);
      });
    this.#treesUnderWay.set(id, reading);
    return reading;
  }

  service(realm: string, type: string): ServiceDocument | undefined {
    const stored = this.storedService(realm, type);
    if (stored === undefined) return undefined;
    let service = this.#services.get(stored);
    if (service === undefined) {
      service = this.#inForce(stored);
      this.#services.set(stored, service);
    }
    return service;
  }

  /** As somebody has saved it, which is all of it that is ever read back. */
  storedService(realm: string, type: string): ServiceDocument | undefined {
    return this.#inRealm(this.#now.services, realm)?.get(type);
  }

  /** Values of secrets that stand elsewhere are read anew. */
  rereadSecrets(): void {
    this.#services = new WeakMap();
  }

  /** The services of a realm whose type begins with the prefix. */
  services(realm: string, prefix: string): readonly ServiceDocument[] {
    const ofRealm = this.#inRealm(this.#now.services, realm)?.values() ?? [];
    return [...ofRealm].filter((it) => it.type.startsWith(prefix));
  }

  script(realm: string, id: string): ScriptDocument | undefined {
    return this.#inRealm(this.#now.scripts, realm)?.get(id);
  }

  scripts(realm: string): readonly ScriptDocument[] {
    return [...(this.#inRealm(this.#now.scripts, realm)?.values() ?? [])];
  }

  client(realm: string, id: string): ClientDocument | undefined {
    return this.#inRealm(this.#now.clients, realm)?.get(id);
  }

  /** By id. */
  clients(realm: string): readonly ClientDocument[] {
    const ofRealm = this.#inRealm(this.#now.clients, realm)?.values() ?? [];
    return [...ofRealm].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
