import { randomBytes } from 'node:crypto';
import { CHECKPOINT_KEY, type CheckpointKey, checkpointKeyFrom, type Store } from '@assent/store';
import { AuditSealer } from '../audit-chain/audit-sealer.ts';
import type { Foundation } from './compose-foundation.ts';
import type { Telemetry } from './compose-telemetry.ts';

/** The key that checkpoints are signed with: one for all that share the store, made at the first start. */
const checkpointKeyOf = async ({ secrets }: Pick<Store, 'secrets'>): Promise<CheckpointKey> =>
  checkpointKeyFrom(await secrets.getOrCreate(CHECKPOINT_KEY, () => randomBytes(32)));

/** Who seals the audit trail, whether it is sent on or not. */
export const composeAuditChain = async (
  { store, processId: holder, clock, random, log, settings }: Foundation,
  { measures, health }: Pick<Telemetry, 'measures' | 'health'>,
): Promise<AuditSealer> => {
  const sealer = new AuditSealer({
    chain: store.auditChain,
    key: await checkpointKeyOf(store),
    holder,
    clock,
    newTransactionId: () => random.uuid(),
    keptDays: settings.auditDays,
    isSent: settings.auditSink !== undefined,
    log,
    noteGap: () => measures.auditGaps.add(1),
  });
  health.watch('auditTrail', () => sealer.problems);
  measures.auditUnsealed.readFrom(() => [[sealer.unsealedSeconds]]);
  return sealer;
};
