import type { AuditEvent, AuditReader } from '@assent/engine/host';
import {
  all,
  type ChangeVerbs,
  countOfEach,
  first,
  type ReadVerbs,
  run,
  type Statement,
  statement,
  type Verb,
} from '../verbs/verb.ts';
import { type FeedRows, SENT } from './audit-feed.ts';
import { AUDIT_COLUMNS, type AuditRow, auditEventOf, auditValuesOf } from './audit-rows.ts';
import { firstIdOf } from './trail-id.ts';

type PlacedRow = readonly [...event: AuditRow, id: string];
type FedRow = readonly [...event: AuditRow, id: string, position: number];

const EVENT_LENGTH = 10;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Stands for "from the newest": no row of the trail gets that far. */
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const selectUser = statement<AuditRow>(`SELECT ${AUDIT_COLUMNS} FROM audit WHERE user_id = ? ORDER BY id DESC LIMIT ?`);
const selectPage = statement<PlacedRow>(
  `SELECT ${AUDIT_COLUMNS}, id FROM audit WHERE user_id = ? AND id < ? AND at >= ? AND event = {any}
   ORDER BY id DESC LIMIT ?`,
);

/**
 * Numbers what has been committed since, behind what was sent, which somebody may have taken out of the table; whoever does it holds the lease,
 * so that nobody else gives the same numbers.
 */
const place = statement(
  `UPDATE audit SET position = placed.position FROM (
     SELECT id, ROW_NUMBER() OVER (ORDER BY id)
       + GREATEST((SELECT COALESCE(MAX(position), 0) FROM audit), ${SENT}) AS position
     FROM (SELECT id FROM audit WHERE position IS NULL AND id >= ? ORDER BY id LIMIT ?) AS unplaced) AS placed
   WHERE audit.id = placed.id`,
);
const selectUnsent = statement<FedRow>(
  `SELECT ${AUDIT_COLUMNS}, id, position FROM audit WHERE position > ${SENT} ORDER BY position LIMIT ?`,
);

const selectFirstUnplaced = statement<[at: number]>(
  'SELECT at FROM audit WHERE position IS NULL AND id >= ? ORDER BY id LIMIT 1',
);

/** Only rows that came with a copy from SQLite have a position before anything is sent. */
const selectLastBefore = statement<[position: number]>(
  'SELECT position FROM audit WHERE position IS NOT NULL AND id < ? ORDER BY position DESC LIMIT 1',
);

/** Of a user who is erased, the rows stay, without what is personal in them. */
const eraseDetails = statement(
  `UPDATE audit SET detail = NULL WHERE user_id = ? AND event <> 'ERASE' AND detail IS NOT NULL`,
);

const fedEventOf = (row: FedRow) => ({
  ...auditEventOf(row.slice(0, EVENT_LENGTH) as unknown as AuditRow),
  id: row[EVENT_LENGTH],
  position: row[EVENT_LENGTH + 1] as number,
});

/** Commits that write more rows than that do so by several statements. */
const ROWS_AT_ONCE = 16;
const inserts: readonly Statement[] = Array.from({ length: ROWS_AT_ONCE }, (_, at) =>
  statement(
    `INSERT INTO audit (${AUDIT_COLUMNS}, id) VALUES ${Array.from({ length: at + 1 }, () => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}
     ON CONFLICT DO NOTHING`,
  ),
);

/**
 * The trail by ids of ours, which tell the time (RFC 9562 §5.7), so that instances need no counter in common; an index has
 * what concerns a user (OPS-16).
 */
export const auditByIdTopic = (nextId: (at: number) => string) => {
  function* append(rows: readonly { readonly id: string; readonly event: AuditEvent }[]): Verb<boolean> {
    // All of them in one flight: an import has rows by the hundred.
    const counts = yield* countOfEach(
      Array.from({ length: Math.ceil(rows.length / ROWS_AT_ONCE) }, (_, at) => {
        const some = rows.slice(at * ROWS_AT_ONCE, (at + 1) * ROWS_AT_ONCE);
        const values = some.flatMap(({ id, event }) => [...auditValuesOf(event), id]);
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
        const [placed] = yield* all(selectUnsent, 1);
        return (placed ?? (yield* first(selectFirstUnplaced, firstIdOf(since))))?.[0];
      },
      *unsent(since, limit) {
        const before = yield* all(selectUnsent, limit);
        const placed = before.length === limit ? 0 : yield* run(place, firstIdOf(since), limit - before.length);
        return (placed === 0 ? before : yield* all(selectUnsent, limit)).map(fedEventOf);
      },
    } satisfies FeedRows,
    reader: {
      *ofUser(userId, limit) {
        return (yield* all(selectUser, userId, limit)).map(auditEventOf);
      },
      *page(userId, { events, since, before = NEWEST, limit }) {
        if (!UUID.test(before)) return [];
        return (yield* all(selectPage, userId, before, since, events, limit)).map((row) => ({
          ...auditEventOf(row.slice(0, EVENT_LENGTH) as unknown as AuditRow),
          place: row[EVENT_LENGTH],
        }));
      },
    } satisfies ReadVerbs<AuditReader>,
    changes: {
      *'audit.append'({ event }) {
        return yield* append([{ id: nextId(event.at), event }]);
      },
      *'audit.erase'({ userId }) {
        yield* run(eraseDetails, userId);
        return true;
      },
    } satisfies ChangeVerbs<'audit.append' | 'audit.erase'>,
  };
};
