import type { AuditEvent, EngineChange } from '@assent/engine/host';

import type { Call } from '../http/call.ts';

/** What a call adds to the audit trail: the change for a commit, with the realm and the transaction id of the call. */
export const auditOfCall = (
  { realmPath, transactionId }: Pick<Call, 'realmPath' | 'transactionId'>,
  event: Omit<AuditEvent, 'realm' | 'transactionId'>,
): EngineChange => ({ type: 'audit.append', event: { realm: realmPath, transactionId, ...event } });
