import type { Random } from '@assent/engine';
import { type AuditEvent, type AuditReader, MAX_AUDIT_ROWS_OF_PAGE } from '@assent/engine/host';
import { saltsFrom } from '../../chain/seals.ts';
import type { VerbsOf } from '../verbs/define-changes.ts';
import {
  all,
  type Call,
  countOfEach,
  first,
  type ReadVerbs,
  run,
  runEach,
  type Statement,
  statement,
  together,
  turn,
  type Verb,
} from '../verbs/verb.ts';
import { type ChainRows, SEALED } from './audit-chain.ts';
import { beginsAt, type FeedRows, SENT, SENT_SINCE } from './audit-feed.ts';
import { pageOfAudit } from './audit-page.ts';
import {
  type AUDIT_CHANGES,
  AUDIT_COLUMNS,
  AUDIT_VALUES,
  type AuditRow,
  auditEventOf,
  auditValuesOf,
  PROOF_COLUMNS,
  type ProofRow,
  provenEventOf,
  type StoredTrailRow,
  WRITTEN_COLUMNS,
} from './audit-rows.ts';
import { signInReader } from './sign-ins.ts';
import { firstIdOf } from './trail-id.ts';

type PlacedRow = readonly [...event: AuditRow, id: string];
type TrailRowOfId = readonly [...event: AuditRow, id: string, position: number | null, ...proof: ProofRow];

const EVENT_LENGTH = 10;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Stands for "from the newest": no row of the trail gets that far. */
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const selectUser = statement<AuditRow>(`SELECT ${AUDIT_COLUMNS} FROM audit WHERE user_id = ? ORDER BY id DESC LIMIT ?`);
/** Stands for "to the oldest". */
const OLDEST = '00000000-0000-0000-0000-000000000000';
const rowsOfUser = (also = ''): string =>
  `SELECT ${AUDIT_COLUMNS}, id FROM audit WHERE user_id = ? AND id < ? AND id >= ? AND at >= ? ${also}
   ORDER BY id DESC LIMIT ?`;
const selectRows = statement<PlacedRow>(rowsOfUser());
const selectPage = statement<PlacedRow>(rowsOfUser('AND event = {any}'));
/** The last row that a page reads; absent where a user has fewer rows. */
const selectLastRead = statement<[id: string, at: number]>(
  `SELECT id, at FROM audit WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ${MAX_AUDIT_ROWS_OF_PAGE - 1}`,
);

/** A time that somebody has made too great to be a number here is one that no row of ours has, and not the end of whoever reads it. */
const READABLE_COLUMNS = AUDIT_COLUMNS.replace(/^at\b/, `LEAST(at, ${Number.MAX_SAFE_INTEGER})`);
const TRAIL_COLUMNS = `${READABLE_COLUMNS}, id, position, ${PROOF_COLUMNS}`;

