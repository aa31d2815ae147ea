import { afterAll } from 'vitest';
import { describeStoreContract } from '../testing/index.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

describeStoreContract('SQLite', () =>
  openSqliteStore({ file: scratchFile(), masterKey: masterKeyOf('test'), random: systemRandom }),
);
