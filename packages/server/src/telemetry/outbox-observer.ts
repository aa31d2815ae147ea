import type { OutboxRow } from '@assent/engine/host';
import type { Store } from '@assent/store';
import type { Measures } from './measures.ts';

interface Sender {
  send(row: OutboxRow): Promise<{ readonly status: string }>;
}

/** A sender whose tries are counted; one that throws has failed. */
export const observedSender = <S extends Sender>(
  sender: S,
  kind: string,
  { outboxTries }: Pick<Measures, 'outboxTries'>,
): S => ({
  ...sender,
  async send(row) {
    try {
      const sent = await sender.send(row);
      outboxTries.add(1, kind, sent.status);
      return sent;
    } catch (error) {
      outboxTries.add(1, kind, 'failed');
      throw error;
    }
  },
});

/** Looks how much waits, for whoever asks next; each instance tells the same of all. */
export const outboxGauges = (
  { outbox }: Pick<Store, 'outbox'>,
  { outboxMessages, outboxOldest }: Pick<Measures, 'outboxMessages' | 'outboxOldest'>,
  now: () => number,
): (() => Promise<void>) => {
  let backlog: Awaited<ReturnType<Store['outbox']['backlog']>> = [];
  outboxMessages.readFrom(() =>
    backlog.map(({ kind, isDead, count }) => [count, kind, isDead ? 'dead' : 'waiting'] as const),
  );
  outboxOldest.readFrom(() =>
    backlog
      .filter(({ isDead, firstTriedAt }) => !isDead && firstTriedAt > 0)
      .map(({ kind, firstTriedAt }) => [(now() - firstTriedAt) / 1_000, kind] as const),
  );
  return async () => {
    backlog = await outbox.backlog();
  };
};
