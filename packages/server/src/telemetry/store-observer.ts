import type { StoreObserver } from '@assent/store';
import type { Measures } from './measures.ts';

/** Counts what a store does by itself; `expired` hears of journeys that were swept. */
export const storeObserver = (
  measures: Pick<Measures, 'storeRetries' | 'poolWaitSeconds' | 'sweepRows' | 'sweepLag'>,
  { elapsed, expired }: { readonly elapsed: () => number; readonly expired: StoreObserver['expired'] },
): StoreObserver & {
  /** Another instance does it for all by now, and tells how far it is. */
  sweptElsewhere(): void;
} => {
  /** When each table was clear the last time, or was swept first; nothing where another instance sweeps. */
  const clearAt = new Map<string, number>();
  measures.sweepLag.readFrom(() => [...clearAt].map(([table, at]) => [(elapsed() - at) / 1_000, table] as const));
  return {
    repeated: (sqlState) => measures.storeRetries.add(1, sqlState ?? 'none'),
    waited: (pool, millis) => measures.poolWaitSeconds.observe(millis / 1_000, pool),
    swept(table, rows, isClear) {
      measures.sweepRows.add(rows, table);
      if (isClear || !clearAt.has(table)) clearAt.set(table, elapsed());
    },
    sweptElsewhere: () => clearAt.clear(),
    expired,
  };
};
