import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { jsonObject } from './wire.ts';

/** A built file of a package of ours. */
export const inPackages = (path: string): string => fileURLToPath(new URL(`../../packages/${path}`, import.meta.url));

/** A child process that says in its first line, as JSON, that it is ready. */
export interface ReadyProcess {
  readonly ready: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** By SIGTERM where no other signal is named. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a script and waits for that line. */
export const startReady = async (script: string, args: readonly string[]): Promise<ReadyProcess> => {
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
    pid: child.pid ?? 0,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
};
