import type { Random } from '@assent/engine';
import { type AuditReader, MAX_AUDIT_ROWS_OF_PAGE } from '@assent/engine/host';
import { saltsFrom } from '../../chain/seals.ts';
import type { VerbsOf } from '../verbs/define-changes.ts';
import { all, first, type ReadVerbs, run, runEach, statement, turn, type Verb } from '../verbs/verb.ts';
import { type ChainRows, SEALED } from './audit-chain.ts';
import { type FeedRows, SENT } from './audit-feed.ts';
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
import { trailIdOf } from './trail-id.ts';

type Row = readonly [...event: AuditRow, id: number];
type ProvenRow = readonly [...event: AuditRow, id: number, ...proof: ProofRow];

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
const selectRows = statement<Row>(ofUser('AND id < ? AND id >= ? AND at >= ?'));
const selectPage = statement<Row>(ofUser('AND id < ? AND id >= ? AND at >= ? AND event = {any}'));
/** The last row that a page reads, by the indexes alone; absent where a user has fewer rows. */
const selectLastRead = statement<[id: number, at: number]>(`
  SELECT id, at FROM audit WHERE id = (
    SELECT id FROM audit WHERE id > ${LISTED} AND user_id = ? AND id < ?
    UNION ALL
    SELECT id FROM audit_of_user WHERE user_id = ? AND id < ?
    ORDER BY id DESC LIMIT 1 OFFSET ${MAX_AUDIT_ROWS_OF_PAGE - 1})`);
const insert = statement(`INSERT INTO audit (${WRITTEN_COLUMNS}) VALUES (${AUDIT_VALUES})`);
const countUnlisted = statement<[count: number]>(`SELECT COALESCE(MAX(id), 0) - ${LISTED} FROM audit`);
const list = statement(
  `INSERT INTO audit_of_user (user_id, id)
   SELECT user_id, id FROM audit WHERE id > ${LISTED} AND user_id IS NOT NULL ORDER BY user_id, id`,
);
const setListed = statement('UPDATE audit_listed SET until = (SELECT MAX(id) FROM audit) WHERE id = 1');

/** Commits are one after the other, so that a number is a position. What is sent is sealed. */
const selectUnsent = statement<ProvenRow>(
  `SELECT ${AUDIT_COLUMNS}, id, ${PROOF_COLUMNS} FROM audit WHERE id > ${SENT} AND id <= ${SEALED} ORDER BY id LIMIT ?`,
);
const selectFirstUnsent = statement<[at: number]>(`SELECT at FROM audit WHERE id > ${SENT} ORDER BY id LIMIT 1`);
const selectBehind = statement<ProvenRow>(
  `SELECT ${AUDIT_COLUMNS}, id, ${PROOF_COLUMNS} FROM audit WHERE id > ? ORDER BY id LIMIT ?`,
);
const selectUnsealedErasures = statement<[userId: string]>(
  `SELECT user_id FROM audit WHERE id > ${SEALED} AND event = 'ERASE' AND user_id IS NOT NULL`,
);
const selectNewest = statement<[id: number]>('SELECT COALESCE(MAX(id), 0) FROM audit');
const putDetail = statement('UPDATE audit SET detail = ?, salt = ?, detail_hash = ? WHERE id = ?');
const insertAt = statement(`INSERT INTO audit (${WRITTEN_COLUMNS}, id) VALUES (${AUDIT_VALUES}, ?)`);
const eraseListed = statement(
  `UPDATE audit SET detail_hash = {detail_hash}, detail = NULL, salt = NULL
   WHERE id IN (SELECT id FROM audit_of_user WHERE user_id = ?) AND event <> 'ERASE' AND detail IS NOT NULL`,
);
const eraseUnlisted = statement(
  `UPDATE audit SET detail_hash = {detail_hash}, detail = NULL, salt = NULL
   WHERE id > ${LISTED} AND user_id = ? AND event <> 'ERASE' AND detail IS NOT NULL`,
);
const OLDEST = 'SELECT user_id, id FROM audit WHERE id <= ? ORDER BY id LIMIT ?';
const removeListed = statement(`DELETE FROM audit_of_user WHERE (user_id, id) IN (${OLDEST})`);
const remove = statement('DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id <= ? ORDER BY id LIMIT ?)');

