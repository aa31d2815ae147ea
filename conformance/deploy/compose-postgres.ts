import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PostgresServer, type Scratch, unprivilegedOwner, withoutRoot } from '@assent/test-servers';
import { type ComposeFile, DEPLOY } from './compose-file.ts';

/** The service `postgres` of a compose file, with what its image does for it. */
export interface ComposePostgres {
  readonly server: PostgresServer;
  /** What the administrator asks, who comes by the socket alone. */
  query(sql: string): string;
}

/** A copy that is the database's user's alone, as the server and its tools demand of keys. */
const ownedByPostgres = (file: string, folder: string): string => {
  const copy = join(folder, basename(file));
  copyFileSync(file, copy);
  chmodSync(copy, 0o600);
  const owner = unprivilegedOwner();
  if (owner !== undefined) chownSync(copy, owner.uid, owner.gid);
  return copy;
};

/** Starts it with the settings of its command, and fills it as the image fills a new volume. */
export const startComposePostgres = async (
  compose: ComposeFile,
  { scratch, port }: { readonly scratch: Scratch; readonly port: number },
): Promise<ComposePostgres> => {
  const service = compose.service('postgres');
  const folder = scratch.folderFor('postgres-files');
  const owner = unprivilegedOwner();
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  const settings = service.command
    .filter((word) => word.includes('='))
    .map((word) => word.split('=') as [string, string])
    .map(([setting, value]) => {
      const file = compose.withFiles(service, value);
      return [setting, file === value ? value : ownedByPostgres(file, folder)] as const;
    });
  const server = await PostgresServer.launch({
    fsync: false,
    port,
    scratch,
    settings: { ...Object.fromEntries(settings), unix_socket_directories: folder },
  });
  const psql = (...args: readonly string[]): string => {
    const who = ['--host', folder, '--port', String(port), '--username', 'postgres', '--set', 'ON_ERROR_STOP=1'];
    const [program, given] = withoutRoot('psql', [...who, ...args]);
    return execFileSync(program, given, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
  };
  const sql = ownedByPostgres(join(DEPLOY, 'compose/database.sql'), folder);
  const password = ownedByPostgres(compose.secretFile('postgres-role-password'), folder);
  writeFileSync(sql, readFileSync(sql, 'utf8').replace('/run/secrets/postgres-role-password', password));
  psql('--file', sql);
  return { server, query: (text) => psql('-At', '--command', text) };
};
