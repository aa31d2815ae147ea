import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readFileHead } from './file-head.ts';
import { dataDirectoryKeys } from './key-files.ts';

/** Files of the server, and hidden ones. */
const CLOSED = [
  'assent.db',
  'assent.db-wal',
  'assent.db.before-2026',
  'Assent.DB',
  'master.key',
  'master.key.new',
  'keys/master.key',
  '.hidden',
  '.ssh/authorized_keys',
];

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'assent-keys-'));
  mkdirSync(join(scratch, 'data', 'keys'), { recursive: true });
  mkdirSync(join(scratch, 'data', '.ssh'));
  mkdirSync(join(scratch, 'data-of-others'));
  for (const name of CLOSED) writeFileSync(join(scratch, 'data', name), 'ssh-rsa secret');
  symlinkSync(join(scratch, 'data', 'master.key'), join(scratch, 'data', 'keys', 'innocent'));
  execFileSync('mkfifo', [join(scratch, 'data', 'pipe')]);
  writeFileSync(join(scratch, 'data', 'limit'), 'x'.repeat(256 * 1024));
  writeFileSync(join(scratch, 'data', 'huge'), '');
  truncateSync(join(scratch, 'data', 'huge'), 2 ** 40);
  writeFileSync(join(scratch, 'data', 'keys', 'mine'), 'ssh-rsa mine');
  writeFileSync(join(scratch, 'data', 'large'), 'x'.repeat(300_000));
  writeFileSync(join(scratch, 'data-of-others', 'theirs'), 'ssh-rsa theirs');
  symlinkSync(join(scratch, 'data-of-others', 'theirs'), join(scratch, 'data', 'link'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const read = (path: string) => dataDirectoryKeys(join(scratch, 'data')).read(path);

test('reads a file of the data directory, by a path in it or by the whole path', async () => {
  expect(await read('keys/mine')).toBe('ssh-rsa mine');
  expect(await read(join(scratch, 'data', 'keys', 'mine'))).toBe('ssh-rsa mine');
});

test.each(['missing', 'keys', '.', 'large', 'keys/mine/further'])('%s is no file with keys', async (path) => {
  expect(await read(path)).toBeUndefined();
});

test.each(['../data-of-others/theirs', 'link', '/etc/passwd', 'keys/../../data-of-others/theirs'])(
  '%s leads out of the data directory, and is none either',
  async (path) => {
    expect(await read(path)).toBeUndefined();
  },
);

test.each([...CLOSED, 'keys/innocent'])('%s is closed to trees (SEC-93)', async (path) => {
  expect(await read(path)).toBeUndefined();
});

test.each([
  ['a file of 1 TiB', 'huge'],
  ['a pipe that has no writer', 'pipe'],
  ['a name that is too long', 'x'.repeat(60_000)],
  ['a name with a zero byte', 'keys/mine\0'],
])('%s is no file with keys, and is not read (SEC-93)', async (_what, path) => {
  expect(await read(path)).toBeUndefined();
});

test('reads a file of 256 KiB, and nothing beyond its first 256 KiB', async () => {
  expect(await read('limit')).toHaveLength(256 * 1024);
  const head = await readFileHead(join(scratch, 'data', 'huge'), 1_000);
  expect(head).toMatchObject({ isWhole: false });
  expect(head?.bytes).toHaveLength(1_000);
});

test('10 concurrent requests share one read of a file, by whichever path, and the next request reads again (SEC-93)', async () => {
  const asked: string[] = [];
  let finish = () => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const keys = dataDirectoryKeys(join(scratch, 'data'), async (path, maxBytes) => {
    asked.push(path);
    await gate;
    return readFileHead(path, maxBytes);
  });
  const reading = Array.from({ length: 10 }, (_, at) => keys.read(at % 2 === 0 ? 'keys/mine' : './keys/../keys/mine'));
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  finish();
  expect(new Set(await Promise.all(reading))).toEqual(new Set(['ssh-rsa mine']));
  expect(asked).toHaveLength(1);
  await keys.read('keys/mine');
  expect(asked).toHaveLength(2);
});
