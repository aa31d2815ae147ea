import type { Socket } from 'node:net';
import type { Timer } from '@assent/engine/host';
import { LargestFirst, type Sized } from './largest-first.ts';
import { OldestFirst, type Place } from './oldest-first.ts';

const MEBIBYTE = 1_024 * 1_024;

/** From this size on an answer is refused with 503 where there is no room for it. Smaller ones are only counted while they wait. */
export const LARGE_ANSWER = 16 * 1_024;

/** The most that one answer may have. The bounds of a source and of a realm leave room for one of them. */
export const MAX_ANSWER_BYTES = 16 * MEBIBYTE;

export interface UnsentLimits {
  readonly most: number;
  readonly mostOfRealm: number;
  readonly mostOfSource: number;
  /** Where there is no room, a source with at most so many bytes takes the place of the oldest answers that have waited for `graceMillis`. */
  readonly partOfSource: number;
  /** A source with at most so many bytes takes the place of the oldest answers at once. */
  readonly smallOfSource: number;
  readonly graceMillis: number;
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
  partOfSource: MEBIBYTE,
  smallOfSource: LARGE_ANSWER,
  graceMillis: 2_000,
  stallMillis: 10_000,
  lifeMillis: 120_000,
});

/** Whose answer it is: the realm that was called, empty where none was, and the source of the caller. */
export interface OwnerOfAnswer {
  readonly realm: string;
  readonly source: string;
}

/** An answer that waits, in the order of age. */
interface Waiting {
  readonly socket: Socket;
  readonly since: number;
}

/** The answers of one source in a realm; none has no answer. */
interface OfSource extends Sized {
  readonly name: string;
  readonly answers: OldestFirst<Waiting>;
}

/** The answers of one realm; none has no source. */
interface OfRealm extends Sized {
  readonly name: string;
  readonly answers: OldestFirst<Waiting>;
  readonly sources: Map<string, OfSource>;
  readonly sourcesBySize: LargestFirst<OfSource>;
}

/** An answer that waits for its reader, as {@link UnsentAnswers.hold} gives it. */
export interface HeldAnswer {
  readonly socket: Socket;
  readonly owner: OwnerOfAnswer;
  readonly bytes: number;
}

interface Held extends HeldAnswer {
  bytes: number;
  readonly ofRealm: OfRealm;
  readonly ofSource: OfSource;
  readonly inRealm: Place<Waiting>;
  readonly inSource: Place<Waiting>;
  readonly cancel: () => void;
}

/** The answers that wait at one connection, and what forgets them when it is closed. */
interface AtSocket {
  readonly answers: Set<HeldAnswer>;
  readonly onClose: () => void;
}

/** An answer that needs room. */
interface Newcomer {
  readonly owner: OwnerOfAnswer;
  readonly socket: Socket;
  readonly bytes: number;
  /** What its source would have in all realms. */
  readonly bytesOfSource: number;
}

/** Timers, and a monotonic clock. */
export interface UnsentPorts {
  readonly after: Timer;
  readonly elapsed: () => number;
}

/**
 * Counts the bytes of answers that wait for their readers, in total, by realm and by source (REL-14, SEC-93). Where there is no room for one more
 * answer, the largest realm gives up the oldest answer of its largest source, if this source has more than the caller would have. Where no source
 * has more, the oldest answer gives way to a caller that has little. Callers that do not read their answers therefore take no room from callers that
 * do, even if they are many. An answer costs O(log n) of the sources whose answers wait.
 */
export class UnsentAnswers {
  readonly limits: UnsentLimits;
  readonly #ports: UnsentPorts;
  readonly #realms = new Map<string, OfRealm>();
  readonly #realmsBySize = new LargestFirst<OfRealm>();
  readonly #bySource = new Map<string, number>();
  /** No set in it is empty. */
  readonly #bySocket = new Map<Socket, AtSocket>();
  #bytes = 0;

