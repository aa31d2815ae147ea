import { configuring } from '@assent/store/testing';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

const KEY = Buffer.alloc(32, 3).toString('base64');

test.each([
  [[], 'Say where to, by --to, or --call-off.'],
  [['--to', 'postgres://a@localhost/b', '--call-off'], 'Say where to, by --to, or --call-off.'],
  [['--to', 'mysql://a@localhost/b'], '--to is no URL of a PostgreSQL.'],
])('refuses %j', async (args, message) => {
  const cli = await testCliWithData();
  expect(await cli.run('store', 'copy', ...args)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(message),
  });
});

test('refuses a directory without a database, and a database that was not moved', async () => {
  const cli = testCli();
  expect(await cli.run('store', 'copy', '--to', 'postgres://a@localhost/b', '--from', 'nowhere')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no SQLite database in nowhere'),
  });
  const other = await testCliWithData();
  expect(await other.run('store', 'copy', '--call-off')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('was not moved'),
  });
});

test('a database that cannot be used is told of by the flags of this command', async () => {
  const cli = await testCliWithData();
  const { code, stderr } = await cli.run('store', 'copy', '--to', 'postgres://a@127.0.0.1:1/b');
  expect(code).toBe(1);
  expect(stderr).toContain('start the database, or set --to to where it is');
  expect(stderr).not.toContain('ASSENT_DATABASE_URL');
});

describeWith(['postgres'], 'to PostgreSQL', () => {
  test('copies, moves for good, and serves from there alone (OPS-62)', async () => {
    const database = await createDatabase();
    try {
      const cli = testCli();
      cli.env.ASSENT_MASTER_KEY = KEY;
      await cli.inStore((store) => configuring(store).saveService({ realm: '/', type: 'a', config: {} }));
      const copied = await cli.run('store', 'copy', '--to', database.url);
      expect(copied).toMatchObject({ code: 0, stderr: '' });
      expect(copied.stdout).toMatch(
        /service {2}1 rows\n[\s\S]*\d+ rows of \d+ tables are in postgres:[\s\S]*--final moves it/,
      );
      const moved = await cli.run('store', 'copy', '--final', '--to', database.url, '--json');
      expect(moved).toMatchObject({ code: 0, stderr: '' });
      expect(moved.stdout).toContain('{"compared":{"name":"service","rows":1,"sha256":"');
      expect(await cli.run('outbox', 'list')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('was moved to postgres:'),
      });
      cli.env.ASSENT_DATABASE_URL = database.url;
      expect(await cli.run('outbox', 'list')).toMatchObject({ code: 0 });
      expect(await cli.run('store', 'copy', '--call-off')).toMatchObject({ code: 0 });
    } finally {
      await database.close();
    }
  });

  test('leaves the source as it was where the target is refused', async () => {
    const database = await createDatabase();
    try {
      const cli = testCli();
      cli.env.ASSENT_MASTER_KEY = KEY;
      await cli.inStore((store) => configuring(store).saveService({ realm: '/', type: 'a', config: {} }));
      await cli.run('store', 'copy', '--to', database.url);
      Object.assign(cli.env, { ASSENT_DATABASE_URL: database.url });
      await cli.run('outbox', 'list');
      Reflect.deleteProperty(cli.env, 'ASSENT_DATABASE_URL');
      expect(await cli.run('store', 'copy', '--final', '--to', database.url)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('has rows of its own'),
      });
      expect(await cli.run('outbox', 'list')).toMatchObject({ code: 0 });
    } finally {
      await database.close();
    }
  });
});
