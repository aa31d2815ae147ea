import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isListening, LOOPBACK } from '../machine/ports.ts';
import { findProgram, unprivilegedOwner, withoutRoot } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { type ServerCommand, ServerProcess } from '../machine/server-process.ts';
import type { PostgresAddress } from '../postgres/test-database.ts';

export interface PgBouncerOptions {
  /** The PostgreSQL behind it. */
  readonly postgres: PostgresAddress;
  /** Connections to the database, for each user of each database; 10 where absent. */
  readonly poolSize?: number;
  /** Further lines of the section `[pgbouncer]`, such as `query_wait_timeout = 1`. */
  readonly settings?: readonly string[];
  readonly scratch?: Scratch;
}

/** A PgBouncer that lends a connection for a transaction, for every database of a PostgreSQL. */
export class PgBouncerServer extends ServerProcess {
  readonly port: number;

  private constructor(port: number, command: ServerCommand) {
    super(command);
    this.port = port;
  }

  static async launch({
    postgres,
    poolSize = 10,
    settings = [],
    scratch = scratchOfProcess(),
  }: PgBouncerOptions): Promise<PgBouncerServer> {
    const folder = scratch.folderFor('pgbouncer');
    const port = await freePort();
    const file = join(folder, 'pgbouncer.ini');
    const users = join(folder, 'users.txt');
    writeFileSync(users, `"${postgres.superuser}" ""\n`);
    const lines = [
      '[databases]',
      `* = host=${postgres.host} port=${postgres.port}`,
      '[pgbouncer]',
      `listen_addr = ${LOOPBACK}`,
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'pool_mode = transaction',
      `default_pool_size = ${poolSize}`,
      'auth_type = trust',
      `auth_file = ${users}`,
      // Whoever is not in the file is looked up in the database, where each test has a user of its own.
      `auth_user = ${postgres.superuser}`,
      'server_login_retry = 1',
      ...settings,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const owner = unprivilegedOwner();
    if (owner !== undefined) for (const path of [folder, file, users]) chownSync(path, owner.uid, owner.gid);
    const server = new PgBouncerServer(port, {
      name: 'PgBouncer',
      folder,
      command: withoutRoot(findProgram('pgbouncer') ?? 'pgbouncer', [file]),
      isReady: () => isListening(port),
      // It waits for no transaction, where a gentle stop would.
      stopSignal: 'SIGQUIT',
    });
    await server.start();
    return server;
  }

  /** The address of a database by way of it. */
  urlThrough(url: string): string {
    const through = new URL(url);
    through.host = `${LOOPBACK}:${this.port}`;
    return through.href;
  }
}
