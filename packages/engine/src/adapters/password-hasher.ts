import { port } from '../model/port.ts';

/**
 * Hashes and checks passwords. Hashing is bounded: those who wait take turns by `lane`, which says for whom it is done, so that
 * one who asks for a thousand keeps nobody else waiting. Of so many lanes that there is no place for each, those go first of
 * whom `isKnown` says that the account knows them: it is asked only then, once at most.
 */
export interface PasswordHasher {
  hash(password: string, lane?: string, isKnown?: () => Promise<boolean>): Promise<string>;
  /** Without a hash the answer is `false`, at the same cost: whether a user exists does not show in the time (SEC-56). */
  verify(hash: string | undefined, password: string, lane?: string, isKnown?: () => Promise<boolean>): Promise<boolean>;
  /** True for a hash of another kind, or a cheaper one, than new hashes are. */
  needsRehash(hash: string): boolean;
}

/** For what else is kept as a hash, such as answers to security questions. */
export const passwordHasher = port<PasswordHasher>()('passwordHasher', 'reads');