/** From the newest on, so that no more is read than has happened since. */
const selectLastBefore = statement<[id: number]>('SELECT id FROM audit WHERE at < ? ORDER BY id DESC LIMIT 1');

const trailRowOf = (row: ProvenRow): StoredTrailRow => {
  const position = row[EVENT_LENGTH] as number;
  const { event, detailText, salt, detailHash } = provenEventOf(row, EVENT_LENGTH + 1);
  return { id: trailIdOf(event?.at ?? 0, position), key: position, position, event, detailText, salt, detailHash };
};

const eventOf = (row: Row) => auditEventOf(row.slice(0, EVENT_LENGTH) as unknown as AuditRow);

/** The trail by numbers of the database; what concerns a user is listed beside it, some hundred rows at a time (ADR 33). */
export const auditInBatchesTopic = (random: Pick<Random, 'bytes'>) => {
  const salt = saltsFrom(random);
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
        return (yield* first(selectFirstUnsent))?.[0];
      },
      *unsent(_since, limit) {
        return (yield* all(selectUnsent, limit)).map(trailRowOf);
      },
    } satisfies FeedRows,
    chain: {
      *unsealed(head, limit) {
        return (yield* all(selectBehind, head.position, limit)).map(trailRowOf);
      },
      *putDetails(rows) {
        yield* runEach(
          putDetail,
          rows.map(({ key, detailText = null, salt = null, detailHash = null }) => [detailText, salt, detailHash, key]),
        );
      },
      *passOver() {
        // What was there when sending began stands before the mark.
      },
      *appendAt(event, position) {
        yield* run(insertAt, ...auditValuesOf(event, salt), position);
      },
      *behind({ position }, limit) {
        return (yield* all(selectBehind, position, limit)).map(trailRowOf);
      },
      *oldestUnsealed(head) {
        const [row] = (yield* all(selectBehind, head, 1)).map(trailRowOf);
        return row && { id: row.id, at: row.event?.at ?? 0 };
      },
      *unsealedErasures() {
        return (yield* all(selectUnsealedErasures)).map(([userId]) => userId);
      },
      *from(position) {
        return (yield* all(selectBehind, position - 1, 1)).map(trailRowOf)[0];
      },
      *newest() {
        return (yield* first(selectNewest))?.[0] ?? 0;
      },
      *remove(upTo, limit) {
        yield* run(removeListed, upTo, limit);
        return yield* run(remove, upTo, limit);
      },
    } satisfies ChainRows,
    reader: {
      *ofUser(userId, limit) {
        return (yield* all(selectUser, userId, userId, limit)).map(eventOf);
      },
      *page(userId, { events, since, before, limit }) {
        if (before !== undefined) yield* turn();
        const from = before === undefined ? NEWEST : Number(before);
        const [lastRead, at] = (yield* first(selectLastRead, userId, from, userId, from)) ?? [];
        const range = [userId, from, lastRead ?? 0, since];
        const rows =
          events === undefined
            ? yield* all(selectRows, ...range, ...range, limit)
            : yield* all(selectPage, ...range, events, ...range, events, limit);
        const found = rows.map((row) => ({ ...eventOf(row), place: String(row[EVENT_LENGTH]) }));
        return pageOfAudit(
          found,
          { since, limit },
          lastRead === undefined ? undefined : { place: String(lastRead), at },
        );
      },
      ...signInReader,
    } satisfies ReadVerbs<AuditReader>,
    changes: {
      *'audit.append'({ event }) {
        yield* run(insert, ...auditValuesOf(event, salt));
        unlisted = unlisted === undefined ? ((yield* first(countUnlisted))?.[0] ?? 0) : unlisted + 1;
        if (unlisted >= LISTED_AT_ONCE) yield* listSome();
        return true;
      },
      *'audit.erase'({ userId }) {
        yield* run(eraseListed, userId);
        yield* run(eraseUnlisted, userId);
        return true;
      },
    } satisfies VerbsOf<typeof AUDIT_CHANGES>,
  };
};
