import { type Secrets, StoreRefused } from '../ports/store.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Database } from '../sqlite/driver.ts';
import type { Transactions } from '../sqlite/transactions.ts';

const RESTORE = 'Somebody has changed it or moved it there. Restore the last backup; nothing was changed.';

export const sqliteSecrets = (db: Database, sealer: Sealer, transactions: Transactions): Secrets => {
  const select = db.prepare<[sealed: Uint8Array]>('SELECT sealed FROM secret WHERE name = ?');
  const insert = db.prepare('INSERT INTO secret (name, sealed) VALUES (?, ?)');
  const placeOf = (name: string) => ({ table: 'secret', id: name, realm: '', userId: '' });
  const stored = (name: string): Uint8Array | undefined => {
    const row = select.get(name);
    if (row === undefined) return undefined;
    const value = sealer.tryOpen('secret', placeOf(name), row[0]);
    // Another one in its place would quietly void all that was made with it.
    if (value === undefined) throw new StoreRefused(`The secret ${name} of the database does not open. ${RESTORE}`);
    return new Uint8Array(value);
  };
  return {
    getOrCreate: async (name, make) =>
      stored(name) ??
      transactions.durably(() => {
        // Asked again: another process may have been first, and in here none can be.
        const others = stored(name);
        if (others !== undefined) return others;
        const value = make();
        insert.run(name, sealer.seal('secret', placeOf(name), value));
        return value.slice();
      }),
  };
};
