import type { Random } from '@assent/engine';
import { StoreRefused } from '../../ports/store.ts';
import { type DataKey, PURPOSES, type Purpose, unwrapDataKey, wrapDataKey } from '../../sealing/sealer.ts';
import { all, run, statement, type Verb } from '../verbs/verb.ts';
import { refuseStray } from './life.ts';

const WRONG_KEY =
  'The master key is not the one that this database was made with. Set ASSENT_MASTER_KEY, or the key file in the data ' +
  'directory, to that key; without it nothing that is sealed can be read.';

const select = statement<[id: number, purpose: Purpose, wrapped: Uint8Array]>(
  'SELECT id, purpose, wrapped FROM data_key',
);
const insert = statement('INSERT INTO data_key (id, purpose, wrapped) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');

/** The data keys that are there; throws where the master key is another one. */
export function* storedDataKeys(masterKey: Uint8Array): Verb<readonly DataKey[]> {
  if (masterKey.length !== 32) throw new StoreRefused('The master key has to be 32 bytes.');
  return (yield* all(select)).map(([id, purpose, wrapped]) => {
    try {
      return { id, purpose, bytes: unwrapDataKey(masterKey, id, purpose, wrapped) };
    } catch (cause) {
      throw new StoreRefused(WRONG_KEY, { cause });
    }
  });
}

/**
 * The data keys of the database, made when it is new, or when a version of Assent comes that seals for one purpose more. They are
 * its canary too: each is authenticated by the master key, so another master key is found out before anything is read or
 * written (SEC-75).
 */
export function* loadDataKeys(masterKey: Uint8Array, random: Random): Verb<readonly DataKey[]> {
  yield* refuseStray();
  const keys = yield* storedDataKeys(masterKey);
  const missing = PURPOSES.filter((it) => keys.every((key) => key.purpose !== it));
  // Whoever copies into the database meanwhile waits, or was first. Only here: whoever writes nothing may look at a standby, too.
  if (missing.length > 0) yield* refuseStray({ stays: true });
  for (const [at, purpose] of missing.entries()) {
    const key: DataKey = { id: keys.length + at + 1, purpose, bytes: random.bytes(32) };
    yield* run(insert, key.id, purpose, wrapDataKey(masterKey, key, random));
  }
  // What is stored counts: another instance that starts at this moment may have made its keys first (OPS-21).
  return missing.length === 0 ? keys : yield* storedDataKeys(masterKey);
}
