import { JourneyError, type PasswordHasher } from '@assent/engine';
import type { PasswordKeeper } from '@assent/engine/host';
import type { Measures } from './measures.ts';

/** A hasher whose work is timed. As many run at once as there are places; whoever is under way beyond them waits. */
export const observedHasher = (
  hasher: PasswordHasher,
  {
    passwordSeconds,
    passwordWaiting,
    passwordRefused,
  }: Pick<Measures, 'passwordSeconds' | 'passwordWaiting' | 'passwordRefused'>,
  { elapsed, places }: { readonly elapsed: () => number; readonly places: number },
): PasswordHasher => {
  let underWay = 0;
  passwordWaiting.readFrom(() => [[Math.max(0, underWay - places)]]);
  const timed = async <T>(run: () => Promise<T>): Promise<T> => {
    const begin = elapsed();
    underWay += 1;
    try {
      const done = await run();
      passwordSeconds.observe((elapsed() - begin) / 1_000);
      return done;
    } catch (error) {
      if (error instanceof JourneyError && error.is('OVERLOADED')) passwordRefused.add(1);
      throw error;
    } finally {
      underWay -= 1;
    }
  };
  return {
    hash: (password, ...waiting) => timed(() => hasher.hash(password, ...waiting)),
    verify: (hash, password, ...waiting) => timed(() => hasher.verify(hash, password, ...waiting)),
    needsRehash: (hash) => hasher.needsRehash(hash),
  };
};

/** A keeper whose checks are counted; one that was not to be right whatever it was is `refused`. */
export const observedKeeper = (
  keeper: PasswordKeeper,
  { passwordChecks }: Pick<Measures, 'passwordChecks'>,
): PasswordKeeper => ({
  ...keeper,
  async prove(unit, guess) {
    const note = (outcome: string) => passwordChecks.add(1, unit.realm.realm, outcome);
    try {
      const proof = await keeper.prove(unit, guess);
      note(guess.isRefused ? 'refused' : proof.status);
      return proof;
    } catch (error) {
      note('error');
      throw error;
    }
  },
});
