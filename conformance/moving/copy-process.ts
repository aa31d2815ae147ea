import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ASSENT } from '../support/server-process.ts';

/** A line of `assent store copy --json`. */
export interface CopyLine {
  readonly begun?: { readonly isNew: boolean };
  readonly copied?: { readonly table: string; readonly rows: number };
  readonly compared?: { readonly name: string; readonly rows: number };
  readonly difference?: { readonly table: string; readonly key?: string; readonly problem: string };
}

/** In how many milliseconds from this line on the process is killed; not by it where undefined. */
export type KillAt = (line: CopyLine) => number | undefined;

export interface CopyRun {
  /** `undefined` where it was killed. */
  readonly code: number | undefined;
  readonly lines: readonly CopyLine[];
  readonly stderr: string;
  readonly seconds: number;
  /** The most that it had in memory, as far as it was looked at. */
  readonly peakBytes: number;
}

const LOOK_MILLIS = 100;

/** Where the system tells it, which is Linux alone. */
const peakOf = (pid: number): number => {
  try {
    const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0;
  }
};

/** Runs the command to its end, or until it is killed by SIGKILL. */
export const runCopy = async (
  { dataDir, url }: { readonly dataDir: string; readonly url: string },
  killAt: KillAt = () => undefined,
): Promise<CopyRun> => {
  const since = performance.now();
  const child = spawn(
    process.execPath,
    [ASSENT, 'store', 'copy', '--from', dataDir, '--to', url, '--json'],
    // Nothing else that somebody has set here.
    { env: { PATH: process.env.PATH ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0));
  }, LOOK_MILLIS);
  let kill: NodeJS.Timeout | undefined;
  const lines: CopyLine[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as CopyLine;
    lines.push(line);
    const millis = killAt(line);
    if (millis !== undefined) kill ??= setTimeout(() => child.kill('SIGKILL'), millis);
  }
  const [code] = await closed;
  clearInterval(look);
  clearTimeout(kill);
  const seconds = (performance.now() - since) / 1_000;
  return { code: (code as number | null) ?? undefined, lines, stderr, seconds, peakBytes };
};
