import { JourneyError } from '@assent/engine';
import type { Committer } from '@assent/engine/host';

/**
 * Wraps a committer: where the store refuses a commit because its realm was switched off or deleted meanwhile, the commit throws what a call to
 * an unknown realm is answered with, so that no caller takes the refusal for a lost race (SEC-89).
 */
export const withRealmsInForce = (committer: Committer): Committer => ({
  async commit(changes) {
    const result = await committer.commit(changes);
    if (!result.committed && result.realm !== undefined) {
      throw new JourneyError('REALM_UNKNOWN', { realm: result.realm });
    }
    return result;
  },
});
