import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@assent/test-servers';
import { afterAll, expect, test } from 'vitest';
import { ASSENT } from './support/server-process.ts';

// npm and npx run a program in a shell, and pass SIGTERM on to that shell, which ends alone (dash) or has become the program (bash).

const directory = mkdtempSync(join(tmpdir(), 'assent-npm-'));
const groups: number[] = [];

afterAll(() => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  }
  rmSync(directory, { recursive: true, force: true });
});

/** What a shell has started and is resident, in MB; a Linux tells it. */
const residentBelow = (shell: number): number => {
  const [child] = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
};

test('a server lies idle in less than 120 MB, and ends in order when the shell is ended that npx has run it in (OPS-33)', async () => {
  const command = `"${process.execPath}" "${ASSENT}" serve --port ${await freePort()} --data-dir data; exit $?`;
  const shell = spawn('sh', ['-c', command], {
    cwd: directory,
    // A group of its own, to leave nobody behind where this fails.
    detached: true,
    env: { PATH: process.env.PATH, HOME: directory, npm_lifecycle_event: 'npx', ASSENT_DRAIN_SECONDS: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  groups.push(shell.pid ?? 0);
  const lines: string[] = [];
  const reader = createInterface(shell.stderr);
  const isReady = new Promise<void>((resolve) => {
    reader.on('line', (line) => {
      lines.push(line);
      if (line.includes('Stop ')) resolve();
    });
  });
  // The server holds that end of the pipe: it is closed when it has ended, too.
  const isOver = once(reader, 'close');
  await isReady;
  // Passwords of the first users were hashed. On a busy machine V8 gives memory back after 100 seconds at the latest.
  if (process.platform === 'linux')
    await expect.poll(() => residentBelow(shell.pid ?? 0), { timeout: 120_000 }).toBeLessThan(120);

  shell.kill('SIGTERM');

  await isOver;
  expect(shell.signalCode).toBe('SIGTERM');
  expect(lines.join('\n')).toContain('is ready');
});
