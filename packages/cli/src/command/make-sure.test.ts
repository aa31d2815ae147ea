import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { wholeProgram } from '../program.ts';
import { testCliWithData } from '../testing/test-cli.ts';

/** Each command that asks whether it is meant, with what it needs to get as far as the question. */
const DESTRUCTIVE: Readonly<Record<string, readonly string[]>> = {
  'user delete': ['ann'],
  'user reset-factors': ['ann', '--reason', 'request 4711'],
  'user erase': ['ann', '--reason', 'request 4711'],
  'realm delete': ['/alpha'],
  'client delete': ['my-app'],
  'outbox drop': ['entry'],
  'key destroy': ['--master'],
};

const withYes = (command: Command, path: readonly string[] = []): readonly string[] => [
  ...(command.options.some(({ long }) => long === '--yes') ? [path.join(' ')] : []),
  ...command.commands.flatMap((it) => withYes(it, [...path, it.name()])),
];

test('every command whose work cannot be undone refuses where nobody can be asked, and destroys nothing', async () => {
  expect(withYes(await wholeProgram()).toSorted()).toEqual(Object.keys(DESTRUCTIVE).toSorted());
  const cli = await testCliWithData();
  cli.stdin = 'long-and-seldom-4711\n';
  await cli.run('user', 'create', 'ann', '--password-stdin');
  await cli.run('realm', 'create', '/alpha');
  await cli.run('client', 'create', 'my-app', '--redirect', 'https://app.example.org/back');
  const entry = { id: 'entry', kind: 'mail', realm: '/', recipient: 'mail server', payload: '{}' };
  await cli.inStore(({ committer }) => committer.commit([{ type: 'outbox.put', entry }]));
  const former = join(cli.dataDir, 'master.key.former');
  writeFileSync(former, `${Buffer.alloc(32, 3).toString('base64url')}\n`, { mode: 0o600 });
  const state = async () => [
    (await cli.run('user', 'show', 'ann', '--json')).stdout,
    (await cli.run('realm', 'list')).stdout,
    (await cli.run('client', 'list')).stdout,
    (await cli.run('outbox', 'list', '--json')).stdout,
    readFileSync(former, 'utf8'),
  ];
  const before = await state();
  for (const text of before) expect(text).not.toBe('');
  for (const [path, args] of Object.entries(DESTRUCTIVE)) {
    expect({ path, ...(await cli.run(...path.split(' '), ...args)) }).toEqual({
      path,
      code: 2,
      stdout: '',
      stderr: 'There is no terminal to ask whether that is meant.\n  Try: add --yes\n',
    });
  }
  expect(cli.questions).toEqual([]);
  expect(await state()).toEqual(before);
});
