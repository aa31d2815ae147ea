import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bringsSqlite,
  CommandFailed,
  fingerprint,
  isInstallDue,
  isNodeTooOld,
  runCommand,
  sourceFiles,
} from './workspace.mjs';

test.each(['18.20.4', '20.18.9'])('Node %s is too old', (version) => {
  expect(isNodeTooOld(version)).toBe(true);
});

test.each(['20.19.0', '20.20.2', '22.0.0'])('Node %s is new enough', (version) => {
  expect(isNodeTooOld(version)).toBe(false);
});

test.each([
  ['20.20.2', false],
  ['22.11.0', false],
  ['22.13.0', true],
  ['24.1.0', true],
])('on Node %s SQLite is there without a compile: %s (OPS-68)', (version, isThere) => {
  expect(bringsSqlite(version)).toBe(isThere);
});

test('packages are installed where there are none, or others than the lockfile says by now', () => {
  expect(isInstallDue(10, undefined)).toBe(true);
  expect(isInstallDue(10, 9)).toBe(true);
  expect(isInstallDue(10, 11)).toBe(false);
});

test('a build is due when a source comes, goes or is written, and not for a test or an output', () => {
  const root = mkdtempSync(join(tmpdir(), 'assent-workspace-'));
  const write = (name: string, text: string): void => {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  const now = () => fingerprint(root, sourceFiles(root));
  write('src/a.ts', 'a');
  const first = now();

  write('src/a.test.ts', 'a');
  write('src/a.test-d.ts', 'a');
  write('dist/a.js', 'a');
  expect(now()).toBe(first);

  write('src/b.ts', 'b');
  const second = now();
  expect(second).not.toBe(first);

  utimesSync(join(root, 'src/b.ts'), 1, 1);
  const third = now();
  expect(third).not.toBe(second);

  rmSync(join(root, 'src/b.ts'));
  expect(now()).toBe(first);
});

test('a command that fails says how it ended, and what it printed', async () => {
  const failure = await runCommand(process.execPath, ['-e', 'console.log("reason"); process.exit(3)'], {
    isQuiet: true,
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CommandFailed);
  expect(failure).toMatchObject({ code: 3, output: 'reason\n' });
});

test('a command that yields runs behind all others', async () => {
  const priority = ['-p', "require('node:os').getPriority()"];
  const own = await runCommand(process.execPath, priority, { isQuiet: true });
  const yielding = await runCommand(process.execPath, priority, { isQuiet: true, yields: true });
  expect(Number(yielding)).toBeGreaterThan(Number(own));
});
