import { randomUUID } from 'node:crypto';
import type { NewUsers } from '../server-process.ts';

/** The rows of the floor server (design.md §4); `sqlite-store.ts` keeps them. */

export interface Device {
  readonly uuid: string;
  readonly userId: string;
  readonly mechanismUid: string;
  readonly secret: Buffer;
}

export interface User {
  readonly id: string;
  readonly username: string;
  readonly hash: string;
  readonly credentialRev: number;
  readonly rev: number;
  readonly devices: readonly Device[];
}

/** What a phone says of itself when it registers. */
export interface Claims {
  readonly mechanismUid: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceType: string;
  readonly communicationType: string;
}

/** A recovery code as it is kept: where it is found, and what proves it. */
export interface CodeRow {
  readonly selector: string;
  readonly hash: string;
}

export type JourneyName = 'BenchPush' | 'BenchRegistration';

/** Of a step that waits, from when there is one for a request to a phone too; sealed on SQLite. */
export interface JourneyState {
  readonly username: string;
  readonly userId: string;
  readonly credentialRev: number;
  readonly request?: string;
  readonly number?: string;
}

export interface Journey {
  readonly id: string;
  readonly journey: JourneyName;
  readonly nonce: string;
  readonly expiresAt: number;
  /** Undefined once it has ended. */
  readonly state: JourneyState | undefined;
  /** The submit that made the step, so that the same one again gets the same answer (SEC-39). */
  readonly lastNonce: string;
  readonly lastDigest: string;
  readonly lastAt: number;
}

export type MessageState = 'pending' | 'approved' | 'denied' | 'consumed' | 'closed';

/** What a stolen database must not show of a message. */
export interface MessageSecrets {
  readonly challenge: string;
  readonly number: string;
  readonly jwt: string;
  /** Of a phone that is to scan it, as base64url. */
  readonly secret?: string;
}

/** How a message stands: all that a poll needs. */
export interface RequestStatus {
  readonly id: string;
  readonly userId: string;
  readonly journeyId: string;
  readonly deviceUuid: string;
  readonly state: MessageState;
  readonly expiresAt: number;
}

export interface Message extends RequestStatus, MessageSecrets {
  readonly request: string;
  readonly createdAt: number;
  readonly attempts: number;
  readonly answerHash?: string | undefined;
  readonly answeredAt?: number | undefined;
  readonly claims?: Claims | undefined;
}

export interface Counter {
  readonly subject: string;
  readonly hits: readonly number[];
  readonly lockedUntil: number;
  /** 0 where there is no row yet. */
  readonly rev: number;
}

export interface Session {
  readonly tokenHash: Buffer;
  readonly handle: string;
  readonly sid: string;
  readonly userId: string;
  readonly username: string;
  /** As JSON. */
  readonly properties: string;
  readonly createdAt: number;
  readonly maxExpiresAt: number;
  readonly maxIdleMillis: number;
}

export interface AuditEvent {
  readonly at: number;
  readonly event: string;
  readonly transactionId: string;
  readonly journey: JourneyName;
  readonly userId?: string;
  readonly outcome?: string;
  /** As JSON. */
  readonly detail?: string;
}

/** What one commit may do; each answers whether it applied. */
export interface Changes {
  isUnlocked(subject: string, now: number): boolean;
  putCounter(counter: Counter): boolean;
  clearCounters(subjects: readonly string[]): boolean;
  insertJourney(journey: Journey): boolean;
  advanceJourney(journey: Journey, seenNonce: string): boolean;
  endJourney(id: string, seenNonce: string): boolean;
  /** Also closes what still rings for the user, and tells whom of it. */
  openMessages(messages: readonly Message[], withdrawn: RequestStatus[]): boolean;
  openRegistration(message: Message): boolean;
  answer(id: string, state: 'approved' | 'denied', at: number, answerHash: string, claims?: Claims): boolean;
  /** The fifth closes the message. */
  countBadProof(id: string): boolean;
  consume(seen: readonly RequestStatus[]): boolean;
  /** Where the user has fewer than `most`. */
  addDevice(device: Device, claims: Claims, most: number): boolean;
  /** An attribute of a user who is as they were seen, and where users are found by it. */
  setFlag(userId: string, seenRev: number, name: string, value: string): boolean;
  replaceCodes(userId: string, codes: readonly CodeRow[]): boolean;
  touchDevice(uuid: string, at: number): boolean;
  isUsable(userId: string, credentialRev: number): boolean;
  insertSession(session: Session): boolean;
  audit(event: AuditEvent): boolean;
}

export interface FloorStore {
  addUsers(users: readonly User[]): void;
  user(username: string): User | undefined;
  counters(subjects: readonly string[]): readonly Counter[];
  journey(id: string): Journey | undefined;
  message(id: string): Message | undefined;
  device(uuid: string): Device | undefined;
  devicesByMechanism(mechanismUid: string): readonly Device[];
  /** The messages of a request, of which each phone has one (design.md §3 decision 7). */
  request(id: string): readonly RequestStatus[];
  ringing(device: Device): readonly Message[];
  /**
   * All that `work` does, or nothing where it answers `false`; `done` is told once it is kept. What is durable is flushed to the disk:
   * devices, codes and users (design.md §4).
   */
  commit(work: (changes: Changes) => boolean, done: (committed: boolean) => void, durable?: boolean): void;
}

/** Users by names that the load knows; with a phone each where it knows a key. */
export const addFloorUsers = (store: FloorStore, { prefix, count, password, phoneKey }: NewUsers): void => {
  const users = Array.from({ length: count }, (_, at): User => {
    const [id, username] = [randomUUID(), `${prefix}${at}`];
    const phoneWith = (key: string): Device => ({
      ...{ uuid: randomUUID(), userId: id, mechanismUid: `m-${username}`, secret: Buffer.from(key, 'base64url') },
    });
    const devices = phoneKey === undefined ? [] : [phoneWith(phoneKey)];
    // No password is hashed in this suite (docs/adr/0025).
    return { id, username, hash: password, credentialRev: 1, rev: 1, devices };
  });
  store.addUsers(users);
};
