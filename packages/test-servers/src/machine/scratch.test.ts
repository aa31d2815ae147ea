import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWith } from '../testing/describe-with.ts';

const DIST = new URL('../../dist/index.js', import.meta.url).href;

/** A program that starts PostgreSQL, says where, and then does what `then` says. */
const program = (then: string): string => `
  import { PostgresServer, Scratch } from ${JSON.stringify(DIST)};
  const scratch = new Scratch();
  const server = await PostgresServer.launch({ fsync: false, scratch });
  process.on('message', async () => { ${then} });
  console.log(scratch.folder);
`;

const startProgram = async (then: string): Promise<{ readonly child: ChildProcess; readonly folder: string }> => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(then)], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  if (child.stdout === null) throw new Error('The program has no output.');
  const [folder] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, folder };
};

const processesIn = (folder: string): string[] =>
  readdirSync('/proc').filter((id) => {
    try {
      return /^\d+$/.test(id) && readlinkSync(`/proc/${id}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });

/** The segments of shared memory that processes have made; the fifth column is the process. */
const segmentsOf = (makers: readonly string[]): string[] =>
  readFileSync('/proc/sysvipc/shm', 'utf8')
    .split('\n')
    .filter((line) => makers.includes(line.trim().split(/\s+/)[4] ?? ''));

describeWith(['postgres'], 'servers whose owner ends', () => {
  test.each([
    ['by kill -9, while the server is held', "await server.pause(); process.kill(process.pid, 'SIGKILL')"],
    ['by kill -9, after the server was killed', "await server.kill(); process.kill(process.pid, 'SIGKILL')"],
    ['by process.exit', 'process.exit()'],
    ['in good order', 'await scratch.close(); process.disconnect()'],
  ])('leave nothing behind: %s', async (_how, then) => {
    const { child, folder } = await startProgram(then);
    const started = processesIn(folder);
    expect(started.length).toBeGreaterThan(2);
    expect(segmentsOf(started)).toHaveLength(1);
    const ended = once(child, 'exit');
    child.send('now');
    await ended;
    await expect.poll(() => existsSync(folder), { interval: 20 }).toBe(false);
    expect(processesIn(folder)).toEqual([]);
    expect(segmentsOf(started)).toEqual([]);
  });
});
