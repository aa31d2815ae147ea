import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

test.each([
  ['a directory without a database', {}, 1, 'There is no database'],
  ['what is kept in memory', { ASSENT_DATABASE_URL: 'memory:' }, 2, 'nothing to work on'],
])('refuses %s', async (_what, env, code, message) => {
  const cli = testCli();
  Object.assign(cli.env, env);
  for (const args of [['migrate'], ['migrate', '--plan']])
    expect(await cli.run(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
});

test('says that nothing is to be done for a database of this version', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('migrate', '--plan')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing is/) });
  expect(await cli.run('migrate')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing was/) });
});

describeWith(['postgres'], 'on PostgreSQL', () => {
  test('tells what it would do, does it, and lets a start that may not do it begin (OPS-20)', async () => {
    const database = await createDatabase();
    try {
      const cli = testCli();
      Object.assign(cli.env, {
        ASSENT_DATABASE_URL: database.url,
        ASSENT_MIGRATE: 'off',
        ASSENT_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
      });
      expect(await cli.run('migrate', '--plan')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('all tables of a new database'),
      });
      expect(await cli.run('user', 'list')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('assent migrate'),
      });
      expect(await cli.run('migrate')).toMatchObject({ code: 0, stdout: expect.stringContaining('was 0, and is') });

      expect(await cli.run('migrate', '--plan', '--json')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('"migrations":[],"indexes":[]'),
      });
      expect(await cli.run('user', 'list')).toMatchObject({ stderr: expect.not.stringContaining('assent migrate') });
    } finally {
      await database.close();
    }
  });
});
