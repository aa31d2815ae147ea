import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as server from '@assent/server';
import { masterKeyId } from '@assent/store';
import { expect, test } from 'vitest';
import { type TestCli, testCli, testCliWithData } from '../testing/test-cli.ts';
import { rotateMaster } from './rotate-master.ts';

const DAY = 24 * 3_600_000;

interface Key {
  readonly realm: string;
  readonly algorithm: string;
  readonly kid: string;
  readonly signsFrom: string;
}
const keysIn = (stdout: string): readonly Key[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly key: Key }).key);

test('a directory without a database is not made into one', async () => {
  expect(await testCli().run('key', 'rotate', '--oidc')).toMatchObject({ code: 1, stdout: '' });
});

test('which keys are meant has to be said, and whose', async () => {
  const cli = await testCliWithData();
  expect(await cli.run('key', 'rotate')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'Say which keys.\n  Try: assent key list, then assent key rotate auth-id, or --oidc, or --master\n',
  });
  expect(await cli.run('key', 'rotate', '--oidc', '--realm', 'alpha', '--json')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: '{"error":{"code":"NO_REALM","message":"There is no realm /alpha.","hint":"assent realm list"}}\n',
  });
  expect(await cli.inStore(({ signingKeys }) => signingKeys.ofRealm('/'))).toEqual([]);
});

test('new keys are shown for a day before they sign, and asking again makes no others', async () => {
  const cli = await testCliWithData();
  const { code, stdout } = await cli.run('key', 'rotate', '--oidc');
  const rows = await cli.inStore(({ signingKeys }) => signingKeys.ofRealm('/'));
  const next = rows.filter(({ status }) => status === 'next');
  expect(code).toBe(0);
  expect(next.map(({ algorithm }) => algorithm).toSorted()).toEqual(['ES256', 'RS256']);
  for (const { algorithm, kid } of next) {
    expect(stdout).toContain(`  ${algorithm}  ${kid}  signs from ${new Date(cli.now + DAY).toISOString()}\n`);
  }
  expect(stdout).not.toContain('PRIVATE');
  const again = keysIn((await cli.run('key', 'rotate', '--oidc', '--json')).stdout);
  expect(again.map(({ kid }) => kid).toSorted()).toEqual(next.map(({ kid }) => kid).toSorted());
});

test('where they must, they sign at once, in their realm alone', async () => {
  const cli = await testCliWithData();
  await cli.run('realm', 'create', '/alpha');
  const rotated = keysIn((await cli.run('key', 'rotate', '--oidc', '--now', '--realm', 'alpha', '--json')).stdout);
  expect(rotated).toMatchObject([
    { realm: '/alpha', algorithm: 'RS256', signsFrom: new Date(cli.now).toISOString() },
    { realm: '/alpha', algorithm: 'ES256', signsFrom: new Date(cli.now).toISOString() },
  ]);
  await cli.inStore(async ({ signingKeys }) => {
    const rows = await signingKeys.ofRealm('/alpha');
    const active = rows.filter(({ status }) => status === 'active').map(({ kid }) => kid);
    expect(active.toSorted()).toEqual(rotated.map(({ kid }) => kid).toSorted());
    expect(await signingKeys.ofRealm('/')).toEqual([]);
  });
});

const statesOf = (stdout: string, kind: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly key: Record<string, unknown> }).key)
    .filter((key) => key.kind === kind)
    .map(({ id, status, records }) => [id, status, ...(records === undefined ? [] : [records])].join(' '));
const settle = 60_000;

