import type { AuditEvent, AuditReader } from '@assent/engine/host';
import type { ChangesOf } from '../ports/store.ts';
import type { Database } from '../sqlite/driver.ts';

type Row = readonly [
  id: number,
  at: number,
  event: string,
  realm: string,
  transactionId: string,
  userId: string | null,
  journey: string | null,
  nodeType: string | null,
  nodeId: string | null,
  outcome: string | null,
  detail: string | null,
];

const COLUMNS = 'at, event, realm, transaction_id, user_id, journey, node_type, node_id, outcome, detail';

const eventOf = (row: Row): AuditEvent => {
  const [, at, event, realm, transactionId, userId, journey, nodeType, nodeId, outcome, detail] = row;
  return {
    at,
    event,
    realm,
    transactionId,
    ...(userId === null ? {} : { userId }),
    ...(journey === null ? {} : { journey }),
    ...(nodeType === null ? {} : { nodeType }),
    ...(nodeId === null ? {} : { nodeId }),
    ...(outcome === null ? {} : { outcome }),
    ...(detail === null ? {} : { detail: JSON.parse(detail) }),
  };
};

/** Stands for "from the newest": no row of the trail gets that far. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** So many rows are listed under their users at once, in a commit that adds another. */
const LISTED_AT_ONCE = 500;

const LISTED = '(SELECT until FROM audit_listed WHERE id = 1)';

/** What concerns a user, newest first; it takes the conditions twice, then the limit. */
const ofUser = (also = ''): string => {
  const condition = `user_id = ? ${also}`;
  return `
    SELECT id, ${COLUMNS} FROM audit WHERE id > ${LISTED} AND ${condition}
    UNION ALL
    SELECT id, ${COLUMNS} FROM (SELECT user_id AS listed, id FROM audit_of_user) JOIN audit USING (id)
      WHERE listed = ? ${also}
    ORDER BY id DESC LIMIT ?`;
};

export const sqliteAudit = (db: Database) => {
  const selectUser = db.prepare<Row>(ofUser());
  const selectPage = db.prepare<Row>(ofUser('AND id < ? AND at >= ? AND event IN (SELECT value FROM json_each(?))'));
  const insert = db.prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const countUnlisted = db.prepare<[count: number]>(`SELECT COALESCE(MAX(id), 0) - ${LISTED} FROM audit`);
  const list = db.prepare(
    `INSERT INTO audit_of_user (user_id, id)
     SELECT user_id, id FROM audit WHERE id > ${LISTED} AND user_id IS NOT NULL ORDER BY user_id, id`,
  );
  const setListed = db.prepare('UPDATE audit_listed SET until = (SELECT MAX(id) FROM audit) WHERE id = 1');
  // About how many: commits that were taken back are counted, those of other processes are not.
  let unlisted = countUnlisted.get()?.[0] ?? 0;
  const listSome = (): void => {
    list.run();
    setListed.run();
    unlisted = 0;
  };
  return {
    reader: {
      ofUser: async (userId, limit) => selectUser.all(userId, userId, limit).map(eventOf),
      page: async (userId, { events, since, before = NEWEST, limit }) => {
        const conditions = [userId, before, since, JSON.stringify(events)];
        return selectPage.all(...conditions, ...conditions, limit).map((row) => ({ ...eventOf(row), place: row[0] }));
      },
    } satisfies AuditReader,
    changes: {
      'audit.append': ({ event }) => {
        insert.run(
          event.at,
          event.event,
          event.realm,
          event.transactionId,
          event.userId ?? null,
          event.journey ?? null,
          event.nodeType ?? null,
          event.nodeId ?? null,
          event.outcome ?? null,
          event.detail === undefined ? null : JSON.stringify(event.detail),
        );
        unlisted += 1;
        if (unlisted >= LISTED_AT_ONCE) listSome();
        return true;
      },
    } satisfies ChangesOf<'audit.append'>,
  };
};
