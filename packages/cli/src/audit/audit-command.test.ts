import { randomBytes } from 'node:crypto';
import { CHECKPOINT_KEY, checkpointKeyFrom } from '@assent/store';
import { beforeEach, describe, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

let cli: TestCli;
beforeEach(async () => {
  cli = await testCliWithData();
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
      'Nothing is wrong with the audit trail: no row is sealed.',
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
    expect(stdout).toContain('The audit trail is not what was sealed: one fault; 4 rows, from position 1 to 4.');
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
