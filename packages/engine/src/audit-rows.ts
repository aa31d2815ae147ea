import type { AuditEvent } from './audit.ts';
import type { EngineChange } from './changes.ts';
import type { Submit } from './submit.ts';

export type AuditFacts = Pick<AuditEvent, 'userId' | 'outcome' | 'detail'>;

export const auditChange = (
  { at, realm, transactionId }: Pick<AuditEvent, 'at' | 'realm' | 'transactionId'>,
  event: string,
  facts: AuditFacts = {},
): EngineChange => ({ verb: 'audit.append', event: { at, event, realm, transactionId, ...facts } });

/** One row of the audit trail in the submit's commit. */
export const auditIn = (
  { realm, request }: Pick<Submit, 'realm' | 'request'>,
  at: number,
  event: string,
  facts: AuditFacts = {},
): EngineChange => auditChange({ at, realm: realm.realm, transactionId: request.transactionId }, event, facts);
