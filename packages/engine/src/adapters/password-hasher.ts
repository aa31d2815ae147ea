import { port } from '../model/port.ts';
import type { Lane } from '../unit-of-work/fair-queue.ts';

/**
 * Hashes and checks passwords. Hashing is bounded: tasks that wait take turns by realm, and within a realm by caller, so that a caller that
 * asks for a thousand hashes delays no other (SEC-93). Where a realm has more callers than places, those go first of whom `isKnown` says that the account
 * knows them: it is asked only then, once at most.
 */
export interface PasswordHasher {
  hash(password: string, lane: Lane, isKnown?: () => Promise<boolean>): Promise<string>;
  /** Without a hash the answer is `false`, at the same cost: whether a user exists does not show in the time (SEC-56). */
  verify(hash: string | undefined, password: string, lane: Lane, isKnown?: () => Promise<boolean>): Promise<boolean>;
  /** True for a hash of another kind, or a cheaper one, than new hashes are. */
  needsRehash(hash: string): boolean;
}

/** The hasher in the lane of one request. */
export interface LaneHasher {
  hash(password: string): Promise<string>;
  verify(hash: string | undefined, password: string): Promise<boolean>;
}

/** For what else is kept as a hash, such as answers to security questions. */
export const passwordHasher = port<LaneHasher>()('passwordHasher', 'reads');