  constructor(ports: UnsentPorts, limits: UnsentLimits = UNSENT_LIMITS) {
    this.#ports = ports;
    this.limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether so many bytes more may wait at a socket; answers at other sockets may be given up for them. */
  makeRoomFor(owner: OwnerOfAnswer, bytes: number, socket: Socket): boolean {
    const { most, mostOfRealm, mostOfSource } = this.limits;
    const bytesOfSource = (this.#bySource.get(owner.source) ?? 0) + bytes;
    if (bytesOfSource > mostOfSource) return false;
    const newcomer: Newcomer = { owner, socket, bytes, bytesOfSource };
    for (let own = this.#realms.get(owner.realm); own !== undefined; own = this.#realms.get(owner.realm)) {
      if (own.bytes + bytes <= mostOfRealm) break;
      if (!this.#giveUpInRealm(own, newcomer)) return false;
    }
    while (this.#bytes + bytes > most) if (!this.#giveUpInTotal(newcomer)) return false;
    return true;
  }

  /** Counts bytes that wait at a socket until they are released or the socket is closed. False where there is no room for them. */
  hold(owner: OwnerOfAnswer, bytes: number, socket: Socket): HeldAnswer | false {
    return this.makeRoomFor(owner, bytes, socket) && this.#add(owner, bytes, socket);
  }

  /** Counts other bytes for an answer, which keeps its age. False where there is no room for them, or the answer is held no longer. */
  resize(answer: HeldAnswer, bytes: number): boolean {
    const held = this.#heldOf(answer);
    if (held === undefined) return false;
    const { owner, socket } = held;
    if (bytes > held.bytes && !this.makeRoomFor(owner, bytes - held.bytes, socket)) return false;
    this.#count(held, bytes);
    return true;
  }

  /** Forgets an answer, once. Says whether others wait at its socket still. */
  release(answer: HeldAnswer): boolean {
    const held = this.#heldOf(answer);
    if (held !== undefined) this.#remove(held);
    return this.#bySocket.has(answer.socket);
  }

  #heldOf(answer: HeldAnswer): Held | undefined {
    return this.#bySocket.get(answer.socket)?.answers.has(answer) === true ? (answer as Held) : undefined;
  }

  /** The largest realm gives up an answer where it has more than that of the newcomer would have, and else that of the newcomer. */
  #giveUpInTotal(newcomer: Newcomer): boolean {
    const largest = this.#realmsBySize.first;
    const own = this.#realms.get(newcomer.owner.realm);
    if (largest === undefined) return false;
    if (largest !== own && largest.bytes > (own?.bytes ?? 0) + newcomer.bytes) {
      return this.#giveUp(largest.sourcesBySize.first?.answers.oldest, newcomer);
    }
    return (own !== undefined && this.#giveUpInRealm(own, newcomer)) || this.#giveUpOldest(largest, newcomer);
  }

  /** The largest source gives up its oldest answer where it has more than that of the newcomer would have. */
  #giveUpInRealm(ofRealm: OfRealm, newcomer: Newcomer): boolean {
    const largest = ofRealm.sourcesBySize.first;
    const own = ofRealm.sources.get(newcomer.owner.source)?.bytes ?? 0;
    if (largest !== undefined && largest.bytes > own + newcomer.bytes)
      return this.#giveUp(largest.answers.oldest, newcomer);
    return this.#giveUpOldest(ofRealm, newcomer);
  }

  /** The oldest answer gives way to a source that has little. */
  #giveUpOldest({ answers: { oldest } }: OfRealm, newcomer: Newcomer): boolean {
    const { partOfSource, smallOfSource, graceMillis } = this.limits;
    if (oldest === undefined || newcomer.bytesOfSource > partOfSource) return false;
    const isInGrace = this.#ports.elapsed() - oldest.since < graceMillis;
    return (newcomer.bytesOfSource <= smallOfSource || !isInGrace) && this.#giveUp(oldest, newcomer);
  }

  /** Ends a connection with all its answers; that of the newcomer stays, since the newcomer would end with it. */
  #giveUp(waiting: Waiting | undefined, { socket }: Newcomer): boolean {
    if (waiting === undefined || waiting.socket === socket) return false;
    this.#removeAllAt(waiting.socket);
    waiting.socket.destroy();
    return true;
  }

