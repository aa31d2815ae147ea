import type { Random } from '@assent/engine';
import { nameOfSecret, purposeOf } from '../ports/key-kinds.ts';
import type { Keys } from '../ports/keys.ts';
import { bytesOfKeyId, type Sealer } from '../sealing/sealer.ts';
import { Resealing, type ResealRuns } from './resealing.ts';
import { SEALED_COLUMNS } from './sealed-columns.ts';
import type { createTopics } from './topics.ts';
import { allOfEach, type Verb } from './verbs/verb.ts';

interface KeysOfOptions extends ResealRuns {
  readonly topics: Pick<ReturnType<typeof createTopics>, 'keys' | 'secrets' | 'holdsKeys'>;
  readonly sealer: Sealer;
  readonly random: Random;
}

const KEY_BYTES = 32;

/** The keys of a database that is asked by these. */
export const keysOf = ({ topics, sealer, random, ...runs }: KeysOfOptions): Keys => {
  const { keys, secrets } = topics;
  const { read, commit } = runs;
  const write = async <T>(begin: () => Verb<T>): Promise<T> => {
    try {
      return await commit(begin);
    } catch (failure) {
      keys.forget();
      throw failure;
    }
  };
  const resealing = new Resealing({ ...runs, commit: write, keys, sealer, holds: topics.holdsKeys });
  return {
    async ring(kind) {
      await read(keys.refresh);
      if (!keys.isMade(kind)) {
        const make = () => random.bytes(KEY_BYTES);
        await commit(() => secrets.getOrCreate(nameOfSecret(kind, 1), make));
        await read(keys.fresh);
      }
      return keys.ring(kind);
    },
    version: keys.version,
    refresh: () => read(keys.refresh),
    list: () => read(keys.list),
    records: (kind, id) =>
      read(function* () {
        const columns = SEALED_COLUMNS.filter(({ purpose }) => purpose === purposeOf(kind));
        const counts = yield* allOfEach(columns.map(({ count }) => [count, bytesOfKeyId(id)] as const));
        return counts.reduce((sum, [row]) => sum + Number(row?.[0] ?? 0), 0);
      }),
    announce: (kind, order) => write(() => keys.announce(kind, order)),
    activate: (kind, activation) => write(() => keys.activate(kind, activation)),
    retire: (kind, id, order) => write(() => keys.retire(kind, id, order)),
    destroy: (kind, id, order) => write(() => keys.destroy(kind, id, order)),
    reseal: (order, limit) => resealing.step(order, limit),
    master: () => read(keys.master),
    changeMaster: (masterKey, order) => write(() => keys.changeMaster(masterKey, order)),
  };
};
