import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import type { Store } from '@assent/store';
import type { SteeredServer } from '../src/testing/steered-server.ts';

/**
 * Not counted: key objects of known bytes, lists of what Node supports, and random bytes. Those are drawn in advance for some 40 requests, so chance
 * decides which request draws them.
 */
const NOT_COUNTED = new Set([
  'createSecretKey',
  'getCiphers',
  'getCurves',
  'getFips',
  'getHashes',
  'getRandomValues',
  'randomBytes',
]);

type Functions = Record<string, (...given: readonly unknown[]) => unknown>;

const namesOf = (of: object): readonly string[] =>
  Object.entries(of).flatMap(([name, value]) =>
    typeof value === 'function' && /^[a-z]/.test(name) && !NOT_COUNTED.has(name) ? [name] : [],
  );

/**
 * Counts the calls of `node:crypto` by name while `work` runs: hashes, MACs, ciphers, signatures, ids and comparisons in constant time.
 * Calls of other requests at the same time count, too, so a test measures one request after the other.
 */
const countCryptoCalls = async <T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly calls: Readonly<Record<string, number>> }> => {
  const functions = crypto as unknown as Functions;
  const calls: Record<string, number> = {};
  const originals = namesOf(functions).map((name) => [name, functions[name]] as const);
  for (const [name, original] of originals) {
    if (original === undefined) continue;
    functions[name] = function (this: unknown, ...given) {
      calls[name] = (calls[name] ?? 0) + 1;
      return Reflect.apply(original, this, given);
    };
  }
  syncBuiltinESMExports();
  try {
    return { result: await work(), calls };
  } finally {
    for (const [name, original] of originals) if (original !== undefined) functions[name] = original;
    syncBuiltinESMExports();
  }
};

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
