import type { AuditEvent } from '@assent/engine/host';
import { canonicalJson } from '../../chain/canonical-json.ts';
import type { TrailRow } from '../../chain/seals.ts';
import { defineChanges } from '../verbs/define-changes.ts';
import type { ColumnValue, SqlValue } from '../verbs/verb.ts';

const OF_AUDIT_LOG = { tables: ['audit', 'erasure'] } as const;

export const AUDIT_CHANGES = defineChanges({
  'audit.append': { ...OF_AUDIT_LOG, creates: 'nothing', freesPlainText: false },
  'audit.erase': { ...OF_AUDIT_LOG, creates: 'nothing', durability: 'disk', isErasure: true },
});

/** A row as `AUDIT_COLUMNS` has it. */
export type AuditRow = readonly [
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

export const AUDIT_COLUMNS = 'at, event, realm, transaction_id, user_id, journey, node_type, node_id, outcome, detail';

/** The columns of an INSERT, as `AUDIT_VALUES` has them. */
export const WRITTEN_COLUMNS = `${AUDIT_COLUMNS}, salt`;

/**
 * The values of `WRITTEN_COLUMNS` in an INSERT. What is told of somebody who was erased has no detail from the start, but for the erasure itself
 * (security-reliability §7); what is written while they are erased is emptied when it is sealed.
 */
export const AUDIT_VALUES =
  '?, ?, ?, ?, ?, ?, ?, ?, ?, CASE WHEN EXISTS (SELECT 1 FROM erasure WHERE user_id = ?) THEN NULL ELSE ? END, ?';

/** Whose erasure takes the detail of a row with it; of one without a detail, nobody's. */
export const detailGoesWith = ({ event, userId, detail }: AuditEvent): string | undefined =>
  event === 'ERASE' || detail === undefined ? undefined : userId;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the first columns of a row. Assignments, not spreads: the sealer reads each row by this function. */
export const auditEventOf = (row: AuditRow): AuditEvent => {
  const [at, name, realm, transactionId, userId, journey, nodeType, nodeId, outcome, detail] = row;
  const event: Writable<AuditEvent> = { at, event: name, realm, transactionId };
  if (userId !== null) event.userId = userId;
  if (journey !== null) event.journey = journey;
  if (nodeType !== null) event.nodeType = nodeType;
  if (nodeId !== null) event.nodeId = nodeId;
  if (outcome !== null) event.outcome = outcome;
  if (detail !== null) event.detail = JSON.parse(detail);
  return event;
};

/** As `AUDIT_VALUES` takes them. Only a row with a detail has a salt. */
export const auditValuesOf = (event: AuditEvent, salt: () => string): readonly SqlValue[] => [
  event.at,
  event.event,
  event.realm,
  event.transactionId,
  event.userId ?? null,
  event.journey ?? null,
  event.nodeType ?? null,
  event.nodeId ?? null,
  event.outcome ?? null,
  detailGoesWith(event) ?? null,
  event.detail === undefined ? null : canonicalJson(event.detail),
  event.detail === undefined ? null : salt(),
];

/** The last moment that a date can be of (ECMA-262 §21.4.1.1). */
const MAX_TIME = 8.64e15;

const isTime = (value: ColumnValue): value is number =>
  Number.isSafeInteger(value) && Math.abs(Number(value)) <= MAX_TIME;

const isDetail = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((it) => ['string', 'number', 'boolean'].includes(typeof it));

const LAST_REQUIRED_TEXT = 3;
const DETAIL_AT = 9;

/** Whether the first columns have the types of an event. */
const areOfEvent = (row: readonly ColumnValue[]): boolean => {
  if (!isTime(row[0] ?? null)) return false;
  for (let at = 1; at <= DETAIL_AT; at += 1) {
    const value = row[at] ?? null;
    if (typeof value !== 'string' && (value !== null || at <= LAST_REQUIRED_TEXT)) return false;
  }
  return true;
};

/** The event of a row that somebody may have changed: undefined where none of ours is like that. */
const soundEventOf = (row: readonly ColumnValue[]): AuditEvent | undefined => {
  if (!areOfEvent(row)) return undefined;
  try {
    const event = auditEventOf(row as unknown as AuditRow);
    return event.detail === undefined || isDetail(event.detail) ? event : undefined;
  } catch {
    return undefined;
  }
};

/** A stored row without its seal. */
export interface StoredTrailRow extends Omit<TrailRow, 'seal'> {
  /** The primary key. */
  readonly key: string | number;
  readonly detailText: string | undefined;
  readonly salt: string | undefined;
  readonly detailHash: string | undefined;
}

/** The columns that prove the detail. */
export const PROOF_COLUMNS = 'salt, detail_hash';

export type ProofRow = readonly [salt: ColumnValue, detailHash: ColumnValue];

const textOf = (value: ColumnValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);

/** Reads the event from the first columns, and the columns that prove the detail from their offset. */
export const provenEventOf = (
  row: readonly ColumnValue[],
  proofAt: number,
): Pick<StoredTrailRow, 'event' | 'detailText' | 'salt' | 'detailHash'> => ({
  event: soundEventOf(row),
  detailText: textOf(row[DETAIL_AT]),
  salt: textOf(row[proofAt]),
  detailHash: textOf(row[proofAt + 1]),
});
