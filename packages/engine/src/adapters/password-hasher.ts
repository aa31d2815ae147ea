import { port } from '../model/port.ts';

/**
 * Hashes and checks passwords. Hashing is bounded: those who wait take turns by `lane`, which says for whom it is done, so that
 * one who asks for a thousand keeps nobody else waiting.
 */
export interface PasswordHasher {
  hash(password: string, lane?: string): Promise<string>;
  /** Without a hash the answer is `false`, at the same cost: whether a user exists does not show in the time (SEC-56). */
  verify(hash: string | undefined, password: string, lane?: string): Promise<boolean>;
  /** True for a hash of another kind, or a cheaper one, than new hashes are. */
  needsRehash(hash: string): boolean;
}

/** For what else is kept as a hash, such as answers to security questions. */
export const passwordHasher = port<PasswordHasher>()('passwordHasher', 'reads');
