import type { Random } from '@assent/engine';
import type { AuditEvent, Change, CommitResult } from '@assent/engine/host';
import type pg from 'pg';
import { type Refusal, refusalOf } from '../ports/apply-changes.ts';
import {
  type ChangeType,
  type StoreChange,
  type StoreCounters,
  StoreUnavailable,
  StoreUncertain,
} from '../ports/store.ts';
import { isLosable, isOneStatement, knownChanges } from '../sql/all-changes.ts';
import { locksOf } from '../sql/locks.ts';
import { isJourneyAt } from '../sql/logins/journeys.ts';
import { reachOf } from '../sql/reach.ts';
import { causeOfRefusal, realmThatRefuses } from '../sql/refusals.ts';
import { type Call, type ChangeVerbs, rowsReturned, type Statement, statement, type Verb } from '../sql/verbs/verb.ts';
import type { CommitVariants } from './commit-variants.ts';
import { LIMITS, sendTogether, withConnection } from './connections.ts';
import { DatabaseFailure, failureForCallers } from './failures.ts';
import { carryOut, carryOutTogether, type Part } from './together.ts';

interface TrailRow {
  readonly id: string;
  readonly event: AuditEvent;
}

/** The trail as a commit needs it: rows under ids that it knows before they are written. */
export interface CommitTrail {
  nextId(at: number): string;
  append(rows: readonly TrailRow[]): Verb<boolean>;
}

export interface TransactionOptions extends CommitVariants {
  readonly pool: pg.Pool;
  /** Hears how long somebody waited for one of its connections. */
  readonly waited: (millis: number) => void;
  /** Hears of each time that a transaction is tried once more, by the SQLSTATE that the last try has come to. */
  readonly repeated: (sqlState: string | undefined) => void;
  readonly counters: StoreCounters;
  readonly random: Random;
  readonly changes: ChangeVerbs<ChangeType>;
  readonly trail: CommitTrail;
  /** Runs a piece of a verb; what is to be told of it goes into the notes, for when the commit stands. */
  readonly collectNotes: <T>(notes: (() => void)[], work: () => T) => T;
  readonly pooler?: 'transaction';
  readonly wait: (millis: number) => Promise<unknown>;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
}

export interface Transactions {
  commit(changes: readonly Change[]): Promise<CommitResult>;
  /** A commit of its own, by one verb. */
  alone<T>(verb: () => Verb<T>, locks?: readonly Call[]): Promise<T>;
  /** Reads of one moment, however many statements they take. */
  snapshot<T>(verb: () => Verb<T>): Promise<T>;
  /** Does it, and takes it back. */
  trial<T>(verb: () => Verb<T>): Promise<T>;
}

const MAX_REPEATS = 5;
const REPEAT_AFTER = { least: 5, most: 80 } as const;
/** Ids of the trail tell their time: a row that appears much later would be taken for one that was put in between (OPS-16). */
const GIVEN_UP_AFTER = 10_000;
/** How long one whose COMMIT has no answer looks for what became of it (OPS-10). */
const SETTLED_WITHIN = 800;
const LOOK_AGAIN_AFTER = 50;

/** COMMIT was sent, or a statement that needs none, and no answer came. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const send = (of: Statement): Call => ({ wants: 'count', statement: of, values: [] });
const BEGIN = {
  'READ COMMITTED': send(statement('BEGIN ISOLATION LEVEL READ COMMITTED')),
  SERIALIZABLE: send(statement('BEGIN ISOLATION LEVEL SERIALIZABLE')),
};
const BEGIN_SNAPSHOT = send(statement('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'));
/** Of this transaction alone. What was committed before is on the disk no later than whatever is committed after it. */
const DO_NOT_WAIT_FOR_DISK = send(statement('SET LOCAL synchronous_commit = off'));
const ROLLBACK = send(statement('ROLLBACK'));
/** A pooler gives each transaction another session, so that limits are said within it. */
const SET_LIMITS = send(
  statement(
    `SELECT set_config('statement_timeout', '${LIMITS.statement}', true), set_config('lock_timeout', '${LIMITS.lock}', true),
       set_config('idle_in_transaction_session_timeout', '${LIMITS.idleInTransaction}', true)`,
  ),
);

/** What broke whatever commits: `NoAnswer` where it may have been committed all the same. */
const failureOfLast = (failure: unknown): unknown => {
  const isLost =
    failure instanceof DatabaseFailure && failure.kind === 'gone' && !failure.isUnsent && !failure.isTakenBack;
  return isLost ? new NoAnswer('the last word of a commit has no answer', { cause: failure }) : failure;
};

const sendCommit = async (client: pg.PoolClient): Promise<void> => {
  let command: string;
  try {
    ({ command } = await client.query('COMMIT'));
  } catch (cause) {
    throw failureOfLast(new DatabaseFailure(cause));
  }
  if (command !== 'COMMIT') throw new Error('the transaction had failed before its end');
};

