import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jsonObject, sendByFetch } from './wire.ts';

const inPackages = (path: string): string => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));
const SERVER = inPackages('server/dist/testing/serve-for-tests.js');
const SNS_FAKE = inPackages('push/dist/testing/sns-fake-main.js');

/** A child process that says in its first line, as JSON, that it is ready. */
interface ReadyProcess {
  readonly ready: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

const startReady = async (script: string, args: readonly string[]): Promise<ReadyProcess> => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(ASSENT_|AWS_|VITEST)/.test(name)));
  const child: ChildProcess = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('The child process has no output.');
  let complaints = '';
  stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk}`.slice(-4_096);
  });
  const ended = once(child, 'close');
  const line = await Promise.race([
    once(createInterface({ input: stdout }), 'line').then(([first]) => String(first)),
    ended.then(([code]) => {
      throw new Error(`${script} ended with ${code} before it was ready:\n${complaints}`);
    }),
  ]);
  return {
    ready: jsonObject(line),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** A started server with a clock that can be moved, and a provider that can be made to fail. */
export interface ClockedServer {
  readonly am: string;
  /** The time at its start. */
  readonly startedAt: number;
  readonly administrator: { readonly name: string; readonly password: string };
  readonly providerUrl: string;
  /** Steers the server from outside; see the commands of the server for tests. */
  control(command: string, given?: object): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** Starts both on free ports; the data is in memory, or in SQLite in the directory. */
export const startClockedServer = async (options: { readonly dataDir?: string } = {}): Promise<ClockedServer> => {
  const provider = await startReady(SNS_FAKE, []);
  const providerUrl = String(provider.ready.endpoint);
  const server = await startReady(SERVER, [
    '--cheap-hash',
    '--sns-endpoint',
    providerUrl,
    ...(options.dataDir === undefined ? [] : ['--data-dir', options.dataDir]),
  ]).catch(async (error: unknown) => {
    await provider.stop();
    throw error;
  });
  const ready = server.ready.ready as {
    readonly am: string;
    readonly control: string;
    readonly now: number;
    readonly administrator: ClockedServer['administrator'];
  };
  return {
    am: ready.am,
    startedAt: ready.now,
    administrator: ready.administrator,
    providerUrl,
    async control(command, given = {}) {
      const { status, body } = await sendByFetch({ method: 'POST', url: `${ready.control}/${command}`, body: given });
      if (status !== 200) throw new Error(`${command}: ${String(body.error ?? status)}`);
      return body;
    },
    async close() {
      await Promise.all([server.stop(), provider.stop()]);
    },
  };
};
