import type { Change, CommitResult } from '@assent/engine/host';
import type { Refusal } from '../ports/apply-changes.ts';
import { type StoreChange, type StoreCounters, StoreUnavailable } from '../ports/store.ts';
import { freesPlainText, isDurable, isErasure, knownChanges } from '../sql/all-changes.ts';
import type { Database } from './driver.ts';

interface Waiting {
  readonly changes: readonly StoreChange[];
  readonly settle: (result: CommitResult) => void;
  readonly fail: (failure: unknown) => void;
}

type Outcome = { readonly result: CommitResult } | { readonly failure: unknown };

const FAILED = 'the database could not be written';

export interface Transactions {
  /** Joins the transaction of this turn of the event loop. */
  commit(changes: readonly Change[]): Promise<CommitResult>;
  /** Runs at once in a transaction of its own that is flushed to disk. */
  durably<T>(work: () => T): T;
  /** Runs at once in a transaction of its own, of which the last moments may be lost when the power fails. */
  quickly<T>(work: () => T): T;
  /** Commits what waits, and refuses what comes later; `false` where that was done before. */
  close(): boolean;
}

/**
 * The one writer. Commits that arrive in the same turn share a transaction, so that a disk flush is paid once
 * (performance.md §4 rule 13), and a refused one costs the others nothing: see `commitGroup`.
 */
export const createTransactions = (
  db: Database,
  options: {
    readonly fullSync: boolean;
    readonly counters: StoreCounters;
    /** A transaction has begun: it may see what others have committed meanwhile. */
    readonly onBegin: () => void;
    /** Something was taken back: whatever was cached of it was never so. */
    readonly onRollback: () => void;
    readonly apply: (changes: readonly StoreChange[]) => Refusal | undefined;
  },
): Transactions => {
  const { counters, onBegin, onRollback, apply } = options;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const save = db.prepare('SAVEPOINT one');
  const release = db.prepare('RELEASE one');
  const undo = db.prepare('ROLLBACK TO one');
  let waiting: Waiting[] = [];
  let isFull: boolean | undefined;
  let isOverwriting: boolean | undefined;
  let isClosed = false;

  /** `synchronous` can only be set between transactions. In WAL mode FULL also flushes what NORMAL left behind. */
  const setSync = (wanted: boolean): void => {
    if (isFull === wanted) return;
    db.exec(`PRAGMA synchronous = ${wanted ? 'FULL' : 'NORMAL'}`);
    isFull = wanted;
  };

  /** Whether pages that are let go of are overwritten, too; in those that are written anyway, what is deleted always is. */
  const setOverwriting = (wanted: boolean): void => {
    if (isOverwriting === wanted) return;
    db.exec(`PRAGMA secure_delete = ${wanted ? 'ON' : 'FAST'}`);
    isOverwriting = wanted;
  };

  /** The journal has pages as they were before: it is emptied, unless another process reads them at this moment. */
  const forgetJournal = (): void => {
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // What is committed stands; the journal is emptied another time.
    }
  };

  const rollback = (): void => {
    onRollback();
    try {
      db.exec('ROLLBACK');
    } catch {
      // A full disk or an I/O error has rolled back already, and then there is nothing to roll back.
    }
  };

  /** What `work` wrote is kept where `isKept` says so of its result. */
  const transact = <T>(durable: boolean, work: () => T, isKept: (result: T) => boolean = () => true): T => {
    if (isClosed) throw new StoreUnavailable('the store is closed');
    setSync(durable || options.fullSync);
    begin.run();
    onBegin();
    try {
      const result = work();
      if (isKept(result)) end.run();
      else rollback();
      return result;
    } catch (failure) {
      rollback();
      throw failure;
    }
  };

  /** Whether all of a group were applied, one after the other; stops at the first that was not, whatever the cause. */
  const areApplied = (group: readonly Waiting[]): boolean => {
    try {
      return group.every(({ changes }) => apply(changes) === undefined);
    } catch {
      return false;
    }
  };

  const applyOne = ({ changes }: Waiting): Outcome => {
    save.run();
    let outcome: Outcome;
    try {
      const refusal = apply(changes);
      if (refusal === undefined) {
        release.run();
        return { result: { committed: true } };
      }
      outcome = { result: refusal };
    } catch (failure) {
      outcome = { failure };
    }
    onRollback();
    // Throws where the failure ended the whole transaction: then none of the group is kept.
    undo.run();
    release.run();
    return outcome;
  };

  /**
   * Nearly always nothing of a group is refused, so it is tried without savepoints first: under one, SQLite copies each
   * page before it is changed, into a file once there are many. Where a commit is refused or fails, the group is done
   * again one by one, which tells which one and why.
   */
  const commitGroup = (group: readonly Waiting[]): readonly Outcome[] => {
    const durable = group.some(({ changes }) => changes.some(isDurable));
    setOverwriting(group.some(({ changes }) => changes.some(freesPlainText)));
    const isWhole = transact(
      durable,
      () => areApplied(group),
      (applied) => applied,
    );
    const outcomes = isWhole
      ? group.map(() => ({ result: { committed: true as const } }))
      : transact(durable, () => group.map(applyOne));
    if (group.some(({ changes }) => changes.some(isErasure))) forgetJournal();
    return outcomes;
  };

  const settle = ({ changes, settle, fail }: Waiting, outcome: Outcome): void => {
    if ('failure' in outcome) {
      fail(
        outcome.failure instanceof TypeError
          ? outcome.failure
          : new StoreUnavailable(FAILED, { cause: outcome.failure }),
      );
      return;
    }
    if (outcome.result.committed) {
      counters.commits += 1;
      counters.changes += changes.length;
    }
    settle(outcome.result);
  };

  const flush = (): void => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    let outcomes: readonly Outcome[];
    try {
      outcomes = commitGroup(group);
    } catch (cause) {
      const failure = cause instanceof StoreUnavailable ? cause : new StoreUnavailable(FAILED, { cause });
      for (const { fail } of group) fail(failure);
      return;
    }
    group.forEach((commit, at) => {
      settle(commit, outcomes[at] ?? { failure: new Error('a commit of the group has no outcome') });
    });
  };

  return {
    commit: (given) =>
      new Promise((resolve, reject) => {
        const changes = knownChanges(given);
        if (isClosed) {
          reject(new StoreUnavailable('the store is closed'));
          return;
        }
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ changes, settle: resolve, fail: reject });
      }),
    durably: (work) => {
      setOverwriting(true);
      return transact(true, work);
    },
    quickly: (work) => {
      setOverwriting(true);
      return transact(false, work);
    },
    close() {
      if (isClosed) return false;
      flush();
      isClosed = true;
      return true;
    },
  };
};
