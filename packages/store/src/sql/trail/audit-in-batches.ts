import type { AuditReader } from '@assent/engine/host';
import { all, type ChangeVerbs, first, type ReadVerbs, run, statement, type Verb } from '../verbs/verb.ts';
import { type FeedRows, SENT } from './audit-feed.ts';
import { AUDIT_COLUMNS, type AuditRow, auditEventOf, auditValuesOf } from './audit-rows.ts';
import { trailIdOf } from './trail-id.ts';

type Row = readonly [...event: AuditRow, id: number];

const EVENT_LENGTH = 10;

/** Stands for "from the newest": no row of the trail gets that far. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** How many rows a commit that adds another lists under their users at once. */
const LISTED_AT_ONCE = 500;

const LISTED = '(SELECT until FROM audit_listed WHERE id = 1)';

/** What concerns a user, newest first; it takes the conditions twice, then the limit. */
const ofUser = (also = ''): string => {
  const condition = `user_id = ? ${also}`;
  return `
    SELECT ${AUDIT_COLUMNS}, id FROM audit WHERE id > ${LISTED} AND ${condition}
    UNION ALL
    SELECT ${AUDIT_COLUMNS}, id FROM (SELECT user_id AS listed, id FROM audit_of_user) JOIN audit USING (id)
      WHERE listed = ? ${also}
    ORDER BY id DESC LIMIT ?`;
};

const selectUser = statement<Row>(ofUser());
const selectPage = statement<Row>(ofUser('AND id < ? AND at >= ? AND event = {any}'));
const insert = statement(`INSERT INTO audit (${AUDIT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
const countUnlisted = statement<[count: number]>(`SELECT COALESCE(MAX(id), 0) - ${LISTED} FROM audit`);
const list = statement(
  `INSERT INTO audit_of_user (user_id, id)
   SELECT user_id, id FROM audit WHERE id > ${LISTED} AND user_id IS NOT NULL ORDER BY user_id, id`,
);
const setListed = statement('UPDATE audit_listed SET until = (SELECT MAX(id) FROM audit) WHERE id = 1');

/** Of a user who is erased, the rows stay, without what is personal in them. */
const eraseDetails = statement(
  `UPDATE audit SET detail = NULL WHERE id IN (
     SELECT id FROM audit WHERE id > ${LISTED} AND user_id = ? UNION ALL SELECT id FROM audit_of_user WHERE user_id = ?
   ) AND event <> 'ERASE' AND detail IS NOT NULL`,
);

/** Commits are one after the other, so that a number is a position. */
const selectUnsent = statement<Row>(`SELECT ${AUDIT_COLUMNS}, id FROM audit WHERE id > ${SENT} ORDER BY id LIMIT ?`);

/** From the newest on, so that no more is read than has happened since. */
const selectLastBefore = statement<[id: number]>('SELECT id FROM audit WHERE at < ? ORDER BY id DESC LIMIT 1');

const eventOf = (row: Row) => auditEventOf(row.slice(0, EVENT_LENGTH) as unknown as AuditRow);

/** The trail by numbers of the database; what concerns a user is listed beside it, some hundred rows at a time (ADR 33). */
export const auditInBatchesTopic = () => {
  // About how many: commits that were taken back are counted, those of other processes are not.
  let unlisted: number | undefined;
  function* listSome(): Verb<void> {
    yield* run(list);
    yield* run(setListed);
    unlisted = 0;
  }
  return {
    feed: {
      *lastBefore(time) {
        return (yield* first(selectLastBefore, time))?.[0] ?? 0;
      },
      *firstUnsent() {
        return (yield* all(selectUnsent, 1))[0]?.[0];
      },
      *unsent(_since, limit) {
        return (yield* all(selectUnsent, limit)).map((row) => {
          const position = row[EVENT_LENGTH] as number;
          return { ...eventOf(row), id: trailIdOf(row[0], position), position };
        });
      },
    } satisfies FeedRows,
    reader: {
      *ofUser(userId, limit) {
        return (yield* all(selectUser, userId, userId, limit)).map(eventOf);
      },
      *page(userId, { events, since, before = String(NEWEST), limit }) {
        const conditions = [userId, Number(before), since, events];
        return (yield* all(selectPage, ...conditions, ...conditions, limit)).map((row) => ({
          ...eventOf(row),
          place: String(row[EVENT_LENGTH]),
        }));
      },
    } satisfies ReadVerbs<AuditReader>,
    changes: {
      *'audit.append'({ event }) {
        yield* run(insert, ...auditValuesOf(event));
        unlisted = unlisted === undefined ? ((yield* first(countUnlisted))?.[0] ?? 0) : unlisted + 1;
        if (unlisted >= LISTED_AT_ONCE) yield* listSome();
        return true;
      },
      *'audit.erase'({ userId }) {
        yield* run(eraseDetails, userId, userId);
        return true;
      },
    } satisfies ChangeVerbs<'audit.append' | 'audit.erase'>,
  };
};
