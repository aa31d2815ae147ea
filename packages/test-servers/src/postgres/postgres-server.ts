import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, LOOPBACK } from '../machine/ports.ts';
import { postgresProgram, postgresVersions, withoutRoot } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { ServerProcess } from '../machine/server-process.ts';
import { copyOfCluster, newCluster, SUPERUSER } from './cluster-template.ts';
import {
  asSuperuser,
  createDatabaseOn,
  type DatabaseOptions,
  type PostgresAddress,
  type TestDatabase,
} from './test-database.ts';

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
  /** A free one of the loopback interface where absent. */
  readonly port?: number;
  readonly scratch?: Scratch;
}

/** Where one has its data, and its port. */
interface Place {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
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

const writeSettings = (data: string, settings: Readonly<Record<string, string>>): void => {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  // Of what is there twice the last counts.
  appendFileSync(join(data, 'postgresql.auto.conf'), lines.join(''));
};

/** A PostgreSQL of one's own, on a free port of the loopback interface. */
export class PostgresServer extends ServerProcess {
  readonly address: PostgresAddress;
  readonly #version: number;
  readonly #scratch: Scratch;

  private constructor(version: number, scratch: Scratch, { folder, data, port }: Place) {
    super({
      name: `PostgreSQL ${version}`,
      folder,
      command: withoutRoot(postgresProgram(version, 'postgres'), ['-D', data]),
      isReady: (id) => isReady(data, id),
      // A "fast" stop: it waits for no client.
      stopSignal: 'SIGINT',
    });
    this.address = { host: LOOPBACK, port, superuser: SUPERUSER };
    this.#version = version;
    this.#scratch = scratch;
  }

  static async launch(options: PostgresOptions): Promise<PostgresServer> {
    const scratch = options.scratch ?? scratchOfProcess();
    const version = options.version ?? postgresVersions().at(-1);
    if (version === undefined) throw new Error('There is no PostgreSQL in /usr/lib/postgresql.');
    const folder = scratch.folderFor(`postgres-${version}`);
    const [data, port] = await Promise.all([newCluster(version, scratch, folder), options.port ?? freePort()]);
    writeSettings(data, settingsOf(options, port));
    const server = new PostgresServer(version, scratch, { folder, data, port });
    await server.start();
    return server;
  }

  /** One that follows it without being waited for: it may be behind. `through`: the port by which it hears of what happens here. */
  async launchStandby(through: number): Promise<PostgresServer> {
    const folder = this.#scratch.folderFor(`postgres-${this.#version}`);
    const [data, port] = await Promise.all([copyOfCluster(this.#version, through, folder), freePort()]);
    writeSettings(data, { port: String(port) });
    const standby = new PostgresServer(this.#version, this.#scratch, { folder, data, port });
    await standby.start();
    return standby;
  }

  /** Makes a standby one that is written to, with all that it has heard. */
  promote(): Promise<void> {
    return asSuperuser(this.address, 'SELECT pg_promote()');
  }

  createDatabase(options?: DatabaseOptions): Promise<TestDatabase> {
    return createDatabaseOn(this.address, options);
  }

  /** An "immediate" stop: it leaves everything as it is, and the next start recovers. */
  crash(): Promise<void> {
    return this.endBy('SIGQUIT');
  }
}
