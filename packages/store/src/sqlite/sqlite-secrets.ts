import type { Sealer } from '../sealer.ts';
import type { Secrets } from '../store.ts';
import type { Database } from './driver.ts';
import type { Transactions } from './transactions.ts';

export const sqliteSecrets = (db: Database, sealer: Sealer, transactions: Transactions): Secrets => {
  const select = db.prepare<[sealed: Uint8Array]>('SELECT sealed FROM secret WHERE name = ?');
  const insert = db.prepare('INSERT INTO secret (name, sealed) VALUES (?, ?)');
  const placeOf = (name: string) => ({ table: 'secret', id: name, realm: '', userId: '' });
  const stored = (name: string): Uint8Array | undefined => {
    const row = select.get(name);
    return row === undefined ? undefined : new Uint8Array(sealer.open('secret', placeOf(name), row[0]));
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
