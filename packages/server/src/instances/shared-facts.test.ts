import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadSettings } from '../settings/load-settings.ts';
import { sharedFacts } from './shared-facts.ts';

const scratch: string[] = [];
afterAll(() => {
  for (const directory of scratch) rmSync(directory, { recursive: true, force: true });
});

const KEY = new Uint8Array(32);

/** What an instance tells of itself that has those files in its data directory, and those settings. */
const factsOf = async (
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
  key = KEY,
  change: (file: string) => void = () => {},
) => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-facts-'));
  scratch.push(directory);
  const dataDir = join(directory, 'data');
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), contents);
    change(join(directory, name));
  }
  const { settings } = await loadSettings({ env: { ...env, ASSENT_DATA_DIR: dataDir } });
  return sharedFacts(settings, { key, directory });
};

const differing = async (...given: Parameters<typeof factsOf>) => {
  const [plain, other] = await Promise.all([factsOf(), factsOf(...given)]);
  return Object.keys(plain).filter((name) => plain[name] !== other[name]);
};

test.each<readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, readonly string[]]>([
  [
    'a database of its own and its key',
    { 'data/assent.db': '1', 'data/assent.db-wal': '2', 'data/master.key': '3' },
    {},
    [],
  ],
  [
    'another port, data directory and log level',
    {},
    { ASSENT_PORT: '9000', ASSENT_LOG_LEVEL: 'warn', ASSENT_PUBLIC_URL: 'http://localhost:8080/am' },
    [],
  ],
  ['another public URL', {}, { ASSENT_PUBLIC_URL: 'http://localhost:9/am' }, ['ASSENT_PUBLIC_URL']],
  ['a text of an operator', { 'data/texts/en.json': '{}' }, {}, ['texts']],
  ['a file with keys, also in a folder', { 'data/keys/jwt.pem': 'x' }, {}, ['key files']],
  ['a node', { 'node.mjs': 'export const it = 1;' }, { ASSENT_NODES: './node.mjs' }, ['nodes']],
])('%s differ as they should (OPS-31)', async (_what, files, env, expected) => {
  expect(await differing(files, env)).toEqual(expected);
});

test('the contents of a file count, not only its name, and nobody tries them without the key', async () => {
  const [one, other, third] = await Promise.all([
    factsOf({ 'data/key.pem': 'one' }),
    factsOf({ 'data/key.pem': 'other' }),
    factsOf({ 'data/key.pem': 'one' }, {}, new Uint8Array(32).fill(1)),
  ]);
  expect(new Set([one['key files'], other['key files'], third['key files']]).size).toBe(3);
  expect(Object.values(one).every((digest) => /^[\w-]{16}$/.test(digest))).toBe(true);
});

test('of a file of 1 TiB, the start counts and the rest is not read (SEC-93)', async () => {
  const huge = (start: string) => factsOf({ 'data/huge': start }, {}, KEY, (file) => truncateSync(file, 2 ** 40));
  const [one, other] = [await huge('one'), await huge('other')];
  expect(one['key files']).toBe((await huge('one'))['key files']);
  expect(one['key files']).not.toBe(other['key files']);
});
