import type { Random } from '@assent/engine';
import { StoreRefused } from '../ports/store.ts';
import { type DataKey, PURPOSES, type Purpose, unwrapDataKey, wrapDataKey } from '../sealing/sealer.ts';
import { all, run, statement, type Verb } from './verb.ts';

const WRONG_KEY =
  'The master key is not the one that this database was made with. Set ASSENT_MASTER_KEY, or the key file in the data ' +
  'directory, to that key; without it nothing that is sealed can be read.';

const select = statement<[id: number, purpose: Purpose, wrapped: Uint8Array]>(
  'SELECT id, purpose, wrapped FROM data_key',
);
const insert = statement('INSERT INTO data_key (id, purpose, wrapped) VALUES (?, ?, ?)');

/**
 * The data keys of the database, made when it is new, or when a version of Assent comes that seals for one purpose more. They are its canary too: each is authenticated by the master key,
 * so another master key is found out before anything is read or written (SEC-75).
 */
export function* loadDataKeys(masterKey: Uint8Array, random: Random): Verb<readonly DataKey[]> {
  if (masterKey.length !== 32) throw new StoreRefused('The master key has to be 32 bytes.');
  const keys: DataKey[] = (yield* all(select)).map(([id, purpose, wrapped]) => {
    try {
      return { id, purpose, bytes: unwrapDataKey(masterKey, id, purpose, wrapped) };
    } catch (cause) {
      throw new StoreRefused(WRONG_KEY, { cause });
    }
  });
  for (const purpose of PURPOSES.filter((it) => keys.every((key) => key.purpose !== it))) {
    const key: DataKey = { id: keys.length + 1, purpose, bytes: random.bytes(32) };
    yield* run(insert, key.id, purpose, wrapDataKey(masterKey, key, random));
    keys.push(key);
  }
  return keys;
}
