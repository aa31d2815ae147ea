import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LOOPBACK } from '../machine/ports.ts';
import { postgresProgram, unprivilegedOwner, withoutRoot } from '../machine/programs.ts';
import type { Scratch } from '../machine/scratch.ts';

const run = promisify(execFile);

/** Where templates are kept from one run to the next: `initdb` takes a second of work, a copy a twentieth. */
const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/assent/', import.meta.url));

export const SUPERUSER = 'postgres';

const INITDB_ARGS: readonly string[] = [
  `--username=${SUPERUSER}`,
  '--auth=trust',
  '--encoding=UTF8',
  '--locale=C.UTF-8',
  // Small segments make a small template.
  '--wal-segsize=1',
  '--no-sync',
];

/** Its name tells which program made it, so that an update of PostgreSQL or of the arguments makes another one. */
const templateOf = (version: number): string => {
  const { size, mtimeMs } = statSync(postgresProgram(version, 'initdb'));
  const made = [version, size, Math.trunc(mtimeMs), process.getuid?.(), INITDB_ARGS.length].join('-');
  return join(CACHE, `postgres-${made}`);
};

const copy = (from: string, to: string): Promise<unknown> => run('cp', ['-a', '--reflink=auto', from, to]);

/** A copy of a cluster that serves on a port, with the signal that makes it a standby of that; returns where its data is. */
export const copyOfCluster = async (version: number, port: number, folder: string): Promise<string> => {
  const data = join(folder, 'data');
  const owner = unprivilegedOwner();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const args = ['-h', LOOPBACK, '-p', String(port), '-U', SUPERUSER, '-D', data];
  const [program, given] = withoutRoot(postgresProgram(version, 'pg_basebackup'), [
    ...args,
    '--write-recovery-conf',
    '--checkpoint=fast',
    '--no-sync',
  ]);
  await run(program, given, { cwd: folder });
  return data;
};

/** A new cluster in the folder of a server, ready to be started; returns where its data is. */
export const newCluster = async (version: number, scratch: Scratch, folder: string): Promise<string> => {
  const data = join(folder, 'data');
  const template = templateOf(version);
  if (existsSync(template)) {
    await copy(template, data);
    return data;
  }
  const owner = unprivilegedOwner();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const [program, args] = withoutRoot(postgresProgram(version, 'initdb'), [...INITDB_ARGS, `--pgdata=${data}`]);
  await run(program, args, { cwd: scratch.folder });
  mkdirSync(CACHE, { recursive: true });
  // Whoever comes first has made it; a half of a copy is never seen under the name.
  const half = `${template}.${process.pid}`;
  await copy(data, half);
  try {
    renameSync(half, template);
  } catch {
    rmSync(half, { recursive: true });
  }
  return data;
};
