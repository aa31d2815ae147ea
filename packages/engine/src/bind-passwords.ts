import { auditIn } from './audit-rows.ts';
import { bindThrottle } from './bind-throttle.ts';
import type { EngineChange } from './changes.ts';
import type { Clock } from './clock.ts';
import { foldUsername, type IdentityDirectory, type Passwords } from './identities.ts';
import { visitorOf } from './new-session.ts';
import { port } from './port.ts';
import type { Binding } from './submit.ts';
import type { ThrottlePolicy, ThrottleReader } from './throttle.ts';
import { noteRead } from './users-of-submit.ts';

/** Hashes and checks passwords; `verify` of an absent hash costs the same and is never true. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(hash: string | undefined, password: string): Promise<boolean>;
  needsRehash(hash: string): boolean;
}

/** For what else is kept as a hash, such as answers to security questions. */
export const passwordHasher = port<PasswordHasher>()('passwordHasher');

/** From the fifth wrong password on, a lock of 30 s that doubles up to an hour (SEC-57). */
export const PASSWORD_POLICY: ThrottlePolicy = {
  windowMillis: 24 * 3_600_000,
  free: 5,
  lockMillis: 30_000,
  maxLockMillis: 3_600_000,
};

/** Longer text is not hashed at all. */
const LONGEST_PASSWORD = 1_024;

export const bindPasswords = (
  directory: IdentityDirectory,
  hasher: PasswordHasher,
  throttles: ThrottleReader,
  clock: Clock,
): Binding<Passwords> => {
  const throttleOf = bindThrottle(throttles, clock);
  return (submit) => {
    const guesses = throttleOf(submit);
    return {
      async verify(username, password) {
        const { realm } = submit.realm;
        const name = foldUsername(username);
        const subject = `password:${realm}:${name}`;
        const { locked, hits } = await guesses.state(subject);
        const identity = await submit.remember(`identity:${name}`, () => directory.find(realm, username));
        if (identity !== undefined) noteRead(submit, identity);
        const hash = identity && (await directory.passwordHash(identity.id));
        const isRight = await hasher.verify(hash, password.slice(0, LONGEST_PASSWORD + 1));
        if (!isRight || locked || identity === undefined || hash === undefined || password.length > LONGEST_PASSWORD) {
          // While locked nothing is counted: the lock runs out by the clock, also under attack.
          if (!locked) await guesses.hit(subject, PASSWORD_POLICY);
          const facts = {
            outcome: 'password',
            ...(identity && { userId: identity.id }),
            detail: visitorOf(submit.request),
          };
          submit.enlistAlways(auditIn(submit, clock.now(), locked ? 'THROTTLED' : 'AUTH_FAIL', facts));
          return { status: 'wrong' };
        }
        submit.enlist({ verb: 'throttle.unlocked', subject, now: clock.now() } satisfies EngineChange);
        if (hits.length > 0) await guesses.clear(subject);
        if (hasher.needsRehash(hash)) {
          const better = await hasher.hash(password);
          submit.enlist({
            verb: 'identity.rehash',
            id: identity.id,
            hash: better,
            seenHash: hash,
          } satisfies EngineChange);
        }
        return { status: 'right', identity };
      },
    };
  };
};
