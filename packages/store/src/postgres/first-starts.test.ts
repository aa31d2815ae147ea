import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrations } from '../schema/all-migrations.ts';
import { mustCommit, newUser } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

const INSTANCES = 10;

describeWith(['postgres'], 'ten first starts at once', () => {
  test('make one schema and one set of keys, and each of them serves (OPS-18, OPS-21)', async () => {
    const database = await createDatabase();
    const client = new pg.Client(database.url);
    await client.connect();
    const stores = await Promise.all(
      Array.from({ length: INSTANCES }, () =>
        openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom, poolSize: 2 }),
      ),
    );
    try {
      const { rows: applied } = await client.query('SELECT version FROM schema_migration ORDER BY version');
      expect(applied.map(({ version }) => Number(version))).toEqual(migrations.map(({ version }) => version));
      expect((await client.query('SELECT 1 FROM lease')).rows).toEqual([]);

      // What one has sealed, each of them opens.
      for (const [at, store] of stores.entries())
        await mustCommit(store, newUser({ id: `user-${at}`, username: `demo-${at}`, hash: `hash ${at}` }));
      for (const store of stores) {
        const hashes = await Promise.all(stores.map((_, at) => store.identities.passwordHash(`user-${at}`)));
        expect(hashes).toEqual(stores.map((_, at) => `hash ${at}`));
      }

      // Each would make another one.
      const secrets = await Promise.all(
        stores.map((store, at) => store.secrets.getOrCreate('signing', () => new Uint8Array(32).fill(at))),
      );
      expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).toBe(1);
    } finally {
      for (const store of stores) await store.close();
      await client.end();
      await database.close();
    }
  });
});
