import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataDirectoryKeys } from './key-files.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'assent-keys-'));
  mkdirSync(join(scratch, 'data', 'keys'), { recursive: true });
  mkdirSync(join(scratch, 'data-of-others'));
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
