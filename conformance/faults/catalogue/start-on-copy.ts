import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@assent/test-servers';
import type { FaultSession } from '../fault-session.ts';
import { Instance } from '../servers/instance.ts';

/** The file of SQLite. */
export const DATABASE = 'assent.db';

/** An instance beside the two, on a copy of their files in that folder: whether it starts, and what it says. */
export const startOnCopy = async (
  session: FaultSession,
  folder: string,
  damage: (file: string) => unknown,
  change: (instance: Instance) => unknown = () => {},
): Promise<{ readonly isStarted: boolean; readonly said: string }> => {
  const { cluster } = session;
  mkdirSync(folder, { recursive: true });
  for (const file of cluster.store === 'sqlite' ? readdirSync(cluster.dataDir) : []) {
    const from = join(cluster.dataDir, file);
    if (statSync(from).isFile()) copyFileSync(from, join(folder, file));
  }
  await damage(join(folder, DATABASE));
  const [first] = cluster.instances;
  const instance = new Instance(await freePort(), { ...first?.env, ASSENT_DATA_DIR: folder });
  await change(instance);
  const isStarted = await instance.start();
  await instance.end('SIGKILL');
  return { isStarted, said: instance.output.trim() };
};

/** A sentence that tells what to do, and no stack alone. */
export const firstWords = (said: string): string =>
  /[A-Z]\w*(?:Refused|Failure|Error|Unavailable)?: [^\n]{10,100}/.exec(said)?.[0] ?? said.slice(0, 100);
