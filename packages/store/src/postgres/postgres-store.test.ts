import { createDatabase, postgresVersions, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreChange } from '../ports/store.ts';
import { tablesOf } from '../sql/reach.ts';
import type { Call } from '../sql/verbs/verb.ts';
import { describeRaces } from '../testing/describe-races.ts';
import { emptyDatabase, tablesWith } from '../testing/emptied-database.ts';
import { describeStoreContract } from '../testing/index.ts';
import { describeKeys } from '../testing/keys/describe-keys.ts';
import { describeResealing } from '../testing/keys/describe-resealing.ts';
import { describeErasures } from '../testing/pairs/describe-erasures.ts';
import { describeRetention } from '../testing/pairs/describe-retention.ts';
import { CANARY, erasePerson, personalRows } from '../testing/pairs/person.ts';
import { describeLargeUsers } from '../testing/people/describe-large-users.ts';
import { mustCommit, NOW } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { LentStores } from '../testing/tables/lent-stores.ts';
import { describeAuditChain } from '../testing/trail/describe-audit-chain.ts';
import { describeTampering } from '../testing/trail/describe-tampering.ts';
import { openPostgresStore } from './postgres-store.ts';

/** Changes that share no table are carried out together: one that touches more than it says would meet another there. */
const demandDeclared = (change: StoreChange, calls: readonly Call[]): void => {
  const declared = new Set<string>(tablesOf(change));
  for (const { statement } of calls) {
    for (const [, table = ''] of statement.text.matchAll(/\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)/g)) {
      if (!declared.has(table)) throw new TypeError(`${change.type} touches ${table}, and does not say so`);
    }
  }
};

/**
 * The oldest version that is installed has the whole contract, since what it takes newer ones take, too, and not the other way round; those have
 * the races, which are about how a server locks. `ASSENT_TEST_POSTGRES=all` gives all of it to each.
 */
const hasWholeContract = (version: number): boolean =>
  version === postgresVersions()[0] || process.env.ASSENT_TEST_POSTGRES === 'all';

const describeStoreOn = (version: number): void => {
  let database: TestDatabase;
  let ofLent: TestDatabase;
  let emptier: pg.Client;
  let lent: LentStores;
  beforeAll(async () => {
    [database, ofLent] = await Promise.all([createDatabase({ version }), createDatabase({ version })]);
    emptier = new pg.Client(ofLent.url);
    await emptier.connect();
    lent = new LentStores(emptier, () => open(ofLent));
  });
  afterAll(async () => {
    await lent.close();
    await emptier.end();
    await Promise.all([database.close(), ofLent.close()]);
  });

  // A machine that runs other tests beside this one may keep fifty commits waiting longer than a server should.
  const open = ({ url } = database) =>
    openPostgresStore({
      url,
      masterKey: masterKeyOf('test'),
      random: systemRandom,
      maxWait: 15_000,
      watch: demandDeclared,
    });

  const openTwo = async () => {
    await emptyDatabase(database.url);
    return [await open(), await open()] as const;
  };
  const openEmpty = async () => {
    await emptyDatabase(database.url);
    return open();
  };
  const lend = () => lent.one();
  const lendTwo = () => lent.two();
  if (!hasWholeContract(version)) describeRaces(lendTwo);
  else {
    describeStoreContract('PostgreSQL', openEmpty, openTwo, lend, lendTwo);
    describeLargeUsers(lend);
    describeErasures(lend);
    describeRetention(async () => {
      const read = async (sql: string): Promise<readonly object[]> => {
        const client = new pg.Client(database.url);
        await client.connect();
        try {
          return (await client.query<object>(sql)).rows;
        } finally {
          await client.end();
        }
      };
      const names = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'";
      return {
        store: await openEmpty(),
        tables: async () => (await read(names)).map((row) => String(Object.values(row)[0])),
        rows: (table) => read(`SELECT * FROM "${table}"`),
      };
    });
    describeKeys(openTwo);
    describeResealing(openTwo);

    test('no row of any table has something personal of a user who was erased (security-reliability §7)', async () => {
      const store = await openEmpty();
      for (const change of personalRows()) await mustCommit(store, change);
      await mustCommit(store, ...erasePerson());
      await store.close();
      expect(await tablesWith(database.url, CANARY)).toEqual([]);
      const other = await openEmpty();
      await mustCommit(other, ...personalRows().slice(0, 2));
      await other.close();
      expect(await tablesWith(database.url, CANARY)).toEqual(['device', 'identity', 'identity_value']);
    });
    describeAuditChain(openTwo);
    describeTampering(async () => ({
      store: await openEmpty(),
      async sql(...texts) {
        const client = new pg.Client(database.url);
        await client.connect();
        try {
          for (const text of texts) await client.query(text);
        } finally {
          await client.end();
        }
      },
      place: 'position',
      row: (place, event, detail) =>
        `(id, position, at, event, realm, transaction_id, detail)
         VALUES (gen_random_uuid(), ${place === 7 ? 'NULL' : place}, ${NOW}, '${event}', '/', 't', ${detail === undefined ? 'NULL' : `'${detail}'`})`,
    }));
  }
};

describeWith(['postgres'], 'PostgreSQL', () => {
  describe.each(postgresVersions())('%i', describeStoreOn);
});
