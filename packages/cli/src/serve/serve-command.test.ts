import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { expect, test } from 'vitest';
import { nodeCliIo } from '../command/cli-io.ts';
import { testCli } from '../testing/test-cli.ts';

/** A port that nobody uses now. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

test('wrong settings stop the start, all of them at once, before anything is made', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_PROT: '1' };
  const { code, stdout, stderr } = await cli.run('serve', '--seed', 'all');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^ASSENT_PROT \(environment\).*\n--seed \(flag\) cannot be "all"/);
  expect(existsSync(cli.dataDir)).toBe(false);
});

test('a port in use is one sentence with a way out, and the new password is not lost', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_LOG_LEVEL: 'silent' };
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, stdout, stderr } = await cli.run('serve', '--port', String(port));
  await new Promise((resolve) => blocker.close(resolve));
  expect(code).toBe(1);
  const [password = '', ...refusal] = stderr.split('\n');
  expect(refusal.join('\n')).toBe(
    `Port ${port} on 127.0.0.1 is in use.\n  Try: assent serve --port ${port + 1}, or stop what uses the port\n`,
  );
  expect(password).toMatch(/^The password of amadmin is \S+ \(shown once\)\.$/);
  expect(stdout).toBe('');
});

test.each([
  ['is a file', 'cannot-be is no directory. Choose another --data-dir.', (path: string) => writeFileSync(path, '')],
  ['cannot be made', 'cannot-be cannot be written to.', (path: string) => symlinkSync('/nowhere/at-all', path)],
  [
    'has a database that cannot be written',
    'assent.db cannot be written (',
    (path: string) => mkdirSync(join(path, 'assent.db'), { recursive: true }),
  ],
])('a data directory that %s is a sentence with a way out, not a stack', async (_what, sentence, make) => {
  const cli = testCli();
  const path = join(cli.cwd, 'cannot-be');
  make(path);
  const { code, stdout, stderr } = await cli.run('serve', '--data-dir', path);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(sentence);
  expect(stderr).toMatch(/\n {2}Try: assent doctor\n$/);
});

test('own texts that are wrong are a sentence with a way out, not a stack (B8)', async () => {
  const cli = testCli();
  const texts = join(cli.cwd, 'data', 'texts');
  mkdirSync(texts, { recursive: true });
  writeFileSync(join(texts, 'en.json'), '{"PushWaitNode.waitin": "Waiting"}');
  const { code, stdout, stderr } = await cli.run('serve', '--data-dir', join(cli.cwd, 'data'));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/en\.json: "PushWaitNode\.waitin" is no key of a text\..*\n {2}Try: mend that file/);
});

test('--print-config names each value and its source, masks secrets, and starts nothing', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_ADMIN_PASSWORD: 'correct horse', ASSENT_TRUSTED_PROXIES: '10.0.0.0/8,::1' };
  const { code, stdout } = await cli.run('serve', '--print-config', '--port', '81');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^port +81 {2}\(flag\)$/m);
  expect(stdout).toMatch(/^publicUrl +http:\/\/localhost:81\/am {2}\(default\)$/m);
  expect(stdout).toMatch(/^trustedProxies +10\.0\.0\.0\/8, ::1 {2}\(environment, ASSENT_TRUSTED_PROXIES\)$/m);
  expect(stdout).toMatch(/^adminPassword +\*+ {2}\(environment, ASSENT_ADMIN_PASSWORD\)$/m);
  expect(stdout).not.toContain('correct horse');
  const lines = (await cli.run('serve', '--print-config', '--json')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).setting)).toContainEqual({
    name: 'port',
    value: 8080,
    source: 'default',
  });
});

test('a server answers until it is told to stop, also after a promise that nobody has caught, and then ends well (REL-24)', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_LOG_LEVEL: 'silent' };
  const port = await freePort();
  const shown: string[] = [];
  const isReady = new Promise<void>((resolve) => {
    cli.onOutput = (text) => {
      shown.push(text);
      resolve();
    };
  });
  const ended = cli.run('serve', '--port', String(port));
  await isReady;
  expect(shown.join('')).toMatch(/^ {2}✓ Assent \S+ is ready in 0\.4 s\n/);
  expect(shown.join('')).toContain(`  Sign in      http://localhost:${port}/am/login`);
  cli.uncaught('rejection', new Error('Nobody waits for this.'));
  const response = await fetch(`http://localhost:${port}/am/health/ready`);
  expect(response.status).toBe(200);
  await response.body?.cancel();
  cli.stop();
  expect(await ended).toMatchObject({ code: 0, stdout: '' });
  await expect(fetch(`http://127.0.0.1:${port}/am/health/ready`)).rejects.toThrow();
});

test('an exception that nobody has caught, and a second signal, end the process at once, but not the echo of the first (REL-24)', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_LOG_LEVEL: 'silent' };
  const isReady = new Promise<void>((resolve) => {
    cli.onOutput = () => resolve();
  });
  const ended = cli.run('serve', '--port', String(await freePort()), '--json');
  await isReady;
  expect(() => cli.uncaught('exception', new Error('Nobody knows what this left undone.'))).toThrow('exit 1');
  cli.stop();
  // Under `npm start` one Ctrl+C comes from the terminal and from npm.
  expect(() => cli.stop()).not.toThrow();
  cli.uptime += 1_000;
  expect(() => cli.stop()).toThrow('exit 1');
  expect(JSON.parse((await ended).stdout)).toMatchObject({ ready: { login: expect.stringMatching(/\/am\/login$/) } });
});

test('SIGTERM makes it unready and leaves it to serve for as long as it is told, Ctrl+C does not (OPS-33)', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_LOG_LEVEL: 'silent', ASSENT_DRAIN_SECONDS: '7' };
  const port = await freePort();
  const isReady = new Promise<void>((resolve) => {
    cli.onOutput = () => resolve();
  });
  const slept: number[] = [];
  let endDrain = (): void => {};
  cli.onSleep = (millis) =>
    new Promise((resolve) => {
      if (slept.push(millis) === 1) endDrain = resolve;
    });
  const ended = cli.run('serve', '--port', String(port));
  await isReady;
  const statusOf = async (path: string) => {
    const { status, body } = await fetch(`http://localhost:${port}/am/${path}`);
    await body?.cancel();
    return status;
  };
  cli.stop('SIGTERM');
  expect([await statusOf('health/ready'), await statusOf('json/serverinfo/*')]).toEqual([503, 200]);
  endDrain();
  expect(await ended).toMatchObject({ code: 0 });
  // The second is the time for what is under way.
  expect(slept).toEqual([7_000, 10_000]);
  await expect(statusOf('health/live')).rejects.toThrow();
});

test('a second SIGTERM does not wait for the end of the first', async () => {
  const cli = testCli();
  cli.env = { ...cli.env, ASSENT_LOG_LEVEL: 'silent' };
  const isReady = new Promise<void>((resolve) => {
    cli.onOutput = () => resolve();
  });
  const ended = cli.run('serve', '--port', String(await freePort()));
  await isReady;
  let endDrain = (): void => {};
  cli.onSleep = () =>
    new Promise((resolve) => {
      endDrain = resolve;
    });
  cli.stop('SIGTERM');
  cli.uptime += 1_000;
  expect(() => cli.stop('SIGTERM')).toThrow('exit 1');
  endDrain();
  await ended;
});

describeWith(['postgres'], 'on PostgreSQL', () => {
  test('a server whose database is put back under it says so and ends (OPS-61)', async () => {
    const database = await createDatabase();
    try {
      const cli = testCli();
      Object.assign(cli.env, {
        ASSENT_DATABASE_URL: database.url,
        ASSENT_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
        ASSENT_LOG_LEVEL: 'silent',
      });
      let putBack: Promise<unknown> | undefined;
      cli.onOutput = (text) => {
        if (text.includes('"ready"')) putBack = database.alter('UPDATE configuration_version SET epoch = 5');
      };
      const { code, stderr } = await cli.run('serve', '--port', String(await freePort()), '--json');
      await putBack;
      expect(code).toBe(1);
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: 'STORE_REFUSED', message: expect.stringContaining('its epoch is 5, and was 0') },
      });
    } finally {
      await database.close();
    }
  });
});

test('of the process it is told what nobody has caught, which ends nothing by itself (REL-24)', () => {
  const told: unknown[] = [];
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  nodeCliIo().onUncaught((...it) => told.push(it));
  for (const [at, event] of events.entries()) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (before[at]?.includes(listener)) continue;
      listener(new Error(event), 'uncaughtException');
      process.off(event, listener);
    }
  }
  expect(told).toEqual([
    ['rejection', new Error('unhandledRejection')],
    ['exception', new Error('uncaughtException')],
  ]);
});
