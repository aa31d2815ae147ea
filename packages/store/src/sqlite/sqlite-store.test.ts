import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { describeStoreContract } from '../testing/index.ts';
import { describeKeys } from '../testing/keys/describe-keys.ts';
import { describeResealing } from '../testing/keys/describe-resealing.ts';
import { describeErasures } from '../testing/pairs/describe-erasures.ts';
import { describeRetention } from '../testing/pairs/describe-retention.ts';
import { describeLargeUsers } from '../testing/people/describe-large-users.ts';
import { NOW } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { tablesOfFile } from '../testing/tables/tables-of-file.ts';
import { describeAuditChain } from '../testing/trail/describe-audit-chain.ts';
import { describeTampering } from '../testing/trail/describe-tampering.ts';
import { driverFor, openDatabase } from './driver.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

const openFile = (file: string) => openSqliteStore({ file, masterKey: masterKeyOf('test'), random: systemRandom });

// Hundreds of tests begin with an empty store, and making its tables takes longer than all that most of them do.
const template = scratchFile();
beforeAll(async () => {
  await (await openFile(template)).close();
});
const emptyFile = (): string => {
  const file = scratchFile();
  copyFileSync(template, file);
  return file;
};
const openTwo = async () => {
  const file = emptyFile();
  return [await openFile(file), await openFile(file)] as const;
};

describeStoreContract('SQLite', () => openFile(emptyFile()), openTwo);

describeLargeUsers(() => openFile(emptyFile()));
describeErasures(() => openFile(emptyFile()));
describeRetention(async () => {
  const file = emptyFile();
  return { store: await openFile(file), ...tablesOfFile(file) };
});
describeKeys(openTwo);
describeResealing(openTwo);
describeAuditChain(openTwo);

describeTampering(async () => {
  const file = emptyFile();
  const store = await openFile(file);
  return {
    store,
    async sql(...texts) {
      const db = await openDatabase(file, driverFor(process.versions.node));
      for (const text of texts) db.exec(text);
      db.close();
    },
    place: 'id',
    row: (place, event, detail) =>
      `(id, at, event, realm, transaction_id, detail) VALUES (${place}, ${NOW}, '${event}', '/', 't', ${detail === undefined ? 'NULL' : `'${detail}'`})`,
  };
});
