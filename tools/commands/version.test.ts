import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trackedFiles } from '../docs/tracked-files.mjs';
import { nextVersion, readChangesets } from '../release/changes.mjs';
import { ROOT } from '../workspace.mjs';

// In a repository of its own with our manifests: what the commands ask git is asked there, and no remote is needed.

let copy: string;
const git = (...args: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: copy });
const run = (...args: readonly string[]) => spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
const changesets = join(ROOT, 'node_modules/@changesets/cli/bin.js');

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'assent-version-'));
  const wanted =
    /^(CHANGELOG\.md|packages\/server\/src\/platform\/product\.ts|\.changeset\/.*|([^/]+\/){0,2}package(-lock)?\.json)$/;
  for (const file of (trackedFiles() as readonly string[]).filter((it) => wanted.test(it))) {
    cpSync(join(ROOT, file), join(copy, file));
  }
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'all');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('the configuration and all changesets are valid', () => {
  const { status, stderr } = run(changesets, 'status');
  expect(status, stderr).toBe(0);
});

test('a version is the same for all packages, and its section of the changelog has each summary once', () => {
  const summary = 'A phone may be renamed on the account page.';
  writeFileSync(join(copy, '.changeset/one-more.md'), `---\n'@assent/server': minor\n---\n\n${summary}\n`);
  const expected = nextVersion(
    JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')).version,
    readChangesets(copy),
  );
  const { status, stderr } = run(join(ROOT, 'tools/commands/version.mjs'));
  expect(status, stderr).toBe(0);
  const versionIn = (path: string) => JSON.parse(readFileSync(join(copy, path), 'utf8')).version as string;
  const version = versionIn('package.json');
  expect(version).not.toBe(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version);
  for (const name of ['engine', 'server', 'web', 'cli'])
    expect(versionIn(`packages/${name}/package.json`)).toBe(version);
  expect(version).toBe(expected);
  expect(readFileSync(join(copy, 'packages/server/src/platform/product.ts'), 'utf8')).toContain(
    `version: '${version}'`,
  );
  const changelog = readFileSync(join(copy, 'CHANGELOG.md'), 'utf8');
  expect(changelog).toContain(`\n## ${version}\n`);
  expect(changelog.split(`- ${summary}\n`)).toHaveLength(2);
});
