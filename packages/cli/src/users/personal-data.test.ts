import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type TestCli, testCliWithData } from '../testing/test-cli.ts';

let cli: TestCli;
beforeEach(async () => {
  cli = await testCliWithData();
  cli.stdin = 'correct horse';
  expect((await cli.run('user', 'create', 'ada', '--password-stdin', '--mail', 'ada@example.com')).code).toBe(0);
});

const idOf = (name: string) => cli.inStore(async ({ identities }) => (await identities.find('/', name))?.id ?? '');
const trailOf = (id: string) => cli.inStore(({ audit }) => audit.ofUser(id, 20));

describe('assent user export', () => {
  test('hands out all that is kept, signed, in a file for its owner alone, and says so in the trail', async () => {
    const id = await idOf('ada');
    expect(await cli.run('user', 'export', 'ada', '--out', 'ada.json')).toEqual({
      code: 0,
      stdout: 'All that is kept of ada is in ada.json.\n',
      stderr: '',
    });
    const file = join(cli.cwd, 'ada.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      format: 'assent-user-export/1',
      user: { id, username: 'ada', attributes: { mail: ['ada@example.com'] }, hasPassword: true },
      activity: [{ event: 'EXPORT' }, { event: 'USER_CREATE', byAdministrator: true }],
      signature: expect.stringMatching(/^[\w-]+\.\.[\w-]+$/),
    });
    expect((await trailOf(id))[0]).toMatchObject({ event: 'EXPORT', detail: { by: 'command line' } });
    expect(await cli.run('user', 'export', 'ada', '--out', 'ada.json')).toMatchObject({ code: 1, stdout: '' });
    expect((await cli.run('user', 'export', 'ada', '--out', 'ada.json', '--force', '--json')).code).toBe(0);
    expect(JSON.parse((await cli.run('user', 'export', 'ada')).stdout)).toMatchObject({ user: { id } });
  });

  test('of nobody hands out nothing', async () => {
    expect(await cli.run('user', 'export', 'bob')).toMatchObject({ code: 1, stdout: '' });
    expect(await cli.run('user', 'export', 'ada', '--realm', 'none')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('assent user erase', () => {
  test.each([
    [[]],
    [['ada', '--id', 'x']],
    [['--id', 'x', '--again', 'file']],
    [['ada', '--yes']],
    [['ada', '--yes', '--reason', '']],
    [['ada', '--yes', '--reason', 'two\nlines']],
    [['--again', 'no-such-file', '--yes']],
    // Nobody is there to type the name.
    [['ada', '--reason', 'Request 4711']],
  ])('refuses %j, and erases nobody', async (args) => {
    expect(await cli.run('user', 'erase', ...args)).toMatchObject({ code: 2, stdout: '' });
    expect(await idOf('ada')).not.toBe('');
  });

  test('wants the name typed, since it cannot be undone', async () => {
    cli.isInteractive = true;
    for (const answer of [true, 'yes', 'Ada', '']) {
      cli.answers = [answer];
      expect(await cli.run('user', 'erase', 'ada', '--reason', 'Request 4711')).toMatchObject({ code: 1, stdout: '' });
    }
    expect(await idOf('ada')).not.toBe('');
    cli.answers = ['ada'];
    expect((await cli.run('user', 'erase', 'ada', '--reason', 'Request 4711')).code).toBe(0);
    expect(cli.questions.at(-1)).toBe('Type ada to erase');
    expect(await idOf('ada')).toBe('');
  });

  test('counts first where asked, and changes nothing then', async () => {
    const { stdout } = await cli.run('user', 'erase', 'ada', '--dry-run', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ wouldErase: { phones: 0, sessions: 0, trail: 1, directory: false } });
    expect(await idOf('ada')).not.toBe('');
  });

  test('leaves an id and when it was, which is what the list of erasures has', async () => {
    const id = await idOf('ada');
    const { code, stdout } = await cli.run('user', 'erase', 'ada', '--yes', '--reason', 'Request 4711');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`knows the user by ${id} alone`)]);
    const [erased, ...others] = await trailOf(id);
    expect(erased).toMatchObject({ event: 'ERASE', detail: { by: 'command line', reason: 'Request 4711' } });
    expect(others).toMatchObject([{ event: 'USER_CREATE' }]);
    expect(others[0]).not.toHaveProperty('detail');
    const listed = await cli.run('user', 'erasures');
    expect(JSON.parse(listed.stdout)).toEqual({ userId: id, realm: '/', at: new Date(cli.now).toISOString() });
    expect((await cli.run('user', 'erase', 'ada', '--yes')).code).toBe(1);
  });

  test('takes what the trail has of somebody whose account was deleted before', async () => {
    const id = await idOf('ada');
    expect(await cli.run('user', 'erase', '--id', id, '--yes')).toMatchObject({ code: 1, stdout: '' });
    await cli.run('user', 'delete', 'ada', '--yes');
    expect((await trailOf(id)).every(({ detail }) => detail !== undefined)).toBe(true);
    expect((await cli.run('user', 'erase', '--id', id, '--yes')).code).toBe(2);
    expect((await cli.run('user', 'erase', '--id', id, '--yes', '--reason', 'Request 4711')).code).toBe(0);
    expect((await trailOf(id)).filter(({ detail }) => detail !== undefined)).toMatchObject([{ event: 'ERASE' }]);
    expect(await cli.run('user', 'erase', '--id', 'nobody', '--yes')).toMatchObject({ code: 1, stdout: '' });
  });

  test('who was erased is erased once more by a list, or by an audit trail, after an older backup was put back', async () => {
    const id = await idOf('ada');
    await cli.run('backup', 'before.db');
    await cli.run('user', 'erase', 'ada', '--yes', '--reason', 'Request 4711');
    const list = (await cli.run('user', 'erasures')).stdout;
    writeFileSync(join(cli.cwd, 'list.jsonl'), list);
    // The database of before knows it, so that no list is needed.
    const restored = await cli.run('restore', 'before.db', '--json');
    expect(JSON.parse(restored.stdout)).toMatchObject({ restored: { erasedAgain: 1 } });
    expect(await idOf('ada')).toBe('');
    expect((await cli.run('user', 'erase', '--again', 'list.jsonl', '--dry-run')).stdout).toBe(
      'The list has 1, of whom 0 are here.\n',
    );

    const other = await testCliWithData();
    other.stdin = 'correct horse';
    await other.run('user', 'create', 'ada', '--password-stdin');
    // Where it was put back otherwise: the same id, as the ids of a test go.
    expect(await other.inStore(async ({ identities }) => (await identities.find('/', 'ada'))?.id)).toBe(id);
    const trail = [
      { format: 'assent-audit/1', event: 'JOURNEY_END', realm: '/', time: '2026-01-01T00:00:00.000Z', userId: 'x' },
      { format: 'assent-audit/1', event: 'ERASE', realm: '/', time: '2026-01-01T00:00:00.000Z', userId: id },
    ];
    writeFileSync(join(other.cwd, 'trail.jsonl'), trail.map((it) => `${JSON.stringify(it)}\n`).join('\n'));
    expect(await other.run('user', 'erase', '--again', 'trail.jsonl')).toMatchObject({
      code: 0,
      stdout: 'Erased once more: 1 users, of 1 in the list.\n',
    });
    const left = await other.inStore(({ identities }) => identities.page('/', { limit: 9 }));
    expect(left.users).toEqual([]);
  });

  test.each([
    ['{', 1],
    ['[]', 1],
    ['{"userId":"a","realm":"/","at":"2026-01-01T00:00:00Z"}\n{"userId":1,"realm":"/","at":"2026-01-01T00:00:00Z"}', 2],
    ['{"userId":"a","realm":"alpha","at":"2026-01-01T00:00:00Z"}', 1],
    ['{"userId":"a","realm":"/","at":"soon"}', 1],
  ])('refuses the list %j whole, and names the line', async (text, line) => {
    writeFileSync(join(cli.cwd, 'list.jsonl'), text);
    const { code, stderr } = await cli.run('user', 'erase', '--again', 'list.jsonl');
    expect([code, stderr]).toEqual([2, expect.stringContaining(`Line ${line} of list.jsonl is no erasure`)]);
    expect(await cli.inStore(({ erasures }) => erasures.list(9))).toEqual([]);
  });
});
