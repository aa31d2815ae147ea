export interface RealmCacheOptions<V> {
  /** How large all values may be together. */
  readonly maxSize: number;
  /** How large the values of one realm may be together. */
  readonly maxSizeOfRealm: number;
  readonly sizeOf: (value: V) => number;
}

interface Entry<V> {
  readonly value: V;
  readonly size: number;
}

/** Entries of one realm, the least recently used one first. */
interface Share<V> {
  readonly entries: Map<number, Entry<V>>;
  size: number;
}

/**
 * A cache that realms share fairly: where it is full, the realm that holds the most loses its least recently used value. A realm that fills the cache
 * only evicts its own values (SEC-93).
 */
export class RealmCache<V> {
  readonly #with: RealmCacheOptions<V>;
  readonly #realms = new Map<string, Share<V>>();
  #size = 0;

  constructor(options: RealmCacheOptions<V>) {
    this.#with = options;
  }

  get(realm: string, place: number): V | undefined {
    const entries = this.#realms.get(realm)?.entries;
    const entry = entries?.get(place);
    if (entries === undefined || entry === undefined) return undefined;
    entries.delete(place);
    entries.set(place, entry);
    return entry.value;
  }

  /** Whether the realm stays within its share with a value of that size at the place. */
  hasRoomFor(realm: string, place: number, size: number): boolean {
    const share = this.#realms.get(realm);
    const others = (share?.size ?? 0) - (share?.entries.get(place)?.size ?? 0);
    return others + size <= this.#with.maxSizeOfRealm;
  }

  /** Drops the values of the realm that are not current. */
  retain(realm: string, isCurrent: (place: number, value: V) => boolean): void {
    for (const [place, { value }] of [...(this.#realms.get(realm)?.entries ?? [])]) {
      if (!isCurrent(place, value)) this.#delete(realm, place);
    }
  }

  set(realm: string, place: number, value: V): void {
    this.#delete(realm, place);
    const share = this.#realms.get(realm) ?? { entries: new Map<number, Entry<V>>(), size: 0 };
    const size = this.#with.sizeOf(value);
    share.entries.set(place, { value, size });
    share.size += size;
    this.#size += size;
    this.#realms.set(realm, share);
    while (this.#size > this.#with.maxSize) this.#evict();
  }

  #evict(): void {
    let largest: readonly [realm: string, share: Share<V>] | undefined;
    for (const entry of this.#realms) {
      if (largest === undefined || entry[1].size > largest[1].size) largest = entry;
    }
    if (largest === undefined) return;
    const [realm, { entries }] = largest;
    const [leastRecentlyUsed] = entries.keys();
    if (leastRecentlyUsed !== undefined) this.#delete(realm, leastRecentlyUsed);
  }

  #delete(realm: string, place: number): void {
    const share = this.#realms.get(realm);
    const entry = share?.entries.get(place);
    if (share === undefined || entry === undefined) return;
    share.entries.delete(place);
    share.size -= entry.size;
    this.#size -= entry.size;
    if (share.entries.size === 0) this.#realms.delete(realm);
  }
}
