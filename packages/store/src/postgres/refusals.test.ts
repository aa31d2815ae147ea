import { createDatabase, PgBouncerServer, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Store, StoreUnavailable } from '../ports/store.ts';
import { commit, journeyRow } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts';

const openAt = (url: string, options: Partial<PostgresStoreOptions> = {}): Promise<Store> =>
  openPostgresStore({ url, masterKey: masterKeyOf('test'), random: systemRandom, ...options });

/** One that is no `StoreUnavailable`, which a server would wait for. */
const refusal = (sqlState: RegExp) => ({
  name: 'DatabaseFailure',
  kind: 'refused',
  sqlState: expect.stringMatching(sqlState),
});

describeWith(['postgres'], 'a PostgreSQL that does not let us in, or not at what we need (OPS-51)', () => {
  let database: TestDatabase;
  let forAnother: string;
  beforeAll(async () => {
    database = await createDatabase();
    const another = `${database.name}_other`;
    await database.alter(`CREATE ROLE ${another} LOGIN`);
    forAnother = database.url.replace(`${database.name}@`, `${another}@`);
  });
  afterAll(async () => {
    await database.alter(`DROP OWNED BY ${database.name}_other`, `DROP ROLE ${database.name}_other`);
    await database.close();
  });

  test('is refused at the start, and not waited for', async () => {
    const { name, url } = database;
    await expect(openAt(`${url}_nothing`)).rejects.toMatchObject(refusal(/^3D000$/));
    await expect(openAt(url.replace(`${name}@`, 'nobody@'))).rejects.toMatchObject(refusal(/^28/));
    await expect(openAt(forAnother)).rejects.toMatchObject(refusal(/^42501$/));
  });

  test('serves a role that may read and write and make nothing, where there is nothing to make; without a right it is unavailable', async () => {
    await (await openAt(database.url)).close();
    await database.alter(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${database.name}_other`,
    );
    const store = await openAt(forAnother);
    const write = (id: string) => commit(store, { type: 'journey.insert', row: journeyRow({ id }) });
    expect(await write('one')).toMatchObject({ committed: true });
    await database.alter(`REVOKE SELECT, INSERT ON journey_session FROM ${database.name}_other`);
    for (const failed of [write('two'), store.journeySessions.get('one')])
      await expect(failed).rejects.toThrow(StoreUnavailable);
    await store.close();
  });
});

describeWith(['postgres', 'pgbouncer'], 'a PgBouncer that does not keep prepared statements apart (OPS-13)', () => {
  test('is refused at the start, and not waited for', async () => {
    const database = await createDatabase();
    const settings = ['max_prepared_statements = 0'];
    const pooler = await PgBouncerServer.launch({ postgres: database.server, poolSize: 1, settings });
    const opened: Store[] = [];
    // At the latest the second prepares on the one session what the first has prepared there.
    const opening = async () => {
      for (const _ of [1, 2]) opened.push(await openAt(pooler.urlThrough(database.url), { pooler: 'transaction' }));
    };
    await expect(opening()).rejects.toMatchObject(refusal(/^(?:26000|42P05)$/));
    for (const store of opened) await store.close();
    await pooler.stop();
    await database.close();
  });
});
