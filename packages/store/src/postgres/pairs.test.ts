import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll } from 'vitest';
import { describePairs } from '../testing/pairs/describe-pairs.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

describeWith(['postgres'], 'two instances on PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.close());
  describePairs(async () => {
    const open = () => openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
    return [await open(), await open()] as const;
  });
});
