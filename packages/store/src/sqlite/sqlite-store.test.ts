import { afterAll } from 'vitest';
import { describeStoreContract } from '../testing/index.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const openFile = (file: string) => openSqliteStore({ file, masterKey: masterKeyOf('test'), random: systemRandom });

describeStoreContract(
  'SQLite',
  () => openFile(scratchFile()),
  async () => {
    const file = scratchFile();
    return [await openFile(file), await openFile(file)];
  },
);
