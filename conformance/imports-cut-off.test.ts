import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ASSENT,
  assent,
  type CliResult,
  runAssent,
  type ServerProcess,
  startServerProcess,
} from './support/server-process.ts';

// An import that is killed has brought whom it says, whole, and goes on with `--resume` (ADR 94).

const USERS = 1_500;
const scratch = mkdtempSync(join(tmpdir(), 'assent-cut-off-'));
const at = (name: string): string => join(scratch, name);
let server: ServerProcess;

/** Everybody has things that do not come along, so that lines tell of each user who was brought: more of them than a pipe holds. */
const user = (name: string): object => ({
  username: name,
  mail: [`${name}@example.com`],
  userPassword: ['in clear'],
  assentRoles: ['owner'],
  oathDeviceProfiles: [
    JSON.stringify({
      uuid: `generator-of-${name}`,
      sharedSecret: Buffer.from(name.padEnd(20, '.')).toString('hex'),
      recoveryCodes: ['AAAAAAAAA1', 'BBBBBBBBB2'],
    }),
  ],
});

beforeAll(async () => {
  server = await startServerProcess();
  await server.stop();
  const names = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  writeFileSync(at('users.json'), names.map((name) => JSON.stringify(user(name))).join('\n'));
});
afterAll(async () => {
  await server?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Kills the command as soon as it tells of the first users whom it has brought; nobody reads on, so that it cannot come to its end before. */
const killedMidway = async (args: readonly string[]): Promise<void> => {
  const child = spawn(process.execPath, [ASSENT, ...args, '--json'], {
    cwd: scratch,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (!String(chunk).includes('"notice"')) return;
    child.stdout.pause();
    child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
};
const reportOf = ({ stdout }: CliResult) =>
  JSON.parse(stdout.trim().split('\n').at(-1) ?? '').import as Record<'created' | 'before' | 'refused', number>;
const goesOn = async (args: readonly string[], users: number): Promise<void> => {
  const { created, before, refused } = reportOf(await runAssent([...args, '--resume', '--json'], { cwd: scratch }));
  expect([created + before, refused]).toEqual([users, 0]);
  // By the batch, as many as had come when it was killed, and all others now.
  expect([before % 250, Math.min(created, before) > 0]).toEqual([0, true]);
};

test('users of another server: killed, resumed, and each of them here once', async () => {
  const args = ['import', 'users', at('users.json'), '--data-dir', server.dataDir];
  await killedMidway(args);
  await goesOn(args, USERS);
});

test('users of a realm of ours: killed, resumed, and each of them here once (OPS-64)', async () => {
  const data = ['--data-dir', server.dataDir];
  await assent(['export', 'realm', at('realm.json'), '--users', '--without-secrets', ...data]);
  const args = ['import', 'realm', at('realm.json'), '--realm', '/moved', '--users', ...data];
  await killedMidway(args);
  // With amadmin and demo.
  await goesOn(args, USERS + 2);
});
