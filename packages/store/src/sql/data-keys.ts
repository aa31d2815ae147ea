import type { Random } from '@assent/engine';
import { StoreRefused } from '../ports/store.ts';
import { type DataKey, PURPOSES, type Purpose, unwrapDataKey, wrapDataKey } from '../sealing/sealer.ts';
import type { Database } from '../sqlite/driver.ts';

const WRONG_KEY =
  'The master key is not the one that this database was made with. Set ASSENT_MASTER_KEY, or the key file in the data ' +
  'directory, to that key; without it nothing that is sealed can be read.';

/**
 * The data keys of the database, made when it is new. They are its canary too: each is authenticated by the master key,
 * so another master key is found out before anything is read or written (SEC-75).
 */
export const loadDataKeys = (db: Database, masterKey: Uint8Array, random: Random): readonly DataKey[] => {
  if (masterKey.length !== 32) throw new StoreRefused('The master key has to be 32 bytes.');
  const stored = db
    .prepare<[id: number, purpose: Purpose, wrapped: Uint8Array]>('SELECT id, purpose, wrapped FROM data_key')
    .all();
  const keys: DataKey[] = stored.map(([id, purpose, wrapped]) => {
    try {
      return { id, purpose, bytes: unwrapDataKey(masterKey, id, purpose, wrapped) };
    } catch (cause) {
      throw new StoreRefused(WRONG_KEY, { cause });
    }
  });
  const insert = db.prepare('INSERT INTO data_key (id, purpose, wrapped) VALUES (?, ?, ?)');
  for (const purpose of PURPOSES.filter((it) => keys.every((key) => key.purpose !== it))) {
    const key: DataKey = { id: keys.length + 1, purpose, bytes: random.bytes(32) };
    insert.run(key.id, purpose, wrapDataKey(masterKey, key, random));
    keys.push(key);
  }
  return keys;
};
