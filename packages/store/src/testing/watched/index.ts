import type { AuditEvent, Change, CommitResult } from '@assent/engine/host';
import type { Store, StoreChange } from '../../ports/store.ts';
import { openMemoryStore } from '../../sqlite/memory-store.ts';

type Method = (...given: readonly unknown[]) => unknown;

/** Runs before a commit: a test lets another commit go first, or makes this one fail. */
type BeforeCommit = (changes: readonly Change[]) => void | Promise<void>;

export interface WatchedStore {
  /** A reader of the store, of which a test may replace each method. */
  reader<N extends keyof Store>(name: N): Store[N];
  readonly committer: { commit(changes: readonly Change[]): Promise<CommitResult> };
  /** What is in the store before anything else is asked of it. */
  begin(...changes: readonly StoreChange[]): void;
  beforeCommit: BeforeCommit | undefined;
  /** Every commit that was asked for, also the refused ones. */
  readonly commits: readonly (readonly Change[])[];
  /** What the commits of the test have appended, but for refused ones. */
  readonly audit: readonly AuditEvent[];
  /** How often a reader was asked. */
  readonly reads: number;
}

/** What a test remembers of the rows, so that it looks at them without a wait. */
export interface Lookout {
  /** These changes were committed. */
  note(changes: readonly StoreChange[]): void;
  look(store: Store): Promise<void>;
}

/**
 * Opens a store in memory for tests of packages that declare ports and do not know the store. It counts reads, records commits, and lets a test act
 * before a commit. It opens at the first read or commit, so that tests begin without a wait.
 *
 * @internal Only tests of `push` and `oidc` use it.
 */
export const watchedStore = (lookout?: Lookout): WatchedStore => {
  const commits: (readonly Change[])[] = [];
  const audit: AuditEvent[] = [];
  let begun: StoreChange[] = [];
  let opening: Promise<Store> | undefined;
  let filled: Promise<unknown> = Promise.resolve();
  let reads = 0;
  const commit = async (store: Store, changes: readonly Change[]): Promise<CommitResult> => {
    const result = await store.committer.commit(changes);
    if (result.committed) lookout?.note(changes as readonly StoreChange[]);
    await lookout?.look(store);
    return result;
  };
  const fill = async (store: Store, changes: readonly StoreChange[]): Promise<void> => {
    const result = await commit(store, changes);
    if (!result.committed)
      throw new Error(`A test cannot begin with what the store refuses: ${JSON.stringify(result)}.`);
  };
  const ready = async (): Promise<Store> => {
    opening ??= openMemoryStore();
    const store = await opening;
    if (begun.length > 0) {
      const changes = begun;
      begun = [];
      filled = filled.then(() => fill(store, changes));
    }
    await filled;
    return store;
  };
  const watched: WatchedStore = {
    reader: <N extends keyof Store>(name: N) =>
      new Proxy({} as Record<string | symbol, Method>, {
        get: (replaced, method) =>
          replaced[method] ??
          (async (...given: readonly unknown[]) => {
            reads += 1;
            const reader = (await ready())[name] as unknown as Readonly<Record<string | symbol, Method>>;
            return reader[method]?.(...given);
          }),
      }) as unknown as Store[N],
    committer: {
      async commit(changes) {
        await watched.beforeCommit?.(changes);
        commits.push(changes);
        const result = await commit(await ready(), changes);
        const appended = (changes as readonly StoreChange[]).filter((change) => change.type === 'audit.append');
        if (result.committed) audit.push(...appended.map(({ event }) => event));
        return result;
      },
    },
    begin: (...changes) => void begun.push(...changes),
    beforeCommit: undefined,
    commits,
    audit,
    get reads() {
      return reads;
    },
  };
  return watched;
};
