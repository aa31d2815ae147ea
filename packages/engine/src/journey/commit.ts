import type { JourneyDependencies } from '../step/journey-requests.ts';
import type { CommitResult } from '../unit-of-work/changes.ts';
import type { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';

type Dependencies = Pick<JourneyDependencies, 'committer' | 'log'>;

/** A store that cannot write what a request wants is asked to write at least what must be written in any case. */
export const commit = async (dependencies: Dependencies, unit: JourneyUnitOfWork): Promise<CommitResult> => {
  try {
    return await dependencies.committer.commit(unit.changes);
  } catch (error) {
    await commitKept(dependencies, unit);
    throw error;
  }
};

/**
 * Commits what must be written in any case, and nothing else: counted guesses above all. Where even that fails, the log says so,
 * and the caller is told of the failure that led here, but not whether a guess was right.
 */
export const commitKept = async (
  { committer, log }: Dependencies,
  { kept, request: { transactionId } }: JourneyUnitOfWork,
): Promise<void> => {
  if (kept.length === 0) return;
  const lost = (cause: unknown) => log.error('A guess could not be counted.', { transactionId, cause });
  try {
    const result = await committer.commit(kept);
    if (!result.committed) lost(result.refused);
  } catch (error) {
    lost(error);
  }
};

/** The commit stands, so nothing that follows it may turn the answer into a failure (REL-15). */
export const runEffects = ({ log }: Dependencies, { effects, request }: JourneyUnitOfWork): void => {
  for (const effect of effects) {
    try {
      effect();
    } catch (error) {
      log.error('What follows a commit failed.', { transactionId: request.transactionId, cause: error });
    }
  }
};
