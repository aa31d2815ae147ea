import type { PushMessage } from '../model/messages.ts';

/** Held at a time, so that what is taken over does not wait here while another instance has nothing to do. */
const MAX_HELD = 200;
/** A realm of which as many are held gets no more from a round, and takes no room from the other realms. */
const MAX_HELD_OF_REALM = 50;
/** Some 16 MB. What comes beyond that is taken over once its claim has ended, here or by an instance with less to do. */
const MAX_IN_FLIGHT = 4_000;
const MAX_IN_FLIGHT_OF_REALM = 1_000;

interface Held {
  readonly realm: string;
  readonly until: number;
}

/** The messages that an instance sends, or has sent and not yet marked, with a share for each realm (SEC-93). */
export class InFlight {
  readonly #held = new Map<string, Held>();
  /** By realm, how many of them; no entry is 0. */
  readonly #heldOf = new Map<string, number>();

  has(id: string): boolean {
    return this.#held.has(id);
  }

  /** False also for a message that is held already. */
  hasRoomFor({ id, realm }: Pick<PushMessage, 'id' | 'realm'>): boolean {
    return (
      !this.#held.has(id) && this.#held.size < MAX_IN_FLIGHT && (this.#heldOf.get(realm) ?? 0) < MAX_IN_FLIGHT_OF_REALM
    );
  }

  add({ id, realm }: Pick<PushMessage, 'id' | 'realm'>, until: number): void {
    this.#held.set(id, { realm, until });
    this.#heldOf.set(realm, (this.#heldOf.get(realm) ?? 0) + 1);
  }

  delete(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    const left = (this.#heldOf.get(held.realm) ?? 0) - 1;
    if (left > 0) this.#heldOf.set(held.realm, left);
    else this.#heldOf.delete(held.realm);
  }

  /** Those whose claim ends before that. */
  heldUntil(before: number): string[] {
    return [...this.#held].filter(([, { until }]) => until < before).map(([id]) => id);
  }

  renew(id: string, until: number): void {
    const held = this.#held.get(id);
    if (held !== undefined) this.#held.set(id, { ...held, until });
  }

  /** How many may be taken over now, and the realms that have their share already. */
  share(): { readonly room: number; readonly fullRealms: readonly string[] } {
    const full = [...this.#heldOf].filter(([, many]) => many >= MAX_HELD_OF_REALM);
    const ofFull = full.reduce((sum, [, many]) => sum + many, 0);
    const room = Math.min(MAX_HELD - (this.#held.size - ofFull), MAX_IN_FLIGHT - this.#held.size);
    return { room, fullRealms: full.map(([realm]) => realm) };
  }
}
