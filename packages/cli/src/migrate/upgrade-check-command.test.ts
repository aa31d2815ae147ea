import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

test('a database of this version can be served on by both (OPS-65)', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('upgrade-check')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^A rolling upgrade is possible: the schema stays \d+\.\n$/),
  });
  expect(await testCli().run('upgrade-check')).toMatchObject({ code: 1, stdout: '' });
});

describeWith(['postgres'], 'on PostgreSQL', () => {
  test('says yes or no before anything is changed, by exit 0 or 3 (OPS-65)', async () => {
    const database = await createDatabase();
    try {
      const cli = testCli();
      Object.assign(cli.env, {
        ASSENT_DATABASE_URL: database.url,
        ASSENT_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
      });
      expect(await cli.run('upgrade-check')).toMatchObject({ code: 0, stdout: expect.stringContaining('is new') });
      await cli.run('migrate');
      expect(await cli.run('upgrade-check')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('schema stays'),
      });
      await database.alter("INSERT INTO schema_migration SELECT v, 'n', 'c' FROM generate_series(2, 99) v");
      const no = await cli.run('upgrade-check', '--json');
      expect(no).toMatchObject({ code: 3, stderr: '' });
      expect(JSON.parse(no.stdout)).toEqual({
        upgrade: { isRolling: false, reasons: [expect.stringContaining('newer version of Assent')] },
      });
      expect(await cli.run('upgrade-check')).toMatchObject({
        code: 3,
        stdout: expect.stringMatching(/^This version does not start on the database\.\n {2}.*newer version of Assent/),
      });
    } finally {
      await database.close();
    }
  });
});
