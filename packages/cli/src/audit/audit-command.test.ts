import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINT_KEY, checkpointKeyFrom } from '@assent/store';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { type TestCli, testCli } from '../testing/test-cli.ts';

/** Stands for 64 KiB, which no name of a test has to have. */
const LONG = '64 KiB';
const withLong = (args: readonly string[]) => args.map((it) => (it === LONG ? 'x'.repeat(65_536) : it));

let cli: TestCli;
beforeEach(async () => {
  cli = testCli();
  // A database with nothing in it, and so with an empty trail.
  await cli.inStore(async () => undefined);
});

const write = (event: string, detail: Readonly<Record<string, string | number>> = { by: 'test' }) =>
  cli.inStore(async ({ committer }) => {
    const row = { at: cli.now, event, realm: '/', transactionId: 't', userId: 'ada', detail };
    expect((await committer.commit([{ type: 'audit.append', event: row }])).committed).toBe(true);
  });

/** As a server does that ends. */
const seal = () =>
  cli.inStore(async ({ auditChain, secrets }) => {
    const key = checkpointKeyFrom(await secrets.getOrCreate(CHECKPOINT_KEY, () => randomBytes(32)));
    await auditChain.seal({ holder: 'test', now: cli.now, limit: 99, key, transactionId: 't', ends: true });
    return key.publicKey;
  });

const linesOf = ({ stdout }: { readonly stdout: string }) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('assent audit verify (SEC-80)', () => {
  test.each([
    '',
    'x',
    '1',
    '1:',
    ':x',
    `-1:${'A'.repeat(43)}`,
    `1:${'A'.repeat(42)}`,
    `1.5:${'A'.repeat(43)}`,
    '1:\u001b',
    '',
  ])('refuses %j as a place that somebody has kept', async (place) => {
    const { code, stdout, stderr } = await cli.run('audit', 'verify', '--since-checkpoint', place);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--since-checkpoint takes a position and the hash there');
    expect(stderr).not.toContain('\u001b');
  });

  test('of a trail that nobody has sealed yet says so, and that nothing is signed', async () => {
    await write('LOGIN');
    const { code, stdout } = await cli.run('audit', 'verify');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Nothing is wrong with the audit trail: no sealed row is in it.',
      'No checkpoint was found: nothing that is signed says what is there.',
      `Rows since ${new Date(cli.now).toISOString()} are not sealed yet; a server does that within seconds.`,
      '',
    ]);
    expect(await cli.run('audit', 'key')).toMatchObject({ code: 1, stdout: '' });
  });

  test('of one that is whole tells what was looked at, and the key that it is signed with', async () => {
    await write('LOGIN');
    await write('LOGOUT');
    const key = await seal();
    const { code, stdout } = await cli.run('audit', 'verify');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'Nothing is wrong with the audit trail: 3 rows, from position 1 to 3.',
      `Checkpoints: 1, the last of position 2, at ${new Date(cli.now).toISOString()}.`,
      `Signed with the key ${JSON.stringify(key)}.`,
      '',
    ]);
    expect(linesOf(await cli.run('audit', 'verify', '--json'))).toMatchObject([
      { trail: { rows: 3, faults: 0, checkpoints: 1, keys: [key], lastCheckpoint: { position: 2 } } },
    ]);
    expect(linesOf(await cli.run('audit', 'key'))).toEqual([key]);
  });

  test('of one with faults says no, and names each with its position and id', async () => {
    await write('LOGIN');
    await seal();
    await write('AUDIT_CHECKPOINT', { position: 2, hash: 'x', epoch: 0, count: 2, keyId: '\u001b[2J', signature: 'x' });
    await seal();
    const [{ problem }, { trail }] = linesOf(await cli.run('audit', 'verify', '--json'));
    expect(problem).toEqual({
      fault: 'forged',
      position: 3,
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      message: expect.any(String),
    });
    expect(trail).toMatchObject({ rows: 4, faults: 1 });
    const { code, stdout } = await cli.run('audit', 'verify');
    expect([code, stdout.split('\n')[0]]).toEqual([1, `FORGED  position 3  id ${problem.id}  ${problem.message}`]);
    expect(stdout).toContain('The audit trail is not what was sealed: 1 fault; 4 rows, from position 1 to 4.');
  });

  test('begins at a checkpoint that somebody has kept, which has to be there', async () => {
    await write('LOGIN');
    await seal();
    const { to } = linesOf(await cli.run('audit', 'verify', '--json'))[0].trail;
    await write('LOGOUT');
    await seal();
    const since = (position: number, hash: string) =>
      cli.run('audit', 'verify', '--json', '--since-checkpoint', `${position}:${hash}`);
    expect(linesOf(await since(to.position, to.hash))).toMatchObject([{ trail: { rows: 2, faults: 0, from: to } }]);
    // The end was cut off, and the trail has gone on otherwise; or the head was put back.
    expect((await since(to.position, 'A'.repeat(43))).code).toBe(1);
    expect(linesOf(await since(99, to.hash))[0]).toMatchObject({ problem: { fault: 'cut', position: 5 } });
  });

  test('where a server runs, finds rows that nobody has sealed for minutes', async () => {
    await write('LOGIN');
    const instance = { name: 'a', processId: 'a', host: 'a', version: '1', configurationVersion: 1, facts: {} };
    await cli.inStore(({ instances }) => instances.put({ ...instance, startedAt: cli.now, seenAt: cli.now + 301_000 }));
    expect((await cli.run('audit', 'verify')).code).toBe(0);
    cli.now += 301_000;
    const { code, stdout } = await cli.run('audit', 'verify');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^UNSEALED {2}id /)]);
  });
});

