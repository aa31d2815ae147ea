import type { RealmSettings } from '@assent/engine';
import {
  type ActingUnitOfWork,
  type Change,
  type CommitResult,
  type Committer,
  JourneyUnitOfWork,
  Turns,
} from '@assent/engine/host';
import { fakeRequest, testRealm } from '@assent/engine/testing';

/** A unit of work whose commit the test asks for. */
export interface MemoryUnitOfWork extends ActingUnitOfWork {
  /** What is to be committed now. */
  readonly changes: readonly Change[];
  /** Commits what was staged; effects run where it stands. */
  commit(): Promise<CommitResult>;
}

export function memoryUnitOfWork({
  committer,
  realm = testRealm(),
  journeyId = 'journey-1',
  turns = new Turns(),
}: {
  readonly committer: Committer;
  readonly realm?: RealmSettings;
  readonly journeyId?: string;
  readonly turns?: Turns;
}): MemoryUnitOfWork {
  const request = { ...fakeRequest({ clientAddress: '198.51.100.7', locales: [] }), transactionId: 'transaction-1' };
  const unit = new JourneyUnitOfWork(realm, journeyId, request, committer, turns);
  const all = () => [...unit.changes, ...unit.kept];
  return {
    realm,
    journeyId,
    request,
    get changes() {
      return all();
    },
    stage: (change) => unit.stage(change),
    stageAlways: (change) => unit.stageAlways(change),
    commitNow: (given) => unit.commitNow(given),
    afterCommit: (effect) => unit.afterCommit(effect),
    holdTurn: (key) => unit.holdTurn(key),
    remember: (key, load) => unit.remember(key, load),
    keep: (key, make) => unit.keep(key, make),
    async commit() {
      const result = await committer.commit(all());
      if (result.committed) for (const effect of unit.effects) effect();
      unit.release();
      return result;
    },
  };
}
