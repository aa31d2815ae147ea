import { auditChange } from '@assent/engine/host';
import { messageIdHash, readWithdrawal, sendWithdrawal, type WithdrawalDependencies } from '@assent/push';
import type { OutboxSender, Sent } from './outbox-worker.ts';

/** A withdrawal belongs to no call of a user. */
const TRANSACTION = 'withdrawal';

/**
 * Takes back what phones show of requests that are over (OPS-43). One that comes too late is of no use to anybody, so it is tried until its
 * request would have run out, and then forgotten; and an address that is dead shows nothing that could be taken back.
 */
export const withdrawalSender = (dependencies: WithdrawalDependencies): OutboxSender => ({
  triedUntil: (row) => readWithdrawal(row).expiresAt,
  keepsGivenUp: false,
  async send(row): Promise<Sent> {
    const result = await sendWithdrawal(dependencies, readWithdrawal(row));
    switch (result.status) {
      case 'sent':
        return { status: 'settled', outcome: 'sent' };
      case 'needless':
        return { status: 'settled', outcome: result.cause };
      case 'failed': {
        const { permanent, cause, retryAfterMillis } = result;
        return permanent ? { status: 'refused', cause } : { status: 'failed', cause, retryAfterMillis };
      }
    }
  },
  audit(row, at, outcome) {
    const { messageId, deviceUuid } = readWithdrawal(row);
    const detail = { message: messageIdHash(messageId), device: deviceUuid };
    const { realm, userId } = row;
    const of = { at, realm, transactionId: TRANSACTION };
    return auditChange(of, 'PUSH_WITHDRAWN', { ...(userId !== undefined && { userId }), outcome, detail });
  },
});
