import type { AuditEvent } from '@assent/engine/host';
import type { SystemReason } from './commit-authority.ts';

/** Who changes the configuration, and with which request. */
export interface ConfigurationActor extends Pick<AuditEvent, 'at' | 'transactionId' | 'userId'> {
  /** In the place of a user: somebody at the machine itself, or the first start of an installation. */
  readonly by?: SystemReason;
}

/** The row of the audit trail that tells what somebody has changed. */
export const eventBy = (
  { by, ...actor }: ConfigurationActor,
  { detail, ...told }: Pick<AuditEvent, 'event' | 'realm' | 'outcome' | 'detail'>,
): AuditEvent => ({
  ...actor,
  ...told,
  ...((detail !== undefined || by !== undefined) && { detail: { ...detail, ...(by !== undefined && { by }) } }),
});
