import { createSecretKey, type KeyObject } from 'node:crypto';
import type { DataKey, Purpose } from './data-key.ts';

/** A record lies under a key that this process has not read: another instance may have made it meanwhile. */
export class UnknownDataKey extends Error {
  override readonly name = 'UnknownDataKey';
}

interface HeldKey {
  readonly id: number;
  readonly purpose: Purpose;
  readonly key: KeyObject;
}

/** A database that somebody has put garbage into must not have its keys read for each piece of it. */
const LOOKED_FOR_ANEW_MILLIS = 1_000;
const MAX_LOOKS = 10;

/** The data keys that this process has read, which may be others a moment later. */
export class DataKeyRing {
  readonly #elapsed: () => number;
  /** Reads the keys at once, or throws {@link UnknownDataKey} where that takes a while. */
  readonly #look: (id: number) => void;
  #byId: ReadonlyMap<number, HeldKey> = new Map();
  #active: ReadonlyMap<Purpose, HeldKey> = new Map();
  #looks = new Map<number, number>();
  #heardAt = 0;

  constructor(
    keys: readonly DataKey[] = [],
    {
      elapsed = () => performance.now(),
      look = () => undefined,
    }: { readonly elapsed?: () => number; readonly look?: (id: number) => void } = {},
  ) {
    this.#elapsed = elapsed;
    this.#look = look;
    this.replace(keys);
  }

  /** What is known of a key stays as it was: no other is ever made under its id. */
  replace(keys: readonly DataKey[]): void {
    const byId = new Map<number, HeldKey>();
    const active = new Map<Purpose, HeldKey>();
    for (const { id, purpose, bytes, status = 'active' } of [...keys].sort((a, b) => a.id - b.id)) {
      const held = this.#byId.get(id) ?? { id, purpose, key: createSecretKey(bytes) };
      byId.set(id, held);
      if (status === 'active') active.set(purpose, held);
    }
    this.#byId = byId;
    this.#active = active;
    this.confirm();
  }

  /** Nothing has been done to the keys since they were read. */
  confirm(): void {
    this.#heardAt = this.#elapsed();
  }

  /** How long ago it was that somebody made sure of these being the keys, milliseconds. */
  get age(): number {
    return this.#elapsed() - this.#heardAt;
  }

  has(id: number): boolean {
    return this.#byId.has(id);
  }

  active(purpose: Purpose): HeldKey | undefined {
    return this.#active.get(purpose);
  }

  find(id: number): HeldKey | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined || !this.#mayLook(id)) return known;
    this.#look(id);
    return this.#byId.get(id);
  }

  #mayLook(id: number): boolean {
    const now = this.#elapsed();
    for (const [earlier, at] of this.#looks) if (now - at >= LOOKED_FOR_ANEW_MILLIS) this.#looks.delete(earlier);
    if (this.#looks.has(id) || this.#looks.size >= MAX_LOOKS) return false;
    this.#looks.set(id, now);
    return true;
  }
}
