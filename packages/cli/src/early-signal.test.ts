import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'assent-signal-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const BIN = new URL('../bin/assent.cjs', import.meta.url).pathname;
/** Tells when the first file of the program runs, which is long before the server is loaded. */
const probe = join(directory, 'probe.cjs');
writeFileSync(probe, "process.nextTick(() => { process.stdout.write('begun\\n'); });");

test.each([
  ['serve', 0],
  ['health', null],
])('SIGHUP while %s is loaded: a server is not ended by it, and another command is (OPS-59)', async (command, code) => {
  const program = spawn(
    process.execPath,
    ['--require', probe, BIN, command, ...(code === 0 ? ['--print-config'] : [])],
    {
      cwd: directory,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const ended = once(program, 'exit');
  await once(program.stdout, 'data');
  program.kill('SIGHUP');
  program.stdout.resume();
  expect(await ended).toEqual([code, code === null ? 'SIGHUP' : null]);
});
