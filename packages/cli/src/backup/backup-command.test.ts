import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

test('copies the database, and says what is needed beside it and what is not in it (OPS-60)', async () => {
  const cli = await testCliWithData();
  mkdirSync(join(cli.dataDir, 'texts'));
  writeFileSync(join(cli.dataDir, 'texts', 'de.json'), '{}');
  writeFileSync(join(cli.dataDir, 'signing.pem'), 'a key');
  const { code, stdout, stderr } = await cli.run('backup', 'copy.db');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^copy\.db has the database: \d+\.\d MiB, schema \d+, 0 users, 0 phones, 0 passkeys, 1 line of the trail\.\n/,
  );
  expect(stdout).toContain('opened with the master key');
  for (const beside of [`master.key`, 'texts/de.json', 'signing.pem', 'assent.config.json'])
    expect(stdout).toContain(beside);
  const key = readFileSync(join(cli.dataDir, 'master.key'), 'utf8').trim();
  expect(readFileSync(join(cli.cwd, 'copy.db')).includes(key)).toBe(false);
});

test('tells programs the same, and refuses to replace a file', async () => {
  const cli = await testCliWithData();
  const { stdout } = await cli.run('backup', 'copy.db', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    backup: { file: join(cli.cwd, 'copy.db'), rows: { users: 0 }, isOpened: true, beside: { texts: [], nodes: [] } },
  });
  expect(await cli.run('backup', 'copy.db', '--json')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('"EXISTS"'),
  });
  expect(await cli.run('backup', 'copy.db', '--force')).toMatchObject({ code: 0 });
});

test('makes no database and no master key where there is none', async () => {
  const cli = testCli();
  expect(await cli.run('backup', 'copy.db')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('no database'),
  });
  mkdirSync(cli.dataDir);
  writeFileSync(join(cli.dataDir, 'assent.db'), '');
  expect(await cli.run('backup', 'copy.db')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The backup was not made'),
  });
  expect(existsSync(join(cli.dataDir, 'master.key'))).toBe(false);
  expect(existsSync(join(cli.cwd, 'copy.db'))).toBe(false);
});

test('of PostgreSQL it tells the command that does it, without a password in it', async () => {
  const cli = testCli();
  cli.env.ASSENT_MASTER_KEY = Buffer.alloc(32, 3).toString('base64');
  cli.env.ASSENT_DATABASE_URL = 'postgres://assent:geheim@db.example.com/assent?sslmode=verify-full';
  const { code, stdout, stderr } = await cli.run('backup', 'it is.dump');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(
    "Try: pg_dump -Fc --no-owner --file 'it is.dump' postgres://assent@db.example.com/assent?sslmode=verify-full\n",
  );
});