/** Whether the connection that it happened on can be used again, once the transaction is rolled back. */
const leavesConnection = (failure: unknown): boolean =>
  !(failure instanceof NoAnswer) && !(failure instanceof DatabaseFailure && failure.kind === 'gone');

export const createTransactions = (options: TransactionOptions): Transactions => {
  const {
    pool,
    waited,
    repeated,
    counters,
    random,
    changes: verbs,
    trail,
    collectNotes,
    isolation = 'READ COMMITTED',
    wait,
    elapsed,
  } = options;
  const limits = options.pooler === undefined ? [] : [SET_LIMITS];

  /** Runs within a transaction, which `end` commits, or takes back. */
  const transact = <T>(
    opening: readonly Call[],
    work: (
      client: pg.PoolClient,
      opening: readonly Call[],
    ) => Promise<{ readonly result: T; readonly isKept: boolean }>,
  ): Promise<T> =>
    withConnection(
      { pool, elapsed, waited },
      async (client) => {
        try {
          const { result, isKept } = await work(client, [...opening, ...limits]);
          if (isKept) await sendCommit(client);
          else await sendTogether(client, [ROLLBACK]);
          return result;
        } catch (failure) {
          if (leavesConnection(failure)) await sendTogether(client, [ROLLBACK]);
          throw failure;
        }
      },
      leavesConnection,
    );

  /** Each statement is committed by itself, and is so when its answer comes. */
  const withoutTransaction = <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
    withConnection(
      { pool, elapsed, waited },
      async (client) => {
        try {
          return await work(client);
        } catch (failure) {
          throw failureOfLast(failure);
        }
      },
      leavesConnection,
    );

  const begun = [BEGIN[isolation]];
  const runVerb = <T>(opening: readonly Call[], locks: readonly Call[], verb: () => Verb<T>, isKept: boolean) =>
    transact<T>(opening, async (client, first) => {
      await sendTogether(client, [...first, ...locks]);
      return { result: await carryOut(verb(), (calls) => sendTogether(client, calls)), isKept };
    });

  /** Between the least and the most, so that those who met do not meet again. */
  const pause = (): Promise<unknown> =>
    wait(REPEAT_AFTER.least + random.int(REPEAT_AFTER.most - REPEAT_AFTER.least + 1));

  const verbOf = (change: StoreChange): Verb<boolean> =>
    (verbs[change.type] as (given: StoreChange) => Verb<boolean>)(change);

  /** What would be refused now if the commit stood: tried, and taken back. */
  const evidenceOf = (
    rows: readonly TrailRow[],
    changes: readonly StoreChange[],
  ): (() => Verb<boolean>) | undefined => {
    const [firstRow] = rows;
    // Whoever inserts a key waits for the other who is inserting it: the lost transaction has ended by then.
    if (firstRow !== undefined) return () => trail.append([firstRow]);
    for (const change of changes) {
      // Nobody else makes the same token. A journey may have been begun, or moved on, by another meanwhile, but to another nonce.
      // One that the realm refuses by now tells nothing, and is tried once more to be refused.
      if (change.type === 'session.insert') {
        return function* () {
          return (yield* verbOf(change)) || (yield* realmThatRefuses(change)) !== undefined;
        };
      }
      if (change.type === 'journey.insert' || change.type === 'journey.advance') {
        return function* () {
          return (yield* verbOf(change)) || !(yield* isJourneyAt(change.row.id, change.row.nonce));
        };
      }
    }
    return undefined;
  };
  const wasCommitted = async (evidence: (() => Verb<boolean>) | undefined): Promise<boolean | undefined> => {
    const begin = elapsed();
    const left = () => SETTLED_WITHIN - (elapsed() - begin);
    while (evidence !== undefined && left() > 0) {
      try {
        // A server that is held would keep it waiting for longer than whoever waits for this.
        const tried = runVerb(begun, [], evidence, false);
        const wasApplied = await Promise.race([tried, wait(left()).then(() => undefined)]);
        return wasApplied === undefined ? undefined : !wasApplied;
      } catch {
        await wait(LOOK_AGAIN_AFTER);
      }
    }
    return undefined;
  };

  /** Repeats what another has overtaken, and once what a connection has died of; then it is for the caller to come again. */
  const repeatedly = async <T>(
    attempt: () => Promise<T>,
    ifCommitted: T | undefined,
    evidence: (() => Verb<boolean>) | undefined,
  ): Promise<T> => {
    const begin = elapsed();
    let wasGone = false;
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await attempt();
      } catch (failure) {
        if (failure instanceof NoAnswer) {
          // A server that is held has kept it waiting for long enough.
          const committed = elapsed() - begin < LIMITS.answer ? await wasCommitted(evidence) : undefined;
          if (committed === undefined)
            throw new StoreUncertain('nothing tells whether it was committed', { cause: failure });
          if (committed && ifCommitted !== undefined) return ifCommitted;
        } else {
          const kind = failure instanceof DatabaseFailure ? failure.kind : undefined;
          const isReplaced = kind === 'gone' && !wasGone && elapsed() - begin < LIMITS.replace;
          const isRepeated = kind === 'overtaken' || isReplaced;
          if (!isRepeated) throw failureForCallers(failure);
          wasGone ||= kind === 'gone';
          await (isReplaced ? wait(LIMITS.replaceAfter) : pause());
        }
        if (repeats >= MAX_REPEATS || elapsed() - begin > GIVEN_UP_AFTER)
          throw new StoreUnavailable('others were always first', { cause: failure });
        repeated(failure instanceof DatabaseFailure ? failure.sqlState : undefined);
      }
    }
  };

  function* watched(change: StoreChange, verb: Verb<boolean>): Verb<boolean> {
    let step = verb.next();
    while (step.done !== true) {
      options.watch?.(change, 'wants' in step.value ? [step.value] : step.value);
      step = verb.next(yield step.value);
    }
    return step.value;
  }
  const partOf = (change: StoreChange): Part => {
    const begin = () => verbOf(change);
    return { begin: options.watch === undefined ? begin : () => watched(change, begin()), reach: reachOf(change) };
  };

  /** What a commit consists of, however often it is tried. */
  const planOf = (changes: readonly StoreChange[]) => {
    const others = changes.filter(({ type }) => type !== 'audit.append');
    const rows = changes.flatMap((change) =>
      change.type === 'audit.append' ? [{ id: trail.nextId(change.event.at), event: change.event }] : [],
    );
    const ofTrail: readonly Part[] = rows.length > 0 ? [{ begin: () => trail.append(rows), reach: [] }] : [];
    const locks = (options.locks ?? locksOf)(others);
    return {
      others,
      parts: [...others.map(partOf), ...ofTrail],
      locks,
      opening: isLosable(changes) ? [...begun, DO_NOT_WAIT_FOR_DISK] : begun,
      isAlone: limits.length + locks.length === 0 && isOneStatement(changes),
      evidence: evidenceOf(rows, others),
    };
  };

  /** Tries it once; tells whoever waits for it, and counts, where it was committed. */
  const tryOnce = async ({
    others,
    parts,
    locks,
    opening,
    isAlone,
  }: ReturnType<typeof planOf>): Promise<CommitResult> => {
    const notes: (() => void)[] = [];
    // COMMIT is one of each.
    let flights = isAlone ? 0 : 1;
    let statements = flights;
    let rows = 0;
    const carryOutOn = (client: pg.PoolClient, before: readonly Call[]) =>
      carryOutTogether(parts, {
        send: async (calls) => {
          flights += 1;
          statements += calls.length;
          const answers = await sendTogether(client, calls);
          rows += rowsReturned(calls, answers);
          return answers;
        },
        before,
        within: (work) => collectNotes(notes, work),
      });
    const refusalOn = async (client: pg.PoolClient, before: readonly Call[]): Promise<Refusal | undefined> => {
      const at = await carryOutOn(client, before);
      if (at === undefined) return undefined;
      const change = others[at];
      if (change === undefined) return refusalOf({ type: 'audit.append' }, undefined);
      return refusalOf(change, await carryOut(causeOfRefusal(change), (calls) => sendTogether(client, calls)));
    };
    const refusal = isAlone
      ? await withoutTransaction((client) => refusalOn(client, []))
      : await transact(opening, async (client, first) => {
          const result = await refusalOn(client, [...first, ...locks]);
          return { result, isKept: result === undefined };
        });
    if (refusal !== undefined) return refusal;
    for (const tell of notes) tell();
    counters.flights += flights;
    counters.statements += statements;
    counters.rows += rows;
    return { committed: true };
  };

  return {
    async commit(given) {
      const changes = knownChanges(given);
      if (changes.length === 0) return { committed: true };
      const plan = planOf(changes);
      const result = await repeatedly(() => tryOnce(plan), { committed: true }, plan.evidence);
      if (result.committed) {
        counters.commits += 1;
        counters.changes += changes.length;
      }
      return result;
    },
    alone: (verb, locks = []) => repeatedly(() => runVerb(begun, locks, verb, true), undefined, undefined),
    // Nothing is written, and so nothing committed, which could be uncertain.
    snapshot: (verb) => repeatedly(() => runVerb([BEGIN_SNAPSHOT], [], verb, false), undefined, undefined),
    trial: (verb) => repeatedly(() => runVerb(begun, [], verb, false), undefined, undefined),
  };
};
