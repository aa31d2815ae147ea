import type { Change, EngineChange } from './changes.ts';

/** Rows of one kind that a request writes in full: the same event of the same user, at the same node and with the same outcome. */
export const ROWS_OF_KIND = 8;
/** Rows that a request writes in full. */
export const ROWS_OF_REQUEST = 64;

type AuditRow = Extract<EngineChange, { type: 'audit.append' }>;

const isAuditRow = (change: Change): change is AuditRow => change.type === 'audit.append';

const kindOf = ({ event: { event, userId, journey, nodeType, nodeId, outcome, detail } }: AuditRow): string =>
  JSON.stringify([event, userId, journey, nodeType, nodeId, outcome, detail?.outcome]);

/**
 * Adds a change to the others of a request. Where a tree loops, the rows that repeat are counted in the detail `more` of the last one that was
 * written in full: any caller can send the request again and again, and each row stays in the audit log for months (SEC-93). Each event of
 * a request has a row in any case.
 */
export const addChange = (changes: Change[], change: Change): void => {
  // A usual request writes a few rows.
  if (changes.length < ROWS_OF_KIND || !isAuditRow(change)) {
    changes.push(change);
    return;
  }
  const rows = changes.filter(isAuditRow);
  const kind = kindOf(change);
  const alike = rows.filter((row) => kindOf(row) === kind);
  const isFull = rows.length >= ROWS_OF_REQUEST;
  const counting = isFull
    ? (alike.at(-1) ?? rows.findLast(({ event }) => event.event === change.event.event))
    : alike[ROWS_OF_KIND - 1];
  if (counting === undefined) changes.push(change);
  else countIn(counting);
};

/** The row stays the same object: it may be among the changes that are written in any case, too. */
const countIn = (row: AuditRow): void => {
  const { detail } = row.event;
  Object.assign(row, { event: { ...row.event, detail: { ...detail, more: Number(detail?.more ?? 0) + 1 } } });
};
