import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps each version of PostgreSQL; its programs are on no PATH. */
const POSTGRES_ROOT = '/usr/lib/postgresql';

/** Folders of servers that the PATH of a user often lacks. */
const SERVER_FOLDERS: readonly string[] = ['/usr/sbin', '/usr/local/sbin'];

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a program is; undefined where it is not installed. */
export const findProgram = (name: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS]
    .map((folder) => join(folder, name))
    .find((file) => isProgram(file));

/** The programs of one version of PostgreSQL. */
export const postgresProgram = (version: number, name: string): string =>
  join(POSTGRES_ROOT, String(version), 'bin', name);

/** The versions of PostgreSQL that are installed, the oldest first. */
export const postgresVersions = (): readonly number[] => {
  try {
    return readdirSync(POSTGRES_ROOT)
      .map(Number)
      .filter((version) => Number.isInteger(version) && isProgram(postgresProgram(version, 'postgres')))
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
};

/** The user that servers run as which refuse to be root. */
const UNPRIVILEGED = 'postgres';

const isRoot = (): boolean => process.getuid?.() === 0;

/** User and group of the servers that refuse root; undefined where this process is not root either and they run as it does. */
export const unprivilegedOwner = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (!isRoot()) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((it) => it.startsWith(`${UNPRIVILEGED}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(`There is no user "${UNPRIVILEGED}", as whom servers run here that refuse to be root.`);
  }
  return { uid: Number(uid), gid: Number(gid) };
};

/** The command that runs a program as somebody who is not root; the program itself has the process id of the command. */
export const withoutRoot = (program: string, args: readonly string[]): readonly [string, readonly string[]] => {
  const owner = unprivilegedOwner();
  if (owner === undefined) return [program, args];
  return ['setpriv', [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', program, ...args]];
};