test('what is asked for by halves, twice or wrongly is refused, and does nothing', async () => {
  const cli = await testCliWithData();
  const before = (await cli.run('key', 'list', '--json')).stdout;
  for (const [args, message] of [
    ['rotate passwords', /There is no kind of key called passwords/],
    ['rotate auth-id --oidc', /One sort of keys at a time/],
    ['rotate auth-id --good-for soon', /--good-for takes a time such as 90m, 12h or 7d, and not soon/],
    ['rotate auth-id --good-for 0s', /and not 0s/],
    ['rotate auth-id --now --good-for 1h', /leave --good-for out/],
    ['rotate --master --new-key-file x', /leave --new-key-file out/],
    ['destroy', /Say which key/],
    ['destroy auth-id', /Say which key/],
    ['destroy auth-id 1 --retired', /Say which key/],
  ] as const) {
    const refused = await cli.run('key', ...args.split(' '));
    expect([args, refused]).toEqual([args, { code: 2, stdout: '', stderr: expect.stringMatching(message) }]);
  }
  expect((await cli.run('key', 'list', '--json')).stdout).toBe(before);
});

test('a key that signs is replaced, good for as long as was said, and destroyed after that alone (SEC-76)', async () => {
  const cli = await testCliWithData();
  expect((await cli.run('key', 'rotate', 'auth-id', '--good-for', '1h', '--json')).stdout).toBe(
    '{"key":{"kind":"auth-id","id":"2","status":"active"}}\n',
  );
  const { stdout } = await cli.run('key', 'list');
  expect(stdout).toContain(`auth-id               1         retiring  since ${new Date(cli.now).toISOString()}`);
  expect(stdout).toContain(`good until ${new Date(cli.now + 3_600_000).toISOString()}`);
  const destroy = () => cli.run('key', 'destroy', 'auth-id', '1', '--yes');
  expect(await destroy()).toMatchObject({ code: 1, stderr: expect.stringContaining('is not retired: what it has') });
  expect(await cli.run('key', 'destroy', 'auth-id', '2', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it is in use'),
  });
  expect(await cli.run('key', 'destroy', 'auth-id', '9', '--yes')).toMatchObject({ code: 1 });
  cli.now += 3_600_000;
  expect(await cli.run('key', 'destroy', 'auth-id', '1')).toMatchObject({ code: 2 });
  expect(await destroy()).toMatchObject({ code: 0, stdout: 'The key auth-id 1 is destroyed.\n' });
  expect(statesOf((await cli.run('key', 'list', '--json')).stdout, 'auth-id')).toEqual(['2 active']);
});

test('a key that has leaked ends with --now what it has signed (SEC-76)', async () => {
  const cli = await testCliWithData();
  expect((await cli.run('key', 'rotate', 'auth-id', 'known-browser', '--now')).stdout).toContain('refused from now on');
  const listed = (await cli.run('key', 'list', '--json')).stdout;
  for (const kind of ['auth-id', 'known-browser']) expect(statesOf(listed, kind)).toEqual(['1 retired', '2 active']);
});

test('keys that seal are replaced without a server, and go when nothing is under them (SEC-75)', async () => {
  const cli = await testCliWithData();
  await cli.run('key', 'rotate', 'auth-id');
  const rotated = await cli.run('key', 'rotate', 'sealing');
  expect(rotated).toMatchObject({ code: 0, stderr: '' });
  const list = async () => (await cli.run('key', 'list', '--records', '--json')).stdout;
  const [before, after] = statesOf(await list(), 'sealing:secret');
  expect(before).toMatch(/^\d+ retiring 0$/);
  expect(after).toMatch(/^\d+ active [1-9]\d*$/);
  const [id = ''] = before?.split(' ') ?? [];
  // Somebody may still seal under it for a moment.
  expect(await cli.run('key', 'destroy', 'sealing:secret', id, '--yes')).toMatchObject({ code: 1 });
  cli.now += settle;
  const destroyed = await cli.run('key', 'destroy', '--retired', '--yes');
  expect(destroyed.stdout.trim().split('\n')).toHaveLength(6);
  expect(statesOf(await list(), 'sealing:secret')).toEqual([after]);
  expect((await cli.run('key', 'destroy', '--retired', '--yes')).stdout).toBe('No key is retired.\n');
});