  #add(owner: OwnerOfAnswer, bytes: number, socket: Socket): HeldAnswer {
    const { ofRealm, ofSource } = this.#entriesOf(owner);
    const waiting: Waiting = { socket, since: this.#ports.elapsed() };
    const held: Held = {
      owner,
      socket,
      bytes: 0,
      ofRealm,
      ofSource,
      inRealm: ofRealm.answers.add(waiting),
      inSource: ofSource.answers.add(waiting),
      cancel: this.#ports.after(this.limits.lifeMillis, () => socket.destroy()),
    };
    this.#count(held, bytes);
    const known = this.#bySocket.get(socket);
    if (known !== undefined) {
      known.answers.add(held);
      return held;
    }
    const onClose = () => this.#removeAllAt(socket);
    this.#bySocket.set(socket, { answers: new Set([held]), onClose });
    socket.once('close', onClose);
    return held;
  }

  #entriesOf({ realm, source }: OwnerOfAnswer): { readonly ofRealm: OfRealm; readonly ofSource: OfSource } {
    let ofRealm = this.#realms.get(realm);
    if (ofRealm === undefined) {
      const sourcesBySize = new LargestFirst<OfSource>();
      ofRealm = { name: realm, bytes: 0, rank: 0, answers: new OldestFirst(), sources: new Map(), sourcesBySize };
      this.#realms.set(realm, ofRealm);
      this.#realmsBySize.add(ofRealm);
    }
    let ofSource = ofRealm.sources.get(source);
    if (ofSource === undefined) {
      ofSource = { name: source, bytes: 0, rank: 0, answers: new OldestFirst() };
      ofRealm.sources.set(source, ofSource);
      ofRealm.sourcesBySize.add(ofSource);
    }
    return { ofRealm, ofSource };
  }

  /** Counts so many bytes for an answer from now on, in place of what was counted for it before. */
  #count(held: Held, bytes: number): void {
    const { ofRealm, ofSource } = held;
    const more = bytes - held.bytes;
    held.bytes = bytes;
    this.#bytes += more;
    ofRealm.bytes += more;
    this.#realmsBySize.changed(ofRealm);
    ofSource.bytes += more;
    ofRealm.sourcesBySize.changed(ofSource);
    const bytesOfSource = (this.#bySource.get(ofSource.name) ?? 0) + more;
    if (bytesOfSource > 0) this.#bySource.set(ofSource.name, bytesOfSource);
    else this.#bySource.delete(ofSource.name);
  }

  #remove(held: Held): void {
    const { socket, ofRealm, ofSource, inRealm, inSource, cancel } = held;
    const atSocket = this.#bySocket.get(socket);
    if (atSocket?.answers.delete(held) !== true) return;
    if (atSocket.answers.size === 0) {
      this.#bySocket.delete(socket);
      socket.off('close', atSocket.onClose);
    }
    cancel();
    this.#count(held, 0);
    ofSource.answers.remove(inSource);
    ofRealm.answers.remove(inRealm);
    if (ofSource.answers.oldest === undefined) {
      ofRealm.sources.delete(ofSource.name);
      ofRealm.sourcesBySize.remove(ofSource);
    }
    if (ofRealm.answers.oldest === undefined) {
      this.#realms.delete(ofRealm.name);
      this.#realmsBySize.remove(ofRealm);
    }
  }

  #removeAllAt(socket: Socket): void {
    for (const held of [...(this.#bySocket.get(socket)?.answers ?? [])]) this.#remove(held as Held);
  }
}
