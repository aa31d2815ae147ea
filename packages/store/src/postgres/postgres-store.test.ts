import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll } from 'vitest';
import type { StoreChange } from '../ports/store.ts';
import { tablesOf } from '../sql/reach.ts';
import type { Call } from '../sql/verb.ts';
import { emptyDatabase } from '../testing/emptied-database.ts';
import { describeStoreContract } from '../testing/index.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

/** Changes that share no table are carried out together: one that touches more than it says would meet another there. */
const demandDeclared = (change: StoreChange, calls: readonly Call[]): void => {
  const declared = new Set(tablesOf(change));
  for (const { statement } of calls) {
    for (const [, table = ''] of statement.text.matchAll(/\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)/g)) {
      if (!declared.has(table)) throw new TypeError(`${change.type} touches ${table}, and does not say so`);
    }
  }
};

describeWith(['postgres'], 'PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.close());

  // A machine that runs other tests beside this one may keep fifty commits waiting longer than a server should.
  const open = () =>
    openPostgresStore({
      url: database.url,
      masterKey: masterKeyOf('test'),
      random: systemRandom,
      maxWait: 15_000,
      watch: demandDeclared,
    });

  describeStoreContract(
    'PostgreSQL',
    async () => {
      await emptyDatabase(database.url);
      return open();
    },
    async () => {
      await emptyDatabase(database.url);
      return [await open(), await open()];
    },
  );
});
