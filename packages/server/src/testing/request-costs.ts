import type { Store } from '@assent/store';
import { countCryptoCalls } from './crypto-calls.ts';
import type { SteeredServer } from './steered-server.ts';

/** What one request costs, by counts that do not depend on the machine. */
export type RequestCost = Store['counters'] & {
  /** Calls of `node:crypto`, ids included. */
  readonly crypto: number;
};

/** Runs one request, and counts what it costs the store and `node:crypto`. */
export const costOf = async <T>(
  { assent }: SteeredServer,
  request: () => Promise<T>,
): Promise<{
  readonly result: T;
  readonly cost: RequestCost;
  readonly cryptoCalls: Readonly<Record<string, number>>;
}> => {
  const before = { ...assent.store.counters };
  const { result, calls } = await countCryptoCalls(request);
  const after = assent.store.counters;
  const spent = (name: keyof Store['counters']) => after[name] - before[name];
  const cost: RequestCost = {
    reads: spent('reads'),
    commits: spent('commits'),
    changes: spent('changes'),
    flights: spent('flights'),
    statements: spent('statements'),
    rows: spent('rows'),
    crypto: Object.values(calls).reduce((sum, count) => sum + count, 0),
  };
  return { result, cost, cryptoCalls: calls };
};