test('a server that does not know the next key keeps it from being used, and is named (SEC-76)', async () => {
  const cli = await testCliWithData();
  const older = { name: 'node-1', processId: 'p', host: 'h', version: '1', startedAt: 0, configurationVersion: 0 };
  await cli.inStore(({ instances }) => instances.put({ ...older, seenAt: cli.now, facts: {} }));
  let slept = 0;
  cli.onSleep = async (millis) => {
    slept += millis;
  };
  const { code, stdout } = await cli.run('key', 'rotate', 'auth-id');
  expect([code, slept]).toEqual([1, 45_000]);
  expect(stdout).toMatch(/auth-id +2 {2}is not in use yet\n/);
  expect(stdout).toContain('have not read the new keys: node-1. They run an older version');
  expect(statesOf((await cli.run('key', 'list', '--json')).stdout, 'auth-id')).toEqual(['1 active', '2 next']);
});

const keyFile = (cli: TestCli, name = 'master.key') => join(cli.dataDir, name);

test('the master key of a data directory is replaced, whichever step a crash was before (SEC-75, F17)', async () => {
  const cli = await testCliWithData();
  const first = readFileSync(keyFile(cli), 'utf8');
  // A crash after the next one was written: it is the one that is used, and no third is made.
  writeFileSync(keyFile(cli, 'master.key.next'), `${Buffer.alloc(32, 3).toString('base64url')}\n`, { mode: 0o600 });
  expect(await cli.run('key', 'list')).toMatchObject({ code: 0 });
  expect(readFileSync(keyFile(cli), 'utf8')).toBe(first);
  const done = await cli.run('key', 'rotate', '--master');
  expect(done).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('All keys lie under the master key'),
  });
  expect(readFileSync(keyFile(cli), 'utf8').trim()).toBe(Buffer.alloc(32, 3).toString('base64url'));
  expect(readFileSync(keyFile(cli, 'master.key.former'), 'utf8')).toBe(first);
  expect(statSync(keyFile(cli)).mode & 0o777).toBe(0o600);
  // A crash after the database, before the file: either is tried, and the file is put right.
  renameSync(keyFile(cli), keyFile(cli, 'master.key.next'));
  renameSync(keyFile(cli, 'master.key.former'), keyFile(cli));
  expect(await cli.run('key', 'list')).toMatchObject({ code: 0 });
  expect(existsSync(keyFile(cli, 'master.key.next'))).toBe(false);
  expect(readFileSync(keyFile(cli, 'master.key.former'), 'utf8')).toBe(first);
  // Whoever has not seen how it ended, and does it again, keeps the key that backups need.
  expect(await cli.run('key', 'rotate', '--master')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nothing was changed'),
  });
  expect(readFileSync(keyFile(cli), 'utf8').trim()).toBe(Buffer.alloc(32, 3).toString('base64url'));
  expect(readFileSync(keyFile(cli, 'master.key.former'), 'utf8')).toBe(first);

  expect(await cli.run('key', 'destroy', '--master', '--yes')).toMatchObject({ code: 0 });
  expect(existsSync(keyFile(cli, 'master.key.former'))).toBe(false);
  expect(await cli.run('key', 'destroy', '--master', '--yes')).toMatchObject({ code: 1 });
  // The one before opens nothing any more, and is told what has become of it.
  writeFileSync(keyFile(cli), first);
  expect(await cli.run('key', 'list')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('This is the one before'),
  });
});

/** Rotates, and lets the other process do `others` at the step of that name. */
const rotateWhile = (cli: TestCli, step: 'master' | 'changeMaster', others: readonly (readonly string[])[]) =>
  cli.inStore(async (store) => {
    const meanwhile = async () => {
      for (const args of others) expect(await cli.run('key', ...args)).toMatchObject({ code: 0 });
    };
    const { keys } = store;
    const master: typeof keys.master = async () => {
      const seen = await keys.master();
      if (step === 'master') await meanwhile();
      return seen;
    };
    const changeMaster: typeof keys.changeMaster = async (...given) => {
      if (step === 'changeMaster') await meanwhile();
      return keys.changeMaster(...given);
    };
    const io = { stdout: { write: () => {} }, now: () => cli.now, randomUuid: () => 'rotation' };
    const settings = await cli.settings();
    const stored = { io, server, settings, store: { ...store, keys: { ...keys, master, changeMaster } }, options: {} };
    return rotateMaster(stored as unknown as Parameters<typeof rotateMaster>[0]).catch((refusal) => refusal.message);
  });

