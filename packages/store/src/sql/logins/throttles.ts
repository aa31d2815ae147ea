import { afterHit, isLocked, MAX_FAILURES_IN_A_ROW, type ThrottleRow } from '@assent/engine/host';
import type { CounterReader } from '../../ports/counters-of-users.ts';
import { lockingCountersOf } from '../../rules/lockouts.ts';
import { keptLongerMillis } from '../../rules/retention.ts';
import {
  accountOf,
  type CountedUser,
  countersByPlaceOf,
  countersOf,
  demandShortSubject,
} from '../../rules/throttle-subjects.ts';
import { endOfBeginning } from '../../rules/user-pages.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder } from '../verbs/locked-in-order.ts';
import { all, allOfEach, first, type ReadVerbs, run, runEach, statement, type Verb } from '../verbs/verb.ts';

type Row = readonly [
  subject: string,
  hits: string,
  lockedUntil: number,
  rev: number,
  failures: number,
  credential: number,
];

const throttleOf = ([subject, hits, lockedUntil, rev, count, credential]: Row): ThrottleRow => ({
  subject,
  hits: JSON.parse(hits),
  lockedUntil,
  rev,
  ...(count > 0 && { failures: { count, credential } }),
});

const HOUR = 3_600_000;

const columns = 'subject, hits, locked_until, rev, failures, credential';
const select = statement<Row>(`SELECT ${columns} FROM throttle WHERE subject = {any}`);
const selectToChange = statement<Row>(`SELECT ${columns} FROM throttle WHERE subject = ? {lock}`);
const selectLocks = statement<[lockedUntil: number]>(
  'SELECT locked_until FROM throttle WHERE subject = {any} ORDER BY subject {share}',
);
const insert = statement(
  `INSERT INTO throttle (subject, hits, last_hit_at, last_hit_hour, locked_until, failures, credential, rev)
   VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING`,
);
const clear = statement(
  `UPDATE throttle SET hits = '[]', last_hit_at = 0, locked_until = 0, failures = 0, rev = rev + 1 WHERE subject = ?`,
);
/**
 * Moments are numbers of as many digits each, so that one is found in the list as text; whoever takes one back has not read the row, and need not.
 */
const takeBack = statement(
  `UPDATE throttle SET hits = replace(replace(replace(hits, ?, ''), ?, ''), ?, '[]'), rev = rev + 1 WHERE subject = ?`,
);
const forgive = statement('UPDATE throttle SET failures = 0, rev = rev + 1 WHERE subject = ? AND failures < ?');
const changed = 'hits = ?, last_hit_at = ?, locked_until = ?, failures = ?, credential = ?, rev = rev + 1';
// Setting the hour writes its index, also where it stays the same.
const update = statement(`UPDATE throttle SET ${changed} WHERE subject = ? AND rev = ? AND last_hit_hour >= ?`);
const updateHour = statement(`UPDATE throttle SET ${changed}, last_hit_hour = ? WHERE subject = ? AND rev = ?`);
const selectFrom = statement<Row>(`SELECT ${columns} FROM throttle WHERE subject >= ? AND subject < ?`);
const selectBeginning = statement<[subject: string]>('SELECT subject FROM throttle WHERE subject >= ? AND subject < ?');
const deleteThese = statement(`DELETE FROM throttle WHERE ${lockedInOrder('throttle', 'subject', 'subject = {any}')}`);
const IS_IDLE = 'last_hit_hour < ? AND last_hit_at < ? AND locked_until <= ?';
const sweep = statement(`DELETE FROM throttle WHERE ${dueLockedInOrder('throttle', 'subject', IS_IDLE)}`);

const OF_COUNTERS = { tables: ['throttle'], freesPlainText: false } as const;
const rowOf = ({ subject }: { readonly subject: string }) => ['throttle', subject] as const;
const writes = (keys: readonly string[]) => ({ counters: { keys, writes: true } });

