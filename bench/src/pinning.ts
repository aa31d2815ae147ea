import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseCores } from './core-list.ts';

/** Which cores the servers and the load get; undefined where this system cannot tell processes apart by core. */
export interface Pinning {
  readonly servers: number;
  readonly load: number;
  /** What this process had before, in the words of `taskset`. */
  readonly all: string;
}

/** Moves this process to a core of its own, where there are two and `taskset` exists. */
export const pinLoad = (): Pinning | undefined => {
  if (availableParallelism() < 2) return undefined;
  const pid = String(process.pid);
  const shown = spawnSync('taskset', ['-cp', pid], { encoding: 'utf8' });
  if (shown.status !== 0) return undefined;
  const all = shown.stdout.slice(shown.stdout.lastIndexOf(':') + 1).trim();
  const [servers, load] = parseCores(all);
  if (servers === undefined || load === undefined) return undefined;
  return spawnSync('taskset', ['-acp', String(load), pid]).status === 0 ? { servers, load, all } : undefined;
};

/** Gives this process, and what it starts from now on, all its cores again. */
export const unpin = ({ all }: Pinning): void => void spawnSync('taskset', ['-acp', all, String(process.pid)]);
