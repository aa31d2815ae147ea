import type { AuditEvent } from '@assent/engine/host';
import type { SqlValue } from '../verbs/verb.ts';

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

export const auditValuesOf = (event: AuditEvent): readonly SqlValue[] => [
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
];
