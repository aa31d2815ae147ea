import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { describeTwoVersions } from '../testing/describe-two-versions.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { planPostgresSchema } from './postgres-schema.ts';
import { openPostgresStore } from './postgres-store.ts';

describeWith(['postgres'], 'PostgreSQL, with', () => {
  describeTwoVersions(async () => {
    const database = await createDatabase();
    const common = { url: database.url, random: systemRandom };
    return {
      open: (options) => openPostgresStore({ ...common, masterKey: masterKeyOf('test'), poolSize: 2, ...options }),
      plan: (migrations) => planPostgresSchema({ ...common, migrations }),
      close: () => database.close(),
    };
  });
});
