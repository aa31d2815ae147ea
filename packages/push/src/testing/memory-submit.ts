import type { Change, CommitResult, Committer, RealmSettings, Submit, Turns } from '@assent/engine';
import { Turns as NewTurns } from '@assent/engine';
import { testRealm } from '@assent/engine/testing';

/** A submit whose commit the test asks for. */
export interface MemorySubmit extends Submit {
  readonly changes: readonly Change[];
  /** Commits what was enlisted; effects run where it stands. */
  commit(): Promise<CommitResult>;
}

export function memorySubmit({
  committer,
  realm = testRealm(),
  journeyId = 'journey-1',
  turns = new NewTurns(),
}: {
  readonly committer: Committer;
  readonly realm?: RealmSettings;
  readonly journeyId?: string;
  readonly turns?: Turns;
}): MemorySubmit {
  const changes: Change[] = [];
  const effects: (() => void)[] = [];
  const held = new Map<string, () => void>();
  const remembered = new Map<string, Promise<unknown>>();
  const kept = new Map<string, object>();
  return {
    realm,
    journeyId,
    request: {
      header: () => undefined,
      headerCount: () => 0,
      locales: [],
      clientAddress: '198.51.100.7',
      transactionId: 'transaction-1',
    },
    changes,
    enlist: (change) => void changes.push(change),
    enlistAlways: (change) => void changes.push(change),
    commitNow: async (given) => (await committer.commit(given)).committed,
    afterCommit: (effect) => void effects.push(effect),
    async holdTurn(key) {
      if (!held.has(key)) held.set(key, await turns.take(key));
    },
    remember<T>(key: string, load: () => Promise<T>) {
      let value = remembered.get(key);
      if (value === undefined) {
        value = load();
        remembered.set(key, value);
      }
      return value as Promise<T>;
    },
    keep<T extends object>(key: string, make: () => T) {
      const value = kept.get(key) ?? make();
      kept.set(key, value);
      return value as T;
    },
    async commit() {
      const result = await committer.commit(changes);
      if (result.committed) for (const effect of effects) effect();
      for (const end of held.values()) end();
      return result;
    },
  };
}
