import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { trackedFiles } from '../docs/tracked-files.mjs';
import { ensureBuilt, ensureReference, ROOT } from '../workspace.mjs';

// The command changes files, so it runs in a copy of the repository, whose packages are the copy's.

vi.setConfig({ hookTimeout: 900_000, testTimeout: 900_000 });

let copy: string;
const inCopy = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
const read = (path: string) => readFileSync(join(copy, path), 'utf8');

const copyOver = (path: string) => {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  // What is built counts as fresh by the times of its sources.
  cpSync(join(ROOT, path), join(copy, path), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
};

beforeAll(async () => {
  await ensureBuilt();
  await ensureReference();
  copy = mkdtempSync(join(tmpdir(), 'assent-new-node-'));
  for (const file of trackedFiles() as readonly string[]) copyOver(file);
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    if (existsSync(join(ROOT, 'packages', name, 'dist'))) copyOver(`packages/${name}/dist`);
    const installed = join(ROOT, 'packages', name, 'node_modules');
    if (existsSync(installed)) symlinkSync(installed, join(copy, 'packages', name, 'node_modules'));
  }
  // Which files there are is asked of git.
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
  mkdirSync(join(copy, 'node_modules/@assent'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@assent' || name === '.cache') continue;
    if (name === '.package-lock.json') copyOver(`node_modules/${name}`);
    else symlinkSync(join(ROOT, 'node_modules', name), join(copy, 'node_modules', name));
  }
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(copy, 'node_modules/@assent', name));
  }
  copyOver('node_modules/.cache/assent');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('a title that is none, or a folder that is not there, changes nothing', () => {
  const before = read('packages/nodes/src/catalogue.ts');
  for (const args of [['office hours'], ['Office Hours Node'], [], ['Office Hours', 'nowhere'], ['Message']]) {
    expect(inCopy('tools/commands/new-node.mjs', ...args), args.join()).toMatchObject({ status: 1, stdout: '' });
  }
  expect(read('packages/nodes/src/catalogue.ts')).toBe(before);
});

test('one command makes a node with its test, texts, entry and page, and every test of nodes holds', () => {
  execFileSync(process.execPath, ['tools/commands/new-node.mjs', 'Office Hours'], { cwd: copy, encoding: 'utf8' });
  expect(read('packages/nodes/src/texts/de.ts')).toContain("'OfficeHoursNode.question':");
  expect(read('docs/reference/nodes/office-hours.md')).toContain('# Office Hours');
  const { status, stdout, stderr } = inCopy(
    ...['node_modules/vitest/vitest.mjs', 'run'],
    'packages/nodes/src/utilities/office-hours.node.test.ts',
    'packages/nodes/src/catalogue.test.ts',
    'packages/nodes/src/texts',
  );
  expect(status, `${stdout}${stderr}`).toBe(0);
});