export const THROTTLE_CHANGES = defineChanges({
  'throttle.put': {
    ...OF_COUNTERS,
    rows: ({ row }) => [rowOf(row)],
    locks: ({ row }) => writes([row.subject]),
    creates: 'nothing',
  },
  'throttle.hit': {
    ...OF_COUNTERS,
    rows: (change) => [rowOf(change)],
    locks: ({ subject }) => writes([subject]),
    creates: 'nothing',
  },
  'throttle.unlocked': {
    ...OF_COUNTERS,
    rows: ({ subjects }) => subjects.map((subject) => rowOf({ subject })),
    locks: ({ subjects }) => ({ counters: { keys: subjects, writes: false } }),
    creates: 'nothing',
  },
  'throttle.clear': {
    ...OF_COUNTERS,
    rows: ({ subjects }) => subjects.map((subject) => rowOf({ subject })),
    locks: ({ subjects }) => writes(subjects),
    creates: 'nothing',
  },
  'throttle.takeBack': {
    ...OF_COUNTERS,
    rows: ({ hits }) => hits.map(rowOf),
    locks: ({ hits }) => writes(hits.map(({ subject }) => subject)),
    creates: 'nothing',
  },
  'throttle.forgive': {
    ...OF_COUNTERS,
    rows: (change) => [rowOf(change)],
    locks: ({ subject }) => writes([subject]),
    creates: 'nothing',
  },
});

export const throttlesTopic = () => {
  function* put(row: ThrottleRow): Verb<boolean> {
    const { subject, hits, lockedUntil, rev, failures = { count: 0, credential: 0 } } = row;
    demandShortSubject(subject);
    // By these two columns rows are swept, and by nothing else: what is kept longer was hit later, as far as they know.
    const lastHitAt = (hits.at(-1) ?? 0) + keptLongerMillis(row);
    const hour = lastHitAt - (lastHitAt % HOUR);
    const values = [JSON.stringify(hits), lastHitAt, lockedUntil, failures.count, failures.credential] as const;
    const [json] = values;
    return rev === 0
      ? (yield* run(insert, subject, json, lastHitAt, hour, ...values.slice(2))) === 1
      : (yield* run(update, ...values, subject, rev, hour)) === 1 ||
          (yield* run(updateHour, ...values, hour, subject, rev)) === 1;
  }
  return {
    reader: {
      *get(subjects) {
        if (subjects.length === 0) return [];
        const rows = new Map((yield* all(select, subjects)).map((row) => [row[0], throttleOf(row)]));
        return subjects.flatMap((subject) => rows.get(subject) ?? []);
      },
      *ofUser({ id, realm, username }) {
        const { whole, byPlace } = lockingCountersOf({ id, account: accountOf(realm, username) });
        const known = yield* all(select, whole);
        const ofPlaces = yield* allOfEach(
          byPlace.map((beginning) => [selectFrom, beginning, endOfBeginning(beginning) ?? beginning] as const),
        );
        return [...known, ...ofPlaces.flat()].map(throttleOf);
      },
    } satisfies ReadVerbs<CounterReader>,
    changes: {
      *'throttle.put'({ row }) {
        return yield* put(row);
      },
      *'throttle.hit'({ subject, policy, at, credential, onlyUnlocked = false }) {
        for (;;) {
          const found = yield* first(selectToChange, subject);
          const row = found && throttleOf(found);
          if (isLocked(row, at)) return !onlyUnlocked;
          if (yield* put(afterHit(row, subject, policy, at, credential))) return true;
          // A row that was there is locked, so that nobody else has changed it; of two first hits one has made it.
          if (row !== undefined) return false;
        }
      },
      *'throttle.unlocked'({ subjects, now }) {
        return (yield* all(selectLocks, subjects)).every(([lockedUntil]) => !isLocked({ lockedUntil }, now));
      },
      *'throttle.clear'({ subjects }) {
        yield* runEach(
          clear,
          subjects.map((it) => [it]),
        );
        return true;
      },
      *'throttle.takeBack'({ hits }) {
        yield* runEach(
          takeBack,
          hits.map(({ subject, at }) => [`,${at}`, `${at},`, `[${at}]`, subject]),
        );
        return true;
      },
      *'throttle.forgive'({ subject }) {
        yield* run(forgive, subject, MAX_FAILURES_IN_A_ROW);
        return true;
      },
    } satisfies VerbsOf<typeof THROTTLE_CHANGES>,
    *deleteUsers(users: readonly CountedUser[]): Verb<void> {
      const byPlace = yield* allOfEach(
        users
          .flatMap(countersByPlaceOf)
          .map((beginning) => [selectBeginning, beginning, endOfBeginning(beginning) ?? beginning] as const),
      );
      yield* run(deleteThese, [...users.flatMap(countersOf), ...byPlace.flat().map(([subject]) => subject)]);
    },
    *sweep(now: number, idleSince: number, limit: number) {
      const isIdle = [idleSince, idleSince, now] as const;
      return yield* run(sweep, ...isIdle, ...isIdle, limit);
    },
  };
};
