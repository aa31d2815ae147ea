import { afterAll } from 'vitest';
import { describeTwoVersions } from '../testing/describe-two-versions.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import { planSqliteSchema } from './open-file.ts';
import { openSqliteStore } from './sqlite-store.ts';

afterAll(removeScratch);

describeTwoVersions(async () => {
  const file = scratchFile();
  return {
    open: (options) => openSqliteStore({ file, masterKey: masterKeyOf('test'), random: systemRandom, ...options }),
    plan: (migrations) => planSqliteSchema({ file, migrations }),
    close: async () => undefined,
  };
});