/** What is sent is sealed; what happened before sending began is not sent, though it gets a position. */
const selectUnsent = statement<TrailRowOfId>(
  `SELECT ${TRAIL_COLUMNS} FROM audit WHERE position > ${SENT} AND position <= ${SEALED} AND id >= ? ORDER BY position LIMIT ?`,
);
const selectFirstPlaced = statement<[at: number]>(
  `SELECT at FROM audit WHERE position > ${SENT} AND id >= ? ORDER BY position LIMIT 1`,
);
/** What came with a copy from SQLite, or was numbered by an older version, stands where it stands. */
const selectPlaced = statement<TrailRowOfId>(
  `SELECT ${TRAIL_COLUMNS} FROM audit WHERE position > ? ORDER BY position LIMIT ? {lock}`,
);
/** All that is seen is committed, however long that took and whatever its clock said. */
const selectUnplaced = statement<TrailRowOfId>(
  `SELECT ${TRAIL_COLUMNS} FROM audit WHERE position IS NULL ORDER BY id LIMIT ? {lock}`,
);
/** An instance of an older version that sends the trail on numbers rows, too, under this lease; it waits. */
const lockNumbering: Call = {
  wants: 'rows',
  statement: statement("SELECT holder FROM lease WHERE name = 'audit-sink' {lock}"),
  values: [],
};
const selectUnsealedErasures = statement<[userId: string]>(
  `SELECT user_id FROM audit WHERE position IS NULL AND event = 'ERASE' AND user_id IS NOT NULL`,
);
const selectNewest = statement<[position: number]>(
  `SELECT GREATEST((SELECT COALESCE(MAX(position), 0) FROM audit), ${SENT})`,
);
const putDetail = statement('UPDATE audit SET detail = ?, salt = ?, detail_hash = ? WHERE id = ?');
/** Numbers all rows of a batch in one statement, in the order of their ids, after a position. */
const place = statement(
  `UPDATE audit SET position = ? + placed.number
   FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS number FROM audit WHERE id = {any}) AS placed WHERE audit.id = placed.id`,
);
const selectBehind = statement<TrailRowOfId>(
  `SELECT ${TRAIL_COLUMNS} FROM audit WHERE position >= ? AND (position > ? OR id > ?) ORDER BY position, id LIMIT ?`,
);
const selectFrom = statement<TrailRowOfId>(
  `SELECT ${TRAIL_COLUMNS} FROM audit WHERE position >= ? ORDER BY position LIMIT 1`,
);
const selectOldestUnplaced = statement<[id: string, at: number]>(
  'SELECT id, at FROM audit WHERE position IS NULL ORDER BY id LIMIT 1',
);
const selectOldestPlaced = statement<[id: string, at: number]>(
  'SELECT id, at FROM audit WHERE position > ? ORDER BY position LIMIT 1',
);
const erase = statement(
  `UPDATE audit SET detail_hash = {detail_hash}, detail = NULL, salt = NULL
   WHERE user_id = ? AND event <> 'ERASE' AND detail IS NOT NULL`,
);
const remove = statement(
  'DELETE FROM audit WHERE id = {once}(SELECT id FROM audit WHERE position <= ? ORDER BY position LIMIT ?){end}',
);
const selectSince = statement<[since: number, sent: number]>(`SELECT ${SENT_SINCE}, ${SENT}`);
/** What is not to be sent counts as sent, so that nobody looks through it each time. */
const passOver = statement('UPDATE audit_sent SET position = ? WHERE id = 1 AND position = ?');

const selectFirstUnplaced = statement<[at: number]>(
  'SELECT at FROM audit WHERE position IS NULL AND id >= ? ORDER BY id LIMIT 1',
);

/** Only rows that came with a copy from SQLite have a position before anything is sent. */
const selectLastBefore = statement<[position: number]>(
  'SELECT position FROM audit WHERE position IS NOT NULL AND id < ? ORDER BY position DESC LIMIT 1',
);

const trailRowOf = (row: TrailRowOfId): StoredTrailRow => {
  const id = row[EVENT_LENGTH] as string;
  const { event, detailText, salt, detailHash } = provenEventOf(row, EVENT_LENGTH + 2);
  return { id, key: id, position: Number(row[EVENT_LENGTH + 1]), event, detailText, salt, detailHash };
};

/** Commits that write more rows than that do so by several statements. */
const ROWS_AT_ONCE = 16;
const inserts: readonly Statement[] = Array.from({ length: ROWS_AT_ONCE }, (_, at) =>
  statement(
    `INSERT INTO audit (${WRITTEN_COLUMNS}, id) VALUES ${Array.from({ length: at + 1 }, () => `(${AUDIT_VALUES}, ?)`).join(', ')}
     ON CONFLICT DO NOTHING`,
  ),
);

/**
 * The trail by ids of ours, which tell the time (RFC 9562 §5.7), so that instances need no counter in common; an index has
 * what concerns a user (OPS-16). `erasuresLock` is what erasures hold.
 */
