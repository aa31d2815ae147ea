import {
  MAX_WAITING_OF_RECIPIENT,
  newOutboxRow,
  type OutboxEntry,
  type OutboxReader,
  type OutboxRow,
  type OutboxSummary,
} from '@assent/engine/host';
import type { OutboxWatch } from '../../ports/outbox-watch.ts';
import { type FoundInOutbox, toCount, withPlaces } from '../../rules/outbox-places.ts';
import { inTurn, sharesOf } from '../../rules/outbox-shares.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import { defineChanges, type VerbsOf } from '../verbs/define-changes.ts';
import { dueLockedInOrder, lockedInOrder, someLockedInOrder } from '../verbs/locked-in-order.ts';
import {
  all,
  allOfEach,
  countOfEach,
  first,
  firstOfEach,
  type ReadVerbs,
  run,
  type SqlValue,
  statement,
  type Verb,
} from '../verbs/verb.ts';

type SummaryRow = readonly [
  id: string,
  kind: string,
  realm: string,
  recipient: string,
  userId: string | null,
  tries: number,
  firstTriedAt: number,
  nextTryAt: number,
  cause: string | null,
  deadAt: number | null,
];
type Row = readonly [...SummaryRow, payload: Uint8Array];

const SUMMARY_COLUMNS = 'id, kind, realm, recipient, user_id, tries, first_tried_at, next_try_at, cause, dead_at';
const COLUMNS = `${SUMMARY_COLUMNS}, payload`;
const NEXT_TRY_AT = 7;
const PAYLOAD = 10;

/** The outbox is empty most of the time. */
const MOSTLY_EMPTY = { isPlannedAnew: true } as const;
/**
 * For whom something is due: by steps from one recipient to the next, over whatever waits for each: to the next of its kind, else to the first of
 * the next kind, else to the first of the next realm.
 */
