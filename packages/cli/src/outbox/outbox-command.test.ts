import type { Store } from '@assent/store';
import { describe, expect, test } from 'vitest';
import { testCli, testCliWithData } from '../testing/test-cli.ts';

const SECRET = 'https://id.example.org/am/login?suspendedId=a-secret';

const put = (id: string, given: object = {}) => ({
  type: 'outbox.put',
  entry: {
    id,
    kind: 'mail',
    realm: '/',
    recipient: 'mail server',
    payload: JSON.stringify({ link: SECRET }),
    ...given,
  },
});
const kill = (id: string, at: number, cause = 'The mail server answered 550 to RCPT.') => ({
  type: 'outbox.bury',
  id,
  seenTries: 0,
  at,
  cause,
});

/** Two that were given up, one of another kind, and one that waits. */
const filled = async () => {
  const cli = await testCliWithData();
  await cli.inStore(({ committer }) =>
    committer.commit([
      put('a'),
      put('b', { kind: 'logout', realm: '/alpha', recipient: 'app\u001b[2J', userId: 'user-1' }),
      put('c'),
      kill('a', cli.now),
      kill('b', cli.now, 'status 503'),
    ]),
  );
  return cli;
};
const idsIn = (stdout: string): readonly string[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly entry: { readonly id: string } }).entry.id);
const due = ({ outbox }: Store) => outbox.due(Number.MAX_SAFE_INTEGER, 99, 99);

describe('refuses', () => {
  test.each([
    ['a directory without a database', ['list'], 1, 'There is no database'],
    ['to show what is not there', ['show', 'x'], 1, 'There is no entry x'],
    ['to try again what is not there', ['retry', 'x'], 1, 'There is no entry x'],
    ['to drop what is not there', ['drop', 'x', '--yes'], 1, 'There is no entry x'],
    ['to try again what still waits', ['retry', 'c'], 1, 'was not given up'],
    ['to try again nobody knows what', ['retry'], 2, 'Say which'],
    ['to try again one and all', ['retry', 'a', '--all'], 2, 'Say which'],
    ['to list what is dead and waits', ['list', '--dead', '--waiting'], 2, 'Either'],
  ])('%s', async (what, args, code, message) => {
    const cli = what === 'a directory without a database' ? testCli() : await filled();
    expect(await cli.run('outbox', ...args)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test('to drop what somebody is not sure of', async () => {
    const cli = await filled();
    cli.isInteractive = true;
    cli.answers = [false];
    expect(await cli.run('outbox', 'drop', 'a')).toMatchObject({ code: 1 });
    expect(await cli.inStore(({ outbox }) => outbox.find('a'))).toMatchObject({ id: 'a' });
  });
});

test('an empty outbox says so', async () => {
  expect(await (await testCliWithData()).run('outbox', 'list')).toMatchObject({
    code: 0,
    stdout: 'There is nothing.\n',
  });
});

test.each([
  [[], ['a', 'b', 'c']],
  [['--dead'], ['a', 'b']],
  [['--waiting'], ['c']],
  [['--kind', 'logout'], ['b']],
  [['--realm', 'alpha'], ['b']],
  [
    ['--after', 'a'],
    ['b', 'c'],
  ],
])('lists by %j', async (args, ids) => {
  const cli = await filled();
  expect(idsIn((await cli.run('outbox', 'list', '--json', ...args)).stdout)).toEqual(ids);
});

test('shows why and until when, never what an entry says, and nothing that moves the terminal (OPS-44, I5)', async () => {
  const cli = await filled();
  const listed = await cli.run('outbox', 'list');
  const shown = await cli.run('outbox', 'show', 'b');
  const forPrograms = await cli.run('outbox', 'show', 'b', '--json');
  expect(listed.stdout).toContain(
    'a  mail  /  to mail server  dead after 0 tries: The mail server answered 550 to RCPT.\n',
  );
  expect(shown.stdout).toMatch(/cause\s+status 503\n/);
  expect(JSON.parse(forPrograms.stdout)).toEqual({
    entry: {
      id: 'b',
      kind: 'logout',
      realm: '/alpha',
      recipient: 'app\u001b[2J',
      user: 'user-1',
      state: 'dead',
      tries: 0,
      deadAt: new Date(cli.now).toISOString(),
      keptUntil: new Date(cli.now + 30 * 24 * 3_600_000).toISOString(),
      cause: 'status 503',
    },
  });
  for (const { stdout } of [listed, shown, forPrograms]) expect(stdout).not.toMatch(/a-secret|suspendedId/);
  expect(listed.stdout + shown.stdout).not.toContain('\u001b');
});

test('tries again one, or all of a kind, and puts on record who asked', async () => {
  const cli = await filled();
  expect(await cli.run('outbox', 'retry', 'a')).toMatchObject({
    code: 0,
    stdout: '1 to be tried again. A server that runs begins within two seconds.\n',
  });
  expect((await cli.inStore(due)).map(({ id }) => id)).toEqual(['a', 'c']);
  expect(idsIn((await cli.run('outbox', 'retry', '--all', '--kind', 'mail', '--json')).stdout)).toEqual([]);
  expect(idsIn((await cli.run('outbox', 'retry', '--all', '--json')).stdout)).toEqual(['b']);
  expect((await cli.inStore(due)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

test('tries all again that were given up, however many', async () => {
  const cli = await testCliWithData();
  const ids = Array.from({ length: 230 }, (_none, at) => `entry-${at}`);
  await cli.inStore(({ committer }) =>
    committer.commit(ids.flatMap((id) => [put(id, { recipient: id }), kill(id, cli.now)])),
  );
  const listed = await cli.run('outbox', 'list');
  expect(listed.stdout.split('\n').at(-2)).toMatch(/^There is more: go on with --after entry-/);
  expect((await cli.run('outbox', 'retry', '--all')).stdout).toContain('230 to be tried again');
});

test('drops an entry, dead or not', async () => {
  const cli = await filled();
  for (const id of ['a', 'c']) expect(await cli.run('outbox', 'drop', id, '--yes')).toMatchObject({ code: 0 });
  expect(idsIn((await cli.run('outbox', 'list', '--json')).stdout)).toEqual(['b']);
});