export const auditByIdTopic = (nextId: (at: number) => string, erasuresLock: Call, random: Pick<Random, 'bytes'>) => {
  const salt = saltsFrom(random);
  function* append(rows: readonly { readonly id: string; readonly event: AuditEvent }[]): Verb<boolean> {
    // All of them in one flight: an import has rows by the hundred.
    const counts = yield* countOfEach(
      Array.from({ length: Math.ceil(rows.length / ROWS_AT_ONCE) }, (_, at) => {
        const some = rows.slice(at * ROWS_AT_ONCE, (at + 1) * ROWS_AT_ONCE);
        const values = some.flatMap(({ id, event }) => [...auditValuesOf(event, salt), id]);
        return [inserts[some.length - 1] as Statement, ...values] as const;
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0) === rows.length;
  }
  return {
    nextId,
    /** All rows of a commit at once, under ids that were made for them; `false` where they are there already. */
    append,
    feed: {
      *lastBefore(time) {
        return (yield* first(selectLastBefore, firstIdOf(time)))?.[0] ?? 0;
      },
      *firstUnsent(since) {
        const placed = yield* first(selectFirstPlaced, firstIdOf(since));
        return (placed ?? (yield* first(selectFirstUnplaced, firstIdOf(since))))?.[0];
      },
      *unsent(since, limit) {
        return (yield* all(selectUnsent, firstIdOf(since), limit)).map(trailRowOf);
      },
    } satisfies FeedRows,
    chain: {
      *unsealed(head, limit) {
        // A row that came too late for an erasure is seen here with it, and never before its commit.
        yield* together([erasuresLock, lockNumbering]);
        const placed = (yield* all(selectPlaced, head.position, limit)).map(trailRowOf);
        if (placed.length === limit) return placed;
        const newest = Math.max(head.position, (yield* first(selectNewest))?.[0] ?? 0);
        const others = (yield* all(selectUnplaced, limit - placed.length)).map(trailRowOf);
        if (others.length > 0)
          yield* run(
            place,
            newest,
            others.map(({ id }) => id),
          );
        return [...placed, ...others.map((row, at) => ({ ...row, position: newest + at + 1 }))];
      },
      *putDetails(rows) {
        yield* runEach(
          putDetail,
          rows.map(({ key, detailText = null, salt = null, detailHash = null }) => [detailText, salt, detailHash, key]),
        );
      },
      *passOver(rows, now) {
        const [begun = 0, sent = 0] = (yield* first(selectSince)) ?? [];
        const since = firstIdOf(Math.max(0, beginsAt(begun, now)));
        const last = rows.at(-1);
        const isWanted = rows.some(({ key }) => String(key) >= since);
        if (last !== undefined && !isWanted && begun > 0 && sent === (rows[0]?.position ?? 0) - 1)
          yield* run(passOver, last.position, sent);
      },
      *appendAt(event, position) {
        const id = nextId(event.at);
        yield* append([{ id, event }]);
        yield* run(place, position - 1, [id]);
      },
      *behind({ position, id = NEWEST }, limit) {
        return (yield* all(selectBehind, position, position, id, limit)).map(trailRowOf);
      },
      *oldestUnsealed(head) {
        const [id, at] = (yield* first(selectOldestPlaced, head)) ?? (yield* first(selectOldestUnplaced)) ?? [];
        return id === undefined || at === undefined ? undefined : { id, at };
      },
      *unsealedErasures() {
        return (yield* all(selectUnsealedErasures)).map(([userId]) => userId);
      },
      *from(position) {
        const row = yield* first(selectFrom, position);
        return row && trailRowOf(row);
      },
      *newest() {
        return (yield* first(selectNewest))?.[0] ?? 0;
      },
      *remove(upTo, limit) {
        return yield* run(remove, upTo, limit);
      },
    } satisfies ChainRows,
    reader: {
      *ofUser(userId, limit) {
        return (yield* all(selectUser, userId, limit)).map(auditEventOf);
      },
      *page(userId, { events, since, before, limit }) {
        if (before !== undefined && !UUID.test(before)) return { events: [] };
        if (before !== undefined) yield* turn();
        const from = before ?? NEWEST;
        const [place, at] = (yield* first(selectLastRead, userId, from)) ?? [];
        const range = [userId, from, place ?? OLDEST, since];
        const rows =
          events === undefined
            ? yield* all(selectRows, ...range, limit)
            : yield* all(selectPage, ...range, events, limit);
        const found = rows.map((row) => ({
          ...auditEventOf(row.slice(0, EVENT_LENGTH) as unknown as AuditRow),
          place: row[EVENT_LENGTH],
        }));
        return pageOfAudit(found, { since, limit }, place === undefined ? undefined : { place, at });
      },
      ...signInReader,
    } satisfies ReadVerbs<AuditReader>,
    changes: {
      *'audit.append'({ event }) {
        return yield* append([{ id: nextId(event.at), event }]);
      },
      *'audit.erase'({ userId }) {
        yield* run(erase, userId);
        return true;
      },
    } satisfies VerbsOf<typeof AUDIT_CHANGES>,
  };
};
