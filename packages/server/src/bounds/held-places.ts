import { sourceOf } from '@assent/engine/host';

export interface PlaceLimits {
  readonly most: number;
  readonly mostOfSource: number;
  /** How many one phone, or one journey, may hold. */
  readonly mostOfOwner: number;
}

/** Why an answer cannot be held. */
export type NoPlace = 'full' | 'too-many-of-source' | 'too-many-of-owner';

/** For whom an answer is held. */
export interface PlaceOf {
  readonly owner: string;
  readonly clientAddress: string;
}

/** Places for answers that stay open: each keeps a connection, a timer and listeners, so that there are never many (REL-14). */
export class HeldPlaces {
  readonly #limits: PlaceLimits;
  readonly #bySource = new Map<string, number>();
  readonly #byOwner = new Map<string, number>();
  #taken = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Undefined where there is a place. */
  refusal({ owner, clientAddress }: PlaceOf): NoPlace | undefined {
    const { most, mostOfSource, mostOfOwner } = this.#limits;
    if (this.#taken >= most) return 'full';
    if ((this.#bySource.get(sourceOf(clientAddress)) ?? 0) >= mostOfSource) return 'too-many-of-source';
    return (this.#byOwner.get(owner) ?? 0) >= mostOfOwner ? 'too-many-of-owner' : undefined;
  }

  /** Takes a place; the result gives it back, once. */
  take({ owner, clientAddress }: PlaceOf): () => void {
    const source = sourceOf(clientAddress);
    this.#count(owner, source, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#count(owner, source, -1);
      isTaken = false;
    };
  }

  #count(owner: string, source: string, change: 1 | -1): void {
    this.#taken += change;
    add(this.#bySource, source, change);
    add(this.#byOwner, owner, change);
  }
}

const add = (counts: Map<string, number>, key: string, change: number): void => {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
};

/** The open streams of one kind: the server ends them when it stops, and when their realm is switched off (SEC-89). */
export class HeldStreams {
  /** What ends each stream, with the path of the realm that it belongs to. */
  readonly #realmOf = new Map<() => void, string>();

  get size(): number {
    return this.#realmOf.size;
  }

  add(end: () => void, realm: string): void {
    this.#realmOf.set(end, realm);
  }

  delete(end: () => void): void {
    this.#realmOf.delete(end);
  }

  endAll(): void {
    for (const end of [...this.#realmOf.keys()]) end();
  }

  endOf(realms: readonly string[]): void {
    for (const [end, realm] of [...this.#realmOf]) if (realms.includes(realm)) end();
  }
}
