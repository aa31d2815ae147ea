import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '@assent/engine';
import type { Store } from '../ports/store.ts';
import type { Retention } from '../rules/retention.ts';
import { migrations } from '../schema/all-migrations.ts';
import { type Database, driverFor, openInMemory } from './driver.ts';
import { migrate } from './migrate.ts';
import { openTables } from './sqlite-store.ts';

const MASTER_KEY_BYTES = 32;

const random: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  int: (maxExclusive) => randomInt(maxExclusive),
  uuid: () => randomUUID(),
};

/** The tables without rows, as the first store of this process made them: a copy takes less than making them again. */
let image: Uint8Array | undefined;

const openEmpty = async (): Promise<Database> => {
  const db = await openInMemory(driverFor(process.versions.node), image);
  if (image !== undefined) return db;
  migrate(db, migrations);
  image = db.image?.();
  return db;
};

/** SQLite without a file, for tests, measurements, and `memory:`: what is kept ends with the process, or with the store. */
export const openMemoryStore = async ({
  retention,
}: {
  readonly retention?: Partial<Retention>;
} = {}): Promise<Store> => {
  const db = await openEmpty();
  db.exec('PRAGMA foreign_keys = ON');
  return openTables(db, {
    random,
    masterKey: random.bytes(MASTER_KEY_BYTES),
    // There is no disk to flush to: it is set once, and not again for each commit.
    fullSync: true,
    ...(retention && { retention }),
  });
};
