import { hash } from 'node:crypto';

/** A message id as the audit trail may hold it: recognisable, and of no use to anybody (security-reliability §7). */
export const messageIdHash = (messageId: string): string => hash('sha256', messageId, 'base64url').slice(0, 22);
