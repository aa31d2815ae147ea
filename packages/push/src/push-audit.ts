import { hash } from 'node:crypto';
import type { AuditEvent, EngineChange, Submit } from '@assent/engine';

type AuditDetail = NonNullable<AuditEvent['detail']>;

/** A message id as the audit trail may hold it: recognisable, and of no use to anybody (security-reliability §7). */
export const messageIdHash = (messageId: string): string => hash('sha256', messageId, 'base64url').slice(0, 22);

export interface AuditFacts {
  readonly userId?: string;
  readonly outcome?: string;
  readonly detail?: AuditDetail;
}

export const auditChange = (
  { at, realm, transactionId }: { readonly at: number; readonly realm: string; readonly transactionId: string },
  event: string,
  facts: AuditFacts = {},
): EngineChange => ({ verb: 'audit.append', event: { at, event, realm, transactionId, ...facts } });

/** One row of the audit trail in the submit's commit. */
export const auditIn = (submit: Submit, at: number, event: string, facts: AuditFacts = {}): EngineChange =>
  auditChange({ at, realm: submit.realm.realm, transactionId: submit.request.transactionId }, event, facts);
