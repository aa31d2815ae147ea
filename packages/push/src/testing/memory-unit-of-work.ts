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

/** A submit whose commit the test asks for. */
export interface MemoryUnitOfWork extends ActingUnitOfWork {
  /** What is to be committed now. */
  readonly changes: readonly Change[];
  /** Commits what was enlisted; effects run where it stands. */
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
  const submit = new JourneyUnitOfWork(realm, journeyId, request, committer, turns);
  const all = () => [...submit.changes, ...submit.kept];
  return {
    realm,
    journeyId,
    request,
    get changes() {
      return all();
    },
    stage: (change) => submit.stage(change),
    stageAlways: (change) => submit.stageAlways(change),
    commitNow: (given) => submit.commitNow(given),
    afterCommit: (effect) => submit.afterCommit(effect),
    holdTurn: (key) => submit.holdTurn(key),
    remember: (key, load) => submit.remember(key, load),
    keep: (key, make) => submit.keep(key, make),
    async commit() {
      const result = await committer.commit(all());
      if (result.committed) for (const effect of submit.effects) effect();
      submit.release();
      return result;
    },
  };
}
