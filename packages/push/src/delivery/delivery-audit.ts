import { auditChange, type EngineChange } from '@assent/engine/host';
import type { PushMessage } from '../model/messages.ts';
import { messageIdHash } from '../model/push-audit.ts';

const TRANSACTION = 'dispatcher';

/** Which message it was, to which phone, and which instance has sent it: hashes in place of ids, and never an address. */
export const detailOfDelivery = (
  { id, request, deviceUuid }: Pick<PushMessage, 'id' | 'request' | 'deviceUuid'>,
  by: string,
) => ({
  message: messageIdHash(id),
  device: deviceUuid,
  by,
  ...(request !== id && { request: messageIdHash(request) }),
});

/** What became of a message, for the audit log. */
export const auditOfDelivery = (
  event: string,
  { realm, userId }: Pick<PushMessage, 'realm' | 'userId'>,
  { at, outcome, detail }: { at: number; outcome: string; detail: ReturnType<typeof detailOfDelivery> },
): EngineChange => auditChange({ at, realm, transactionId: TRANSACTION }, event, { userId, outcome, detail });
