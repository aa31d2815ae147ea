import type { Instance } from '@assent/store';
import { expect, test } from 'vitest';
import { testCliWithData } from '../testing/test-cli.ts';

const STARTED = Date.parse('2026-11-27T08:00:00Z');

const instance = (name: string, changes: Partial<Instance> = {}): Instance => ({
  name,
  processId: `${name}-1`,
  host: `${name}.example.com`,
  version: '0.1.0',
  startedAt: STARTED,
  seenAt: STARTED + 60_000,
  configurationVersion: 4,
  facts: { ASSENT_PUBLIC_URL: 'x', texts: 't' },
  ...changes,
});

const cliWith = async (...instances: readonly Instance[]) => {
  const cli = await testCliWithData();
  await cli.inStore(async (store) => {
    for (const it of instances) await store.instances.put(it);
  });
  cli.now = STARTED + 65_000;
  return cli;
};

test('with nobody there it says so (OPS-31)', async () => {
  const cli = await cliWith();
  expect(await cli.run('instances')).toEqual({
    code: 0,
    stdout: 'No server has told of itself in the last hour.\n',
    stderr: '',
  });
});

test('lists who is there and who is gone; one that is gone differs from nobody (OPS-31)', async () => {
  const gone = instance('c', { seenAt: STARTED, version: '0.0.9', facts: { texts: 'older' } });
  const cli = await cliWith(instance('a'), instance('b', { host: 'evil\u001b[2J' }), gone);
  const { code, stdout } = await cli.run('instances');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'a  on a.example.com  version 0.1.0  since 2026-11-27T08:00:00.000Z  configuration 4  seen 5 s ago',
    'b  on evil\\u{1b}[2J  version 0.1.0  since 2026-11-27T08:00:00.000Z  configuration 4  seen 5 s ago',
    'c  on c.example.com  version 0.0.9  since 2026-11-27T08:00:00.000Z  configuration 4  GONE for 65 s',
    '',
  ]);
});

test('a difference is named with who has what, and is a no for programs (OPS-31)', async () => {
  const cli = await cliWith(
    instance('a'),
    instance('b', { facts: { ASSENT_PUBLIC_URL: 'y', texts: 't' } }),
    instance('c'),
  );
  const { code, stdout } = await cli.run('instances');
  expect(code).toBe(1);
  expect(stdout).toMatch(/\nThey differ in ASSENT_PUBLIC_URL: a, c \| b\n$/);
  const lines = (await cli.run('instances', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toEqual({
    instance: {
      name: 'a',
      host: 'a.example.com',
      version: '0.1.0',
      configurationVersion: 4,
      startedAt: '2026-11-27T08:00:00.000Z',
      seenAt: '2026-11-27T08:01:00.000Z',
      isGone: false,
    },
  });
  expect(lines.at(-1)).toEqual({ difference: { what: 'ASSENT_PUBLIC_URL', groups: [['a', 'c'], ['b']] } });
});
