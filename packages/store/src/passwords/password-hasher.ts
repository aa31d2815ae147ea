import { availableParallelism } from 'node:os';
import type { PasswordHasher } from '@assent/engine';
import { fairQueue } from '@assent/engine/host';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import { after } from '../ports/timer.ts';
import { importedHashCheck } from './check-imported-hash.ts';
import { evenGuesses } from './even-guesses.ts';

/** OWASP's parameters for argon2id (SEC-55); the cheap ones are for tests only. */
const COSTS = {
  owasp: { memoryCost: 19_456, timeCost: 2, parallelism: 1 },
  'cheap-for-tests': { memoryCost: 64, timeCost: 1, parallelism: 1 },
} as const;

export interface PasswordHasherOptions {
  /** Hashes at a time, each of which holds 19 MiB; one for each processor where absent. */
  readonly concurrency?: number;
  /** How many may wait; one more is refused with `OVERLOADED`. Sixteen for each that runs where absent, which take about a
   * second: as long as a person waits. */
  readonly queue?: number;
  /** A password that has waited for so long is refused. */
  readonly deadlineMillis?: number;
  readonly cost?: keyof typeof COSTS;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/;

/** One spelling of a password however it was typed; nothing is cut off, NUL included (SEC-55). */
const passwordBytes = (password: string): Uint8Array => Buffer.from(password.normalize('NFKC'));

/**
 * Hashes passwords with argon2id on the thread pool, a bounded number at a time (performance.md §4 rule 4). Hashes that other
 * servers have made are checked, too, in the same queue (ADR 87).
 */
export const createPasswordHasher = (options: PasswordHasherOptions = {}): PasswordHasher => {
  const cost = COSTS[options.cost ?? 'owasp'];
  const { concurrency = availableParallelism(), queue = 16 * concurrency } = options;
  const { deadlineMillis = 5_000 } = options;
  const run = fairQueue({ concurrency, most: queue, deadlineMillis, timer: after });
  // A well-formed hash that no password has: its digest is all zeros.
  const dummy = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  const isRightFor = evenGuesses({
    ours: async (hash, password) => (await argon2Verify(hash ?? dummy, passwordBytes(password))) && hash !== undefined,
    imported: importedHashCheck(),
  });
  return {
    hash: (password, lane, isKnown) => run(lane, () => argon2Hash(passwordBytes(password), cost), isKnown),
    verify: (hash, password, lane, isKnown) => run(lane, () => isRightFor(hash, password), isKnown),
    needsRehash(hash) {
      const [, memory, time, parallelism] = PHC.exec(hash) ?? [];
      return (
        memory === undefined ||
        Number(memory) < cost.memoryCost ||
        Number(time) < cost.timeCost ||
        Number(parallelism) < cost.parallelism
      );
    },
  };
};
