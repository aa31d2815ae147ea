import type { Socket } from 'node:net';
import type { Timer } from '@assent/engine/host';

const MEBIBYTE = 1_024 * 1_024;

/** From this size on an answer is refused with 503 where there is no room for it. Smaller ones are only counted while they wait. */
export const LARGE_ANSWER = 16 * 1_024;

/** The most that one answer may have. The bounds of a source and of a realm leave room for one of them. */
export const MAX_ANSWER_BYTES = 16 * MEBIBYTE;

export interface UnsentLimits {
  readonly most: number;
  readonly mostOfRealm: number;
  readonly mostOfSource: number;
  /** A connection that takes no byte for so long is destroyed. */
  readonly stallMillis: number;
  /** An answer that is not read to its end within this time is destroyed with its connection, however steadily it is read. */
  readonly lifeMillis: number;
}

/** Bytes of answers that wait for their readers, in one process. */
export const UNSENT_LIMITS: UnsentLimits = Object.freeze({
  most: 64 * MEBIBYTE,
  mostOfRealm: 24 * MEBIBYTE,
  mostOfSource: 20 * MEBIBYTE,
  stallMillis: 10_000,
  lifeMillis: 120_000,
});

/** Whose answer it is: the realm that was called, empty where none was, and the source of the caller. */
export interface OwnerOfAnswer {
  readonly realm: string;
  readonly source: string;
}

interface Held {
  readonly owner: OwnerOfAnswer;
  readonly bytes: number;
  readonly socket: Socket;
  readonly cancel: () => void;
}

/** The answers that wait at one connection, and what forgets them when it is closed. */
interface AtSocket {
  readonly answers: Set<Held>;
  readonly onClose: () => void;
}

/** The answers of one realm that wait, by source: no list is empty, and the first in each is the oldest. */
interface OfRealm {
  readonly sources: Map<string, Set<Held>>;
  bytes: number;
}

const bytesOf = (answers: Iterable<Held> = []): number => {
  let sum = 0;
  for (const { bytes } of answers) sum += bytes;
  return sum;
};

const largestOf = <T>(all: Iterable<[string, T]>, sizeOf: (one: T) => number): [string, number] | undefined => {
  let largest: [string, number] | undefined;
  for (const [name, one] of all) {
    const size = sizeOf(one);
    if (largest === undefined || size > largest[1]) largest = [name, size];
  }
  return largest;
};

/**
 * Counts the bytes of answers that wait for their readers, in total, by realm and by source (REL-14, SEC-93). Where there is no room for one more
 * answer, the largest realm gives up the oldest answer of its largest source, if it has more than the caller would have. A caller that does not
 * read its answers therefore takes no room from callers that do.
 */
export class UnsentAnswers {
  readonly limits: UnsentLimits;
  readonly #after: Timer;
  readonly #realms = new Map<string, OfRealm>();
  readonly #bySource = new Map<string, number>();
  /** No set in it is empty. */
  readonly #bySocket = new Map<Socket, AtSocket>();
  #bytes = 0;

  constructor(after: Timer, limits: UnsentLimits = UNSENT_LIMITS) {
    this.#after = after;
    this.limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so many bytes more may wait; answers of others may be given up for them. */
  makeRoomFor(owner: OwnerOfAnswer, bytes: number): boolean {
    const { most, mostOfRealm, mostOfSource } = this.limits;
    if ((this.#bySource.get(owner.source) ?? 0) + bytes > mostOfSource) return false;
    while (this.#bytesOfRealm(owner.realm) + bytes > mostOfRealm)
      if (!this.#giveUpInRealm(owner.realm, owner, bytes)) return false;
    while (this.#bytes + bytes > most) if (!this.#giveUpInTotal(owner, bytes)) return false;
    return true;
  }

  /**
   * Counts bytes that wait at a socket until the result is called or the socket is closed; the result says whether others wait there still. False
   * where there is no room for them.
   */
  hold(owner: OwnerOfAnswer, bytes: number, socket: Socket): (() => boolean) | false {
    if (!this.makeRoomFor(owner, bytes)) return false;
    const cancel = this.#after(this.limits.lifeMillis, () => socket.destroy());
    const held: Held = { owner, bytes, socket, cancel };
    this.#add(held);
    return () => {
      this.#remove(held);
      return this.#bySocket.has(socket);
    };
  }

  #bytesOfRealm(realm: string): number {
    return this.#realms.get(realm)?.bytes ?? 0;
  }

  #giveUpInTotal(owner: OwnerOfAnswer, bytes: number): boolean {
    const largest = largestOf(this.#realms, (it) => it.bytes);
    if (largest === undefined) return false;
    const [realm, size] = largest;
    const isOwn = realm === owner.realm;
    if (!isOwn && size <= this.#bytesOfRealm(owner.realm) + bytes) return false;
    return this.#giveUpInRealm(realm, owner, isOwn ? bytes : -Infinity);
  }

  /** The largest source gives up its oldest answer, where it has more than the owner would have. */
  #giveUpInRealm(realm: string, { source }: OwnerOfAnswer, bytes: number): boolean {
    const sources = this.#realms.get(realm)?.sources ?? new Map<string, Set<Held>>();
    const largest = largestOf(sources, bytesOf);
    if (largest === undefined || largest[1] <= bytesOf(sources.get(source)) + bytes) return false;
    for (const { socket } of sources.get(largest[0]) ?? []) {
      this.#removeAllAt(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  #add(held: Held): void {
    const { owner, bytes, socket } = held;
    const ofRealm = this.#realms.get(owner.realm) ?? { sources: new Map<string, Set<Held>>(), bytes: 0 };
    this.#realms.set(owner.realm, ofRealm);
    ofRealm.bytes += bytes;
    const ofSource = ofRealm.sources.get(owner.source) ?? new Set();
    ofRealm.sources.set(owner.source, ofSource.add(held));
    this.#bySource.set(owner.source, (this.#bySource.get(owner.source) ?? 0) + bytes);
    this.#bytes += bytes;
    const known = this.#bySocket.get(socket);
    if (known !== undefined) {
      known.answers.add(held);
      return;
    }
    const onClose = () => this.#removeAllAt(socket);
    this.#bySocket.set(socket, { answers: new Set([held]), onClose });
    socket.once('close', onClose);
  }

  #remove(held: Held): void {
    const { owner, bytes, socket, cancel } = held;
    const atSocket = this.#bySocket.get(socket);
    if (atSocket?.answers.delete(held) !== true) return;
    if (atSocket.answers.size === 0) {
      this.#bySocket.delete(socket);
      socket.off('close', atSocket.onClose);
    }
    cancel();
    this.#bytes -= bytes;
    const left = (this.#bySource.get(owner.source) ?? 0) - bytes;
    if (left > 0) this.#bySource.set(owner.source, left);
    else this.#bySource.delete(owner.source);
    const ofRealm = this.#realms.get(owner.realm);
    const ofSource = ofRealm?.sources.get(owner.source);
    if (ofRealm === undefined || ofSource === undefined) return;
    ofRealm.bytes -= bytes;
    ofSource.delete(held);
    if (ofSource.size === 0) ofRealm.sources.delete(owner.source);
    if (ofRealm.sources.size === 0) this.#realms.delete(owner.realm);
  }

  #removeAllAt(socket: Socket): void {
    for (const held of [...(this.#bySocket.get(socket)?.answers ?? [])]) this.#remove(held);
  }
}
