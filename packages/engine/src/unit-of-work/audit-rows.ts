import type { AuditEvent } from '../model/audit.ts';
import type { EngineChange } from './changes.ts';
import type { UnitOfWork } from './unit-of-work.ts';

export type AuditFacts = Pick<AuditEvent, 'userId' | 'outcome' | 'detail'>;

export const auditChange = (
  { at, realm, transactionId }: Pick<AuditEvent, 'at' | 'realm' | 'transactionId'>,
  event: string,
  facts: AuditFacts = {},
): EngineChange => ({ type: 'audit.append', event: { at, event, realm, transactionId, ...facts } });

/** One row of the audit trail in the unit of work's commit. */
export const auditIn = (
  { realm, request }: Pick<UnitOfWork, 'realm' | 'request'>,
  at: number,
  event: string,
  facts: AuditFacts = {},
): EngineChange => auditChange({ at, realm: realm.realm, transactionId: request.transactionId }, event, facts);
