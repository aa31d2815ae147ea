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
  test('it says yes or no before anything is changed, by exit 0 or 3 (OPS-65)', async () => {
    const database = await createDatabase();
    try {
      const cli = testCli();
      Object.assign(cli.env, {
        ASSENT_DATABASE_URL: database.url,
        ASSENT_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
      });
      expect(await cli.run('upgrade-check')).toMatchObject({ code: 0, stdout: expect.stringContaining('is new') });
      await cli.run('migrate');
      // As the release before has left it, and then one that nothing of today can live with.
      await database.alter('DELETE FROM schema_migration WHERE version > 28', 'UPDATE schema_floor SET version = 28');
      expect(await cli.run('upgrade-check')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('goes from 28 to'),
      });
      await database.alter('DELETE FROM schema_migration WHERE version > 16');
      const no = await cli.run('upgrade-check', '--json');
      expect(no).toMatchObject({ code: 3, stderr: '' });
      expect(JSON.parse(no.stdout)).toMatchObject({
        upgrade: {
          isRolling: false,
          from: 16,
          reasons: expect.arrayContaining([
            expect.stringContaining('serves programs from schema 17 on, and those that run know 16'),
          ]),
        },
      });
      await database.alter("INSERT INTO schema_migration SELECT v, 'n', 'c' FROM generate_series(17, 99) v");
      expect(await cli.run('upgrade-check')).toMatchObject({
        code: 3,
        stdout: expect.stringContaining('newer version of Assent'),
      });
    } finally {
      await database.close();
    }
  });
});
