import { createDatabase, postgresVersions } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { describe } from 'vitest';
import { describeTwoVersions } from '../testing/describe-two-versions.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { planPostgresSchema } from './postgres-schema.ts';
import { openPostgresStore } from './postgres-store.ts';

const describeOn = (version: number): void =>
  describeTwoVersions(async () => {
    const database = await createDatabase({ version });
    const common = { url: database.url, random: systemRandom };
    return {
      open: (options) => openPostgresStore({ ...common, masterKey: masterKeyOf('test'), poolSize: 2, ...options }),
      plan: (migrations) => planPostgresSchema({ ...common, migrations }),
      close: () => database.close(),
    };
  });

describeWith(['postgres'], 'PostgreSQL', () => {
  describe.each(postgresVersions())('%i, with', describeOn);
});
