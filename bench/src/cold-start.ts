import { once } from 'node:events';
import { join } from 'node:path';
import type { Pinning } from './pinning.ts';
import { freePorts } from './ports.ts';
import { endProcess, spawnNode } from './server-process.ts';

/** Seconds from starting `assent serve` in an empty data directory until it listens and says so. */
export const coldStart = async (scratch: string, name: string, pinning: Pinning | undefined): Promise<number> => {
  const [port = 0] = await freePorts(1);
  const startedAt = performance.now();
  const args = ['packages/cli/bin/assent.cjs', 'serve', '--json', '--port', String(port), '--drain-seconds', '0'];
  const child = spawnNode([...args, '--data-dir', join(scratch, name)], pinning, 'pipe');
  try {
    let said = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
        if (said.includes('"ready"')) resolve();
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
      once(child, 'exit').then(() => reject(new Error(`assent serve ended: ${said.slice(-2_000)}`)), reject);
    });
    return (performance.now() - startedAt) / 1_000;
  } finally {
    await endProcess(child);
  }
};
