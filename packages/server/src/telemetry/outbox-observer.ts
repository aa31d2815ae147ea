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

/** How long an answer is remembered at least, and how many times as long as it took. */
const REMEMBERED_MILLIS = 5_000;
const REMEMBERED_FOR_ITS_TIME = 100;

export interface OutboxGaugesOptions {
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets. */
  readonly elapsed: () => number;
}

/**
 * Looks how much waits, for whoever asks next; each instance tells the same of all. To count is to read all of it, for which SQLite keeps everybody
 * waiting: 0.1 s and more with 100,000 entries. So an answer is remembered, the longer the more it has cost, and counting takes a hundredth of the time
 * at most.
 */
export const outboxGauges = (
  { outbox }: { readonly outbox: Pick<Store['outbox'], 'backlog'> },
  { outboxMessages, outboxOldest }: Pick<Measures, 'outboxMessages' | 'outboxOldest'>,
  { now, elapsed }: OutboxGaugesOptions,
): (() => Promise<void>) => {
  let backlog: Awaited<ReturnType<Store['outbox']['backlog']>> = [];
  let lookAgainAt = 0;
  let looking: Promise<void> | undefined;
  outboxMessages.readFrom(() =>
    backlog.map(({ kind, isDead, count }) => [count, kind, isDead ? 'dead' : 'waiting'] as const),
  );
  outboxOldest.readFrom(() =>
    backlog
      .filter(({ isDead, firstTriedAt }) => !isDead && firstTriedAt > 0)
      .map(({ kind, firstTriedAt }) => [(now() - firstTriedAt) / 1_000, kind] as const),
  );
  const look = async () => {
    const begin = elapsed();
    backlog = await outbox.backlog();
    const took = elapsed() - begin;
    lookAgainAt = now() + Math.max(REMEMBERED_MILLIS, REMEMBERED_FOR_ITS_TIME * took);
  };
  return async () => {
    if (looking === undefined && now() < lookAgainAt) return;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await looking;
  };
};
