import type { Clock } from '@assent/engine';
import type { Committer, EngineChange } from '@assent/engine/host';
import { messageIdHash } from '@assent/push';
import type { BrokenSeal } from '@assent/store';
import type { Logger } from './log.ts';

export interface SealAlarmDependencies {
  readonly committer: Committer;
  readonly clock: Clock;
  readonly log: Logger;
}

const TRANSACTION = 'seal-alarm';

/**
 * Somebody has changed a sealed record, or moved it to another row: the audit trail has `SEAL_BROKEN`, and the log an error,
 * once for each record. Whoever asked for it was refused like for one that does not exist (SEC-74).
 */
export const sealAlarm =
  ({ committer, clock, log }: SealAlarmDependencies) =>
  ({ table, id, realm, userId }: BrokenSeal): void => {
    // The id of a message is what an answer names it by.
    const record = table.startsWith('push_message') ? messageIdHash(id) : id;
    log.error(
      { table, record, ...(realm !== '' && { realm }) },
      'A sealed record does not open: it was changed, or belongs to another row. It counts as not there.',
    );
    const change = {
      type: 'audit.append',
      event: {
        at: clock.now(),
        event: 'SEAL_BROKEN',
        realm: realm === '' ? '/' : realm,
        transactionId: TRANSACTION,
        ...(userId !== '' && { userId }),
        detail: { table, record },
      },
    } satisfies EngineChange;
    committer.commit([change]).catch((cause: unknown) => {
      log.error({ table, record, cause }, 'A broken seal could not be put into the audit trail.');
    });
  };
