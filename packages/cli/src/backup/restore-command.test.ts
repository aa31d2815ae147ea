import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

test('puts a backup back, keeps the database of before, and tells what is over and what is good once more (OPS-61)', async () => {
  const cli = await testCliWithData();
  await cli.run('backup', 'copy.db');
  await cli.run('realm', 'create', '/later');
  const { code, stdout, stderr } = await cli.run('restore', 'copy.db');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^The database is put back: 0 users, 0 phones, 0 passkeys, \d+ lines? of the trail\. Its epoch is 1\.\n/,
  );
  expect(stdout).toContain(join(cli.dataDir, 'assent.db.before-'));
  expect(stdout).toContain('Over: 0 sessions, 0 journeys');
  expect((await cli.run('realm', 'list')).stdout).not.toContain('/later');
  expect(JSON.parse((await cli.run('restore', '--in-place', '--void-codes', '--json')).stdout)).toMatchObject({
    restored: { epoch: 2, codesVoided: true, goodAgain: { recoveryCodes: 0 } },
  });
});

test('on a machine without a database it makes one, and wants the master key that belongs to it', async () => {
  const cli = await testCliWithData();
  await cli.run('backup', 'copy.db');
  rmSync(join(cli.dataDir, 'assent.db'));
  expect(await cli.run('restore', 'copy.db')).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('of before'),
  });
  const bare = testCli();
  expect(await bare.run('restore', join(cli.cwd, 'copy.db'))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/There is no master key in .*Put back the one that the database was made with/),
  });
});

test.each([
  [[], 'Name either the file of a backup, or --in-place.'],
  [['copy.db', '--in-place'], 'Name either the file of a backup, or --in-place.'],
])('refuses %j', async (args, message) => {
  const cli = await testCliWithData();
  expect(await cli.run('restore', ...args)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(message),
  });
});

test('of PostgreSQL it tells the command that does it', async () => {
  const cli = testCli();
  cli.env.ASSENT_MASTER_KEY = Buffer.alloc(32, 3).toString('base64');
  cli.env.ASSENT_DATABASE_URL = 'postgres://assent@127.0.0.1/assent';
  const { code, stderr } = await cli.run('restore', 'a.dump');
  expect(code).toBe(1);
  expect(stderr).toContain(
    'Try: pg_restore --clean --if-exists --no-owner --dbname postgres://assent@127.0.0.1/assent a.dump && assent restore --in-place\n',
  );
});