const selectRecipients = statement<[realm: string, kind: string, recipient: string]>(
  `WITH RECURSIVE step (realm, kind, recipient) AS (
     SELECT CAST('' AS TEXT), CAST('' AS TEXT), CAST('' AS TEXT)
     UNION ALL
     SELECT o.realm, o.kind, o.recipient FROM step AS s JOIN outbox AS o ON o.id = COALESCE(
       (SELECT n.id FROM outbox AS n WHERE n.realm = s.realm AND n.kind = s.kind AND n.recipient > s.recipient
        ORDER BY n.recipient LIMIT 1),
       (SELECT n.id FROM outbox AS n WHERE n.realm = s.realm AND n.kind > s.kind ORDER BY n.kind, n.recipient LIMIT 1),
       (SELECT n.id FROM outbox AS n WHERE n.realm > s.realm ORDER BY n.realm, n.kind, n.recipient LIMIT 1)
     )
   ) SELECT realm, kind, recipient FROM step WHERE (
       SELECT d.next_try_at FROM outbox AS d
       WHERE d.realm = step.realm AND d.kind = step.kind AND d.recipient = step.recipient AND d.dead_at IS NULL
       ORDER BY d.dead_at, d.next_try_at LIMIT 1
     ) <= ?`,
  MOSTLY_EMPTY,
);
const selectBacklog = statement<[kind: string, isDead: number, count: number, firstTriedAt: number]>(
  `SELECT kind, is_dead, COUNT(*), COALESCE(MIN(tried_at), 0)
   FROM (SELECT kind, CASE WHEN dead_at IS NULL THEN 0 ELSE 1 END AS is_dead, NULLIF(first_tried_at, 0) AS tried_at FROM outbox) AS entry
   GROUP BY kind, is_dead ORDER BY kind, is_dead`,
  MOSTLY_EMPTY,
);
const selectFirst = statement<Row>(
  `SELECT ${COLUMNS} FROM outbox WHERE realm = ? AND kind = ? AND recipient = ? AND dead_at IS NULL
   ORDER BY dead_at, next_try_at, id LIMIT ?`,
  MOSTLY_EMPTY,
);
const selectSummaries = statement<SummaryRow>(
  `SELECT ${SUMMARY_COLUMNS} FROM outbox
   WHERE id > ? AND (? = '' OR kind = ?) AND (? = '' OR realm = ?)
     AND (? = 2 OR CASE WHEN dead_at IS NULL THEN 0 ELSE 1 END = ?)
   ORDER BY id LIMIT ?`,
);
const selectSummary = statement<SummaryRow>(`SELECT ${SUMMARY_COLUMNS} FROM outbox WHERE id = ?`);
const selectOfUser = statement<SummaryRow>(
  `SELECT ${SUMMARY_COLUMNS} FROM outbox WHERE user_id = ? ORDER BY id LIMIT ?`,
);
const selectId = statement('SELECT 1 FROM outbox WHERE id = ?');
/** One entry alone: whether there is a place is asked in the statement that puts it. */
const insertOne = statement(
  `INSERT INTO outbox (${COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
   WHERE (SELECT COUNT(*) FROM outbox WHERE realm = ? AND kind = ? AND recipient = ?) < ?
     AND (SELECT COUNT(*) FROM outbox WHERE user_id = ? AND kind = ?) < ? ON CONFLICT DO NOTHING`,
);
/** Entries that were given their places before. */
const insert = statement(
  `INSERT INTO outbox (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const selectIds = statement<[id: string]>('SELECT id FROM outbox WHERE id = {any}');
/** Counts no further than the bound. */
const countOfRecipient = statement<[count: number]>(
  `SELECT COUNT(*) FROM (
     SELECT 1 FROM outbox WHERE realm = ? AND kind = ? AND recipient = ? LIMIT ${MAX_WAITING_OF_RECIPIENT}) AS waiting`,
  MOSTLY_EMPTY,
);
const countOfUser = statement<[count: number]>(
  'SELECT COUNT(*) FROM outbox WHERE user_id = ? AND kind = ?',
  MOSTLY_EMPTY,
);
/** Nobody has set out, or given it up, since it was seen. */
const IS_AS_SEEN = 'id = ? AND tries = ? AND dead_at IS NULL';
const claim = statement(
  `UPDATE outbox SET tries = tries + 1, first_tried_at = CASE WHEN first_tried_at = 0 THEN ? ELSE first_tried_at END,
     next_try_at = ? WHERE ${IS_AS_SEEN}`,
);
const defer = statement(`UPDATE outbox SET next_try_at = ?, cause = ? WHERE ${IS_AS_SEEN}`);
const bury = statement(`UPDATE outbox SET dead_at = ?, cause = ? WHERE ${IS_AS_SEEN}`);
const revive = statement(
  'UPDATE outbox SET dead_at = NULL, first_tried_at = 0, next_try_at = 0 WHERE id = ? AND dead_at IS NOT NULL',
);
const settle = statement('DELETE FROM outbox WHERE id = ?');
const deleteUsers = statement(`DELETE FROM outbox WHERE ${lockedInOrder('outbox', 'id', 'user_id = {any}')}`);
const deleteSome = statement(`DELETE FROM outbox WHERE ${someLockedInOrder('outbox', 'id', 'realm = ?')}`);
const sweep = statement(`DELETE FROM outbox WHERE ${dueLockedInOrder('outbox', 'id', 'dead_at <= ?')}`);

const summaryOf = (row: SummaryRow | Row): OutboxSummary => {
  const [id, kind, realm, recipient, userId, tries, firstTriedAt, nextTryAt, cause, deadAt] = row;
  return {
    id,
    kind,
    realm,
    recipient,
    ...(userId !== null && { userId }),
    tries,
    firstTriedAt,
    nextTryAt,
    ...(cause !== null && { cause }),
    ...(deadAt !== null && { deadAt }),
  };
};

export const placeOfEntry = ({ id, kind, realm, userId }: Pick<OutboxEntry, 'id' | 'kind' | 'realm' | 'userId'>) => ({
  table: 'outbox',
  id,
  realm,
  userId: userId ?? kind,
});

const OF_OUTBOX = { tables: ['outbox'], freesPlainText: false } as const;

export const OUTBOX_CHANGES = defineChanges({
  'outbox.put': { ...OF_OUTBOX, rows: ({ entry }) => [['outbox', entry.id]], creates: 'nothing' },
  'outbox.claim': { ...OF_OUTBOX, creates: 'nothing' },
  'outbox.defer': { ...OF_OUTBOX, creates: 'nothing' },
  'outbox.bury': { ...OF_OUTBOX, creates: 'nothing' },
  'outbox.revive': { ...OF_OUTBOX, creates: 'nothing' },
  'outbox.settle': { ...OF_OUTBOX, creates: 'nothing' },
});

export const outboxTopic = (sealer: Sealer, watch: Pick<OutboxWatch, 'note'>) => {
  const rowOf = (entry: OutboxEntry): readonly SqlValue[] => {
    const { id, kind, realm, recipient, userId = null, tries, firstTriedAt, nextTryAt } = newOutboxRow(entry);
    const sealed = sealer.seal('outbox', placeOfEntry(entry), entry.payload);
    return [id, kind, realm, recipient, userId, tries, firstTriedAt, nextTryAt, null, null, sealed];
  };
  const valuesOf = (entry: OutboxEntry): readonly SqlValue[] => {
    const { realm, kind, recipient, userId = null, mostOfUser = Number.MAX_SAFE_INTEGER } = entry;
    return [...rowOf(entry), realm, kind, recipient, MAX_WAITING_OF_RECIPIENT, userId, kind, mostOfUser];
  };
  /** The statements that put a few entries, for a caller that has others to send with them. */
  const puts = (entries: readonly OutboxEntry[]) => entries.map((entry) => [insertOne, ...valuesOf(entry)] as const);
  /** What is there already stays, and what there is no place for is lost, and told of. */
  function* tellOfPuts(entries: readonly OutboxEntry[], counts: readonly number[]): Verb<void> {
    const left = entries.filter((_, at) => counts[at] === 0);
    const found = yield* firstOfEach(
      selectId,
      left.map(({ id }) => [id]),
    );
    const isPut = (_: OutboxEntry, at: number) => counts[at] === 1;
    watch.note(entries.filter(isPut), 'waiting');
    watch.note(
      left.filter((_, at) => found[at] === undefined),
      'lost',
    );
  }
  /**
   * What waits for a recipient, or tells of a user, is counted once for all of the entries. Commits at the same time count without each other, as
   * by a statement for each entry: together they may put more than there is place for.
   */
  function* foundFor(entries: readonly OutboxEntry[]): Verb<FoundInOutbox> {
    const { recipients, users } = toCount(entries);
    const [ids = [], ...counts] = yield* allOfEach<readonly [idOrCount: string | number]>([
      [selectIds, entries.map(({ id }) => id)],
      ...recipients.map(({ realm, kind, recipient }) => [countOfRecipient, realm, kind, recipient] as const),
      ...users.map(({ userId = null, kind }) => [countOfUser, userId, kind] as const),
    ]);
    const counted = counts.map(([row]) => Number(row?.[0]));
    return {
      ids: ids.map(([id]) => String(id)),
      ofRecipients: counted.slice(0, recipients.length),
      ofUsers: counted.slice(recipients.length),
    };
  }
  function* putAll(entries: readonly OutboxEntry[]): Verb<void> {
    if (entries.length < 2) {
      yield* tellOfPuts(entries, yield* countOfEach(puts(entries)));
      return;
    }
    // One without a place is not sealed.
    const { placed, lost } = withPlaces(entries, yield* foundFor(entries));
    const counts = yield* countOfEach(placed.map((entry) => [insert, ...rowOf(entry)] as const));
    // What another has put meanwhile is there.
    watch.note(
      placed.filter((_, at) => counts[at] === 1),
      'waiting',
    );
    watch.note(lost, 'lost');
  }
  const opened = (row: Row): readonly OutboxRow[] => {
    const summary = summaryOf(row);
    const payload = sealer.tryOpen('outbox', placeOfEntry(summary), row[PAYLOAD])?.toString();
    return payload === undefined ? [] : [{ ...summary, payload }];
  };
  return {
    reader: {
      *due(now, limit, perRecipient, shares) {
        const due = (yield* all(selectRecipients, now)).map(([realm, kind, recipient]) => ({ realm, kind, recipient }));
        const served = sharesOf(due, limit, perRecipient, shares);
        const found = yield* allOfEach(
          served.flat().map(({ realm, kind, recipient, count }) => [selectFirst, realm, kind, recipient, count]),
        );
        const rows = found.map((ofRecipient) => ofRecipient.filter((row) => row[NEXT_TRY_AT] <= now).flatMap(opened));
        return inTurn(served.map((ofRealm) => inTurn(rows.splice(0, ofRealm.length)))).slice(0, limit);
      },
      *list({ isDead, kind = '', realm = '' }, limit, after = '') {
        const state = isDead === undefined ? 2 : Number(isDead);
        return (yield* all(selectSummaries, after, kind, kind, realm, realm, state, state, limit)).map(summaryOf);
      },
      *ofUser(userId, limit) {
        return (yield* all(selectOfUser, userId, limit)).map(summaryOf);
      },
      *backlog() {
        const rows = yield* all(selectBacklog);
        return rows.map(([kind, isDead, count, firstTriedAt]) => ({ kind, isDead: isDead === 1, count, firstTriedAt }));
      },
      *find(id) {
        const row = yield* first(selectSummary, id);
        return row === undefined ? undefined : summaryOf(row);
      },
    } satisfies ReadVerbs<OutboxReader>,
    changes: {
      *'outbox.put'({ entry }) {
        yield* putAll([entry]);
        return true;
      },
      *'outbox.claim'({ id, seenTries, at, nextTryAt }) {
        return (yield* run(claim, at, nextTryAt, id, seenTries)) === 1;
      },
      *'outbox.defer'({ id, seenTries, nextTryAt, cause }) {
        return (yield* run(defer, nextTryAt, cause, id, seenTries)) === 1;
      },
      *'outbox.bury'({ id, seenTries, at, cause }) {
        return (yield* run(bury, at, cause, id, seenTries)) === 1;
      },
      *'outbox.revive'({ id }) {
        return (yield* run(revive, id)) === 1;
      },
      *'outbox.settle'({ id }) {
        yield* run(settle, id);
        return true;
      },
    } satisfies VerbsOf<typeof OUTBOX_CHANGES>,
    puts,
    tellOfPuts,
    putAll,
    *deleteUsers(userIds: readonly string[]) {
      return yield* run(deleteUsers, userIds);
    },
    *deleteSome(realm: string, limit: number) {
      return yield* run(deleteSome, realm, limit);
    },
    *sweep(deadBy: number, limit: number) {
      return yield* run(sweep, deadBy, deadBy, limit);
    },
  };
};
