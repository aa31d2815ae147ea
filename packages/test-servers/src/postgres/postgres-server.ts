import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, LOOPBACK } from '../machine/ports.ts';
import { postgresProgram, postgresVersions, withoutRoot } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { type ServerCommand, ServerProcess } from '../machine/server-process.ts';
import { newCluster, SUPERUSER } from './cluster-template.ts';
import { createDatabaseOn, type DatabaseOptions, type PostgresAddress, type TestDatabase } from './test-database.ts';

export interface PostgresOptions {
  /** The newest that is installed where absent. */
  readonly version?: number;
  /**
   * Whether commits reach the disk. Without it they outlive every death of a process, `kill` too, and not that of the machine: only a
   * test that says something about lost power or about the time of a commit needs it.
   */
  readonly fsync: boolean;
  /** Settings of `postgresql.conf`, such as `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly scratch?: Scratch;
}

const settingsOf = ({ fsync, settings }: PostgresOptions, port: number): Readonly<Record<string, string>> => ({
  listen_addresses: LOOPBACK,
  port: String(port),
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '64MB',
  jit: 'off',
  ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
  ...settings,
});

/** The pid file ends with the state, which is how `pg_ctl` sees it too. One that was killed has left the file of its own. */
const isReady = (data: string, id: number): boolean => {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0] === String(id) && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
};

/** A PostgreSQL of one's own, on a free port of the loopback interface. */
export class PostgresServer extends ServerProcess {
  readonly address: PostgresAddress;

  private constructor(address: PostgresAddress, command: ServerCommand) {
    super(command);
    this.address = address;
  }

  static async launch(options: PostgresOptions): Promise<PostgresServer> {
    const scratch = options.scratch ?? scratchOfProcess();
    const version = options.version ?? postgresVersions().at(-1);
    if (version === undefined) throw new Error('There is no PostgreSQL in /usr/lib/postgresql.');
    const folder = scratch.folderFor(`postgres-${version}`);
    const [data, port] = await Promise.all([newCluster(version, scratch, folder), freePort()]);
    const settings = Object.entries(settingsOf(options, port)).map(([name, value]) => `${name} = '${value}'\n`);
    writeFileSync(join(data, 'postgresql.auto.conf'), settings.join(''));
    const server = new PostgresServer(
      { host: LOOPBACK, port, superuser: SUPERUSER },
      {
        name: `PostgreSQL ${version}`,
        folder,
        command: withoutRoot(postgresProgram(version, 'postgres'), ['-D', data]),
        isReady: (id) => isReady(data, id),
        // A "fast" stop: it waits for no client.
        stopSignal: 'SIGINT',
      },
    );
    await server.start();
    return server;
  }

  createDatabase(options?: DatabaseOptions): Promise<TestDatabase> {
    return createDatabaseOn(this.address, options);
  }

  /** An "immediate" stop: it leaves everything as it is, and the next start recovers. */
  crash(): Promise<void> {
    return this.endBy('SIGQUIT');
  }
}