const ROTATE = ['rotate', '--master'];
const DESTROY = ['destroy', '--master', '--yes'];

test.each([
  ['is told so before it has changed anything', 'master', [ROTATE], /was replaced before.*Nothing was changed/, 1],
  ['takes nothing from it', 'master', [ROTATE, DESTROY], /Another process has replaced .*Nothing was changed/, 0],
  ['does the same with the same key', 'changeMaster', [ROTATE], /^0$/, 1],
  ['takes nothing from the third one', 'changeMaster', [ROTATE, DESTROY, ROTATE], /Another process has replaced/, 1],
] as const)(
  'of two that replace the master key at once, the later %s, and no key is lost (SEC-75, F17)',
  async (_, step, others, said, formers) => {
    const cli = await testCliWithData();
    const ids = () =>
      ['master.key', 'master.key.former']
        .filter((name) => existsSync(keyFile(cli, name)))
        .map((name) => masterKeyId(Buffer.from(readFileSync(keyFile(cli, name), 'utf8').trim(), 'base64url')));
    expect(String(await rotateWhile(cli, step, others))).toMatch(said);
    const master = await cli.inStore((store) => store.keys.master());
    expect(ids()).toEqual([master?.id, master?.formerId].slice(0, 1 + formers));
    expect(readdirSync(cli.dataDir).filter((name) => /^master\.key\.(?!next$|former$)/.test(name))).toEqual([]);
  },
);

test('a master key that backups need is not overwritten by the next one, even where both lie there already (SEC-75, F17)', async () => {
  const cli = await testCliWithData();
  const first = readFileSync(keyFile(cli), 'utf8');
  const kept = `${Buffer.alloc(32, 7).toString('base64url')}\n`;
  expect(await cli.run('key', 'rotate', '--master')).toMatchObject({ code: 0 });
  renameSync(keyFile(cli), keyFile(cli, 'master.key.next'));
  writeFileSync(keyFile(cli), first);
  writeFileSync(keyFile(cli, 'master.key.former'), kept);
  expect(await cli.run('key', 'list')).toMatchObject({ code: 0 });
  expect([readFileSync(keyFile(cli), 'utf8'), readFileSync(keyFile(cli, 'master.key.former'), 'utf8')]).toEqual([
    first,
    kept,
  ]);
  // Once that one is destroyed, what was left is done.
  expect(await cli.run('key', 'destroy', '--master', '--yes')).toMatchObject({ code: 0 });
  expect(await cli.run('key', 'list')).toMatchObject({ code: 0 });
  expect(readFileSync(keyFile(cli, 'master.key.former'), 'utf8')).toBe(first);
});

test('a master key that is set by a variable is replaced by one in a file, and set by hand (SEC-75)', async () => {
  const cli = await testCliWithData();
  cli.env = { ...cli.env, ASSENT_MASTER_KEY: readFileSync(keyFile(cli), 'utf8').trim() };
  expect(await cli.run('key', 'rotate', '--master')).toMatchObject({ code: 2 });
  const file = join(cli.cwd, 'new.key');
  expect(await cli.run('key', 'rotate', '--master', '--new-key-file', file)).toMatchObject({ code: 1 });
  writeFileSync(file, 'short');
  expect(await cli.run('key', 'rotate', '--master', '--new-key-file', file)).toMatchObject({ code: 1 });
  const next = Buffer.alloc(32, 4).toString('base64');
  writeFileSync(file, next);
  const done = await cli.run('key', 'rotate', '--master', '--new-key-file', file);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('Set ASSENT_MASTER_KEY') });
  expect(done.stdout).not.toContain(next);
  expect(await cli.run('key', 'list')).toMatchObject({ code: 1, stderr: expect.stringContaining('was replaced at') });
  cli.env = { ...cli.env, ASSENT_MASTER_KEY: next };
  expect(await cli.run('key', 'list')).toMatchObject({ code: 0 });
});
