import { StoreRefused } from '../../ports/store.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import { first, run, statement, type Verb } from '../verbs/verb.ts';

const RESTORE = 'Somebody has changed it or moved it there. Restore the last backup; nothing was changed.';

const select = statement<[sealed: Uint8Array]>('SELECT sealed FROM secret WHERE name = ?');
const insert = statement('INSERT INTO secret (name, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING');

export const placeOfSecret = (name: string) => ({ table: 'secret', id: name, realm: '', userId: '' });

export const secretsTopic = (sealer: Sealer) => {
  function* get(name: string): Verb<Uint8Array | undefined> {
    const row = yield* first(select, name);
    if (row === undefined) return undefined;
    const value = sealer.tryOpen('secret', placeOfSecret(name), row[0]);
    // Another one in its place would quietly void all that was made with it.
    if (value === undefined) throw new StoreRefused(`The secret ${name} of the database does not open. ${RESTORE}`);
    return new Uint8Array(value);
  }
  return {
    get,
    *getOrCreate(name: string, make: () => Uint8Array): Verb<Uint8Array> {
      const stored = yield* get(name);
      if (stored !== undefined) return stored;
      const value = make();
      if ((yield* run(insert, name, sealer.seal('secret', placeOfSecret(name), value))) === 1) return value.slice();
      // Another instance has been first since, and its value is the one that counts (OPS-21).
      return (yield* get(name)) ?? value.slice();
    },
  };
};
