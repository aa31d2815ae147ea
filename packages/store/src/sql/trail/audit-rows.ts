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

export const auditEventOf = (row: AuditRow): AuditEvent => {
  const [at, event, realm, transactionId, userId, journey, nodeType, nodeId, outcome, detail] = row;
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

/** As `AUDIT_VALUES` takes them; the salt is for a row that has a detail. */
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

/** The event of a row that somebody may have changed: undefined where none of ours is like that. */
export const soundEventOf = (row: readonly ColumnValue[]): AuditEvent | undefined => {
  const [at = null, ...texts] = row;
  const isSound =
    isTime(at) &&
    texts.slice(0, 3).every((it) => typeof it === 'string') &&
    texts.slice(3).every((it) => it === null || typeof it === 'string');
  if (!isSound) return undefined;
  try {
    const event = auditEventOf(row as unknown as AuditRow);
    return event.detail === undefined || isDetail(event.detail) ? event : undefined;
  } catch {
    return undefined;
  }
};

/** A row as it is stored, before it is known by what it is sealed. */
export interface StoredTrailRow extends Omit<TrailRow, 'seal'> {
  /** What the database knows it by. */
  readonly key: string | number;
  readonly detailText?: string;
  readonly salt?: string;
  readonly detailHash?: string;
}

/** Behind the columns of the event, what proves its detail. */
export const PROOF_COLUMNS = 'salt, detail_hash';

export type ProofRow = readonly [salt: ColumnValue, detailHash: ColumnValue];

const DETAIL_AT = 9;

/** What of a stored row is for the chain: its event, and what proves the detail. */
export const provenEventOf = (
  event: readonly ColumnValue[],
  [salt, detailHash]: ProofRow,
): Pick<StoredTrailRow, 'event' | 'detailText' | 'salt' | 'detailHash'> => {
  const detail = event[DETAIL_AT] ?? null;
  return {
    event: soundEventOf(event),
    ...(detail !== null && { detailText: String(detail) }),
    ...(salt !== null && { salt: String(salt) }),
    ...(detailHash !== null && { detailHash: String(detailHash) }),
  };
};
