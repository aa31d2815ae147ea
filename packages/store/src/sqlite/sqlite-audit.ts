import type { AuditEvent, AuditReader } from '@assent/engine';
import type { ChangesOf } from '../store.ts';
import type { Database } from './driver.ts';

interface Row {
  readonly at: number;
  readonly event: string;
  readonly realm: string;
  readonly transaction_id: string;
  readonly user_id: string | null;
  readonly journey: string | null;
  readonly node_type: string | null;
  readonly node_id: string | null;
  readonly outcome: string | null;
  readonly detail: string | null;
}

const COLUMNS = 'at, event, realm, transaction_id, user_id, journey, node_type, node_id, outcome, detail';

const eventOf = (row: Row): AuditEvent => ({
  at: row.at,
  event: row.event,
  realm: row.realm,
  transactionId: row.transaction_id,
  ...(row.user_id === null ? {} : { userId: row.user_id }),
  ...(row.journey === null ? {} : { journey: row.journey }),
  ...(row.node_type === null ? {} : { nodeType: row.node_type }),
  ...(row.node_id === null ? {} : { nodeId: row.node_id }),
  ...(row.outcome === null ? {} : { outcome: row.outcome }),
  ...(row.detail === null ? {} : { detail: JSON.parse(row.detail) }),
});

/** Stands for "from the newest": no row of the trail gets that far. */
const NEWEST = Number.MAX_SAFE_INTEGER;

export const sqliteAudit = (db: Database) => {
  const selectUser = db.prepare<Row>(`SELECT ${COLUMNS} FROM audit WHERE user_id = ? ORDER BY id DESC LIMIT ?`);
  const selectPage = db.prepare<Row & { readonly id: number }>(
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
          .map((row) => ({ ...eventOf(row), place: row.id })),
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