describe('assent audit export, and verify of the file (SEC-80)', () => {
  const fileOf = (name: string) => join(cli.cwd, name);

  test.each([
    [['--from', 'yesterday'], '--from yesterday is no time'],
    [['--to', '2026-13-40'], '--to 2026-13-40 is no time'],
    [['--from', '2026-03-02', '--to', '2026-03-01'], '--from has to be before --to'],
    [['--event', 'login'], '--event login is no name of an event'],
    [['--user', 'nobody'], '--user nobody is no user of the realm /, and no id of one who is no more.'],
    [['--user', 'nobody', '--realm', 'gone'], '--user nobody is no user of the realm /gone,'],
    [['--realm', '/a b'], '--realm /a b is no path of a realm, such as /alpha.'],
    [['--out', 'no/such/folder'], /^--out \/.*no\/such\/folder cannot be written\./],
    [['--out', '.'], /^--out \/.* is a folder\./],
    [['--out', '', '--force'], /^--out \/.* is a folder\./],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await cli.run('audit', 'export', ...args);
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).toMatch(message);
  });

  test.each(['--from', '--to', '--realm', '--event', '--user', '--out'])(
    'refuses 64 KiB as %s, by its name and in a few lines',
    async (option) => {
      const { code, stdout, stderr } = await cli.run('audit', 'export', option, ...withLong([LONG]));
      expect([code === 0, stdout]).toEqual([false, '']);
      expect(stderr).toMatch(new RegExp(`^${option} `));
      expect(stderr.length).toBeLessThan(1_000);
    },
  );

  test('writes lines to standard output, and to a file that this user alone may read and nobody overwrites', async () => {
    await write('LOGIN');
    await seal();
    await write('LOGOUT');
    const { code, stdout, stderr } = await cli.run('audit', 'export');
    expect(code).toBe(0);
    expect(linesOf({ stdout }).map(({ format, event }) => event ?? format)).toEqual([
      'assent-audit-export/1',
      'LOGIN',
      'AUDIT_CHECKPOINT',
      'assent-audit-end/1',
    ]);
    expect(stderr).toMatch(/^Rows of the audit trail: 2, up to position 2\.\nRows since .* are not sealed yet/);
    const written = await cli.run('audit', 'export', '--out', 'trail.jsonl', '--event', 'LOGIN');
    expect(written).toMatchObject({
      code: 0,
      stdout: 'Rows of the audit trail in trail.jsonl: 1, up to position 2.\n',
    });
    expect(statSync(fileOf('trail.jsonl')).mode & 0o777).toBe(0o600);
    expect(await cli.run('audit', 'export', '--out', 'trail.jsonl')).toMatchObject({ code: 1 });
    const again = await cli.run('audit', 'export', '--out', 'trail.jsonl', '--force', '--json');
    expect(linesOf(again)).toEqual([
      { exported: { file: fileOf('trail.jsonl'), rows: 2, links: 0, to: expect.any(Object) } },
    ]);
  });

  test('proves a file without a database, by a key and a checkpoint that were kept', async () => {
    await write('LOGIN');
    await seal();
    await cli.run('audit', 'export', '--out', 'trail.jsonl');
    writeFileSync(fileOf('key.json'), (await cli.run('audit', 'key')).stdout);
    const { position, hash } = JSON.parse(readFileSync(fileOf('trail.jsonl'), 'utf8').split('\n')[2] ?? '').detail;
    const elsewhere = testCli();
    for (const name of ['trail.jsonl', 'key.json'])
      writeFileSync(join(elsewhere.cwd, name), readFileSync(fileOf(name)));
    const verify = (...args: readonly string[]) => elsewhere.run('audit', 'verify', 'trail.jsonl', ...args);

    const whole = await verify('--key', 'key.json', '--checkpoint', `${position}:${hash}`);
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    expect(whole.stdout).toContain('Nothing is wrong with the export trail.jsonl: 2 rows, from position 1 to 2.\n');
    expect(whole.stdout).not.toContain('names that key itself');
    expect((await verify()).stdout).toContain('say --key with the one that you have kept');
    expect(await verify('--checkpoint', `${position}:${'B'.repeat(43)}`)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^CHANGED {2}position 1 {2}/),
    });
    writeFileSync(
      join(elsewhere.cwd, 'trail.jsonl'),
      readFileSync(fileOf('trail.jsonl'), 'utf8').replace('"userId":"ada"', '"userId":"bob"'),
    );
    const changed = await verify('--key', 'key.json', '--json');
    expect([changed.code, linesOf(changed)[0]]).toMatchObject([1, { problem: { fault: 'changed', position: 1 } }]);
  });

  test.each([
    [['none.jsonl'], 'The file none.jsonl cannot be read.'],
    [['key.json'], 'key.json is no export of the audit trail.'],
    [['key.json', '--key', 'none.json'], '--key none.json cannot be read.'],
    [['key.json', '--key', 'key.json'], '--key key.json has no key of checkpoints.'],
    [['key.json', '--checkpoint', '1'], '--checkpoint takes a position and the hash there'],
    [['key.json', '--since-checkpoint', `1:${'A'.repeat(43)}`], '--since-checkpoint is for the trail of the database.'],
    [['--key', 'key.json'], '--key and --checkpoint are for a file.'],
    [['key.json', '--key', LONG], '--key xxx'],
    [['key.json', '--checkpoint', LONG], '--checkpoint takes a position and the hash there'],
    [['--since-checkpoint', LONG], '--since-checkpoint takes a position and the hash there'],
    [[LONG], 'cannot be read.'],
  ])('verify %j is refused with what to do', async (args, message) => {
    writeFileSync(fileOf('key.json'), '{"kty":"OKP"}');
    const { code, stdout, stderr } = await cli.run('audit', 'verify', ...withLong(args));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.length).toBeLessThan(1_000);
  });
});

