import type { AuditEvent, AuditReader } from '@assent/engine/host';
import { all, type ChangeVerbs, first, type ReadVerbs, run, statement, type Verb } from './verb.ts';

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

/** How many rows a commit that adds another lists under their users at once. */
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

const selectUser = statement<Row>(ofUser());
const selectPage = statement<Row>(ofUser('AND id < ? AND at >= ? AND event = {any}'));
const insert = statement(`INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
const countUnlisted = statement<[count: number]>(`SELECT COALESCE(MAX(id), 0) - ${LISTED} FROM audit`);
const list = statement(
  `INSERT INTO audit_of_user (user_id, id)
   SELECT user_id, id FROM audit WHERE id > ${LISTED} AND user_id IS NOT NULL ORDER BY user_id, id`,
);
const setListed = statement('UPDATE audit_listed SET until = (SELECT MAX(id) FROM audit) WHERE id = 1');

export const auditTopic = () => {
  // About how many: commits that were taken back are counted, those of other processes are not.
  let unlisted: number | undefined;
  function* listSome(): Verb<void> {
    yield* run(list);
    yield* run(setListed);
    unlisted = 0;
  }
  return {
    reader: {
      *ofUser(userId, limit) {
        return (yield* all(selectUser, userId, userId, limit)).map(eventOf);
      },
      *page(userId, { events, since, before = NEWEST, limit }) {
        const conditions = [userId, before, since, events];
        return (yield* all(selectPage, ...conditions, ...conditions, limit)).map((row) => ({
          ...eventOf(row),
          place: row[0],
        }));
      },
    } satisfies ReadVerbs<AuditReader>,
    changes: {
      *'audit.append'({ event }) {
        yield* run(
          insert,
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
        unlisted = unlisted === undefined ? ((yield* first(countUnlisted))?.[0] ?? 0) : unlisted + 1;
        if (unlisted >= LISTED_AT_ONCE) yield* listSome();
        return true;
      },
    } satisfies ChangeVerbs<'audit.append'>,
  };
};
