import type { AuditEvent, AuditReader } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import type { Database } from './driver.ts';

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

export const sqliteAudit = (db: Database) => {
  const selectUser = db.prepare<Row>(`SELECT id, ${COLUMNS} FROM audit WHERE user_id = ? ORDER BY id DESC LIMIT ?`);
  const selectPage = db.prepare<Row>(
    `SELECT id, ${COLUMNS} FROM audit
     WHERE user_id = ? AND id < ? AND at >= ? AND event IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?`,
  );
  const insert = db.prepare(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  return {
    reader: {
      ofUser: async (userId, limit) => selectUser.all(userId, limit).map(eventOf),
      page: async (userId, { events, since, before = NEWEST, limit }) =>
        selectPage
          .all(userId, before, since, JSON.stringify(events), limit)
          .map((row) => ({ ...eventOf(row), place: row[0] })),
    } satisfies AuditReader,
    changes: {
      'audit.append': ({ event }) =>
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
        ) === 1,
    } satisfies ChangesOf<'audit.append'>,
  };
};