describeWith(['postgres'], 'the trail of a PostgreSQL', () => {
  test('is exported, proven from the file, and verified where it is (SEC-80)', async () => {
    const database = await createDatabase();
    try {
      cli.env.ASSENT_DATABASE_URL = database.url;
      cli.env.ASSENT_MASTER_KEY = Buffer.alloc(32, 3).toString('base64');
      await write('LOGIN', { by: 'test', note: 'ü\u2028' });
      cli.now += 1;
      await write('LOGOUT');
      await seal();
      await write('LOGIN');
      const { code, stdout, stderr } = await cli.run('audit', 'export', '--event', 'LOGOUT', '--out', 'trail.jsonl');
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^Rows since .* are not sealed yet/)]);
      expect(stdout).toMatch(/^Rows of the audit trail in trail\.jsonl: 1, up to position 3\./);
      const whole = await cli.run('audit', 'verify', 'trail.jsonl');
      expect(whole.stdout).toContain('Nothing is wrong with the export trail.jsonl');
      expect((await cli.run('audit', 'verify')).stdout).toContain('Nothing is wrong with the audit trail: 3 rows');
      const { stdout: text } = await cli.run('audit', 'export');
      const rows = linesOf({ stdout: text }).filter(({ event }) => event !== undefined);
      expect(rows.map(({ position, event }) => [position, event])).toEqual([
        [1, 'LOGIN'],
        [2, 'LOGOUT'],
        [3, 'AUDIT_CHECKPOINT'],
      ]);
      writeFileSync(join(cli.cwd, 'changed.jsonl'), text.replace('"userId":"ada"', '"userId":"bob"'));
      expect(await cli.run('audit', 'verify', 'changed.jsonl')).toMatchObject({ code: 1 });
    } finally {
      await database.close();
    }
  });
});
