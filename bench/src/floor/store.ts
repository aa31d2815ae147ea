import { randomUUID } from 'node:crypto';
import type { NewUsers } from '../server-process.ts';

/** What the floor server keeps (design.md §4), and the two ways it keeps it: `memory-store.ts` and `sqlite-store.ts`. */

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
  readonly devices: readonly Device[];
}

/** Of a step that waits for the phone; sealed on SQLite. */
export interface JourneyState {
  readonly username: string;
  readonly userId: string;
  readonly credentialRev: number;
  readonly request: string;
  readonly number: string;
}

export interface Journey {
  readonly id: string;
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
  endJourney(id: string, seenNonce: string): boolean;
  /** Also closes what still rings for the user, and tells whom of it. */
  openMessages(messages: readonly Message[], withdrawn: RequestStatus[]): boolean;
  answer(id: string, state: 'approved' | 'denied', at: number, answerHash: string): boolean;
  /** The fifth closes the message. */
  countBadProof(id: string): boolean;
  consume(seen: readonly RequestStatus[]): boolean;
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
  /** All that `work` does, or nothing where it answers `false`; `done` is told once it is kept. */
  commit(work: (changes: Changes) => boolean, done: (committed: boolean) => void): void;
}

/** Users with a phone each, by names and keys that the load knows. */
export const addFloorUsers = (store: FloorStore, { prefix, count, password, phoneKey = '' }: NewUsers): void => {
  const users = Array.from({ length: count }, (_, at): User => {
    const [id, username] = [randomUUID(), `${prefix}${at}`];
    const secret = Buffer.from(phoneKey, 'base64url');
    const device = { uuid: randomUUID(), userId: id, mechanismUid: `m-${username}`, secret };
    // No password is hashed in this suite (docs/adr/0025).
    return { id, username, hash: password, credentialRev: 1, devices: [device] };
  });
  store.addUsers(users);
};
