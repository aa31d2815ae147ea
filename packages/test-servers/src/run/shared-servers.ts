import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { postgresVersions } from '../machine/programs.ts';
import { Scratch } from '../machine/scratch.ts';
import { PostgresServer } from '../postgres/postgres-server.ts';
import {
  createDatabaseOn,
  type DatabaseOptions,
  type PostgresAddress,
  type TestDatabase,
} from '../postgres/test-database.ts';

/** Names the socket at which the processes of a run of the tests ask for what they share. */
const SOCKET = 'ASSENT_TEST_SERVERS_SOCKET';

/** Servers that are started when they are first asked for. */
class LazyServers {
  readonly #scratch = new Scratch();
  readonly #postgres = new Map<number, Promise<PostgresServer>>();

  get folder(): string {
    return this.#scratch.folder;
  }

  async postgres(version: number): Promise<PostgresAddress> {
    let server = this.#postgres.get(version);
    if (server === undefined) {
      server = PostgresServer.launch({ version, fsync: false, scratch: this.#scratch });
      this.#postgres.set(version, server);
    }
    return (await server).address;
  }

  close(): Promise<void> {
    return this.#scratch.close();
  }
}

/** Servers for the processes of a run, which ask for them by a socket; they last until `close`. */
export interface SharedServers {
  close(): Promise<void>;
}

/**
 * Lets this process and those that it starts share servers, until `close`. None is started before somebody asks. Undefined where a
 * process above this one does so already.
 */
export const shareServers = async (): Promise<SharedServers | undefined> => {
  if (process.env[SOCKET] !== undefined) return undefined;
  const servers = new LazyServers();
  const path = join(servers.folder, 'socket');
  const listener = createServer(({ url = '' }, response) => {
    servers.postgres(Number(url.slice(1))).then(
      (address) => response.end(JSON.stringify(address)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  listener.listen(path);
  await once(listener, 'listening');
  listener.unref();
  process.env[SOCKET] = path;
  return {
    close: async () => {
      delete process.env[SOCKET];
      listener.close();
      await servers.close();
    },
  };
};

const ask = async (socketPath: string, version: number): Promise<PostgresAddress> => {
  const asked = get({ socketPath, path: `/${version}`, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(answer);
  return JSON.parse(answer) as PostgresAddress;
};

let own: LazyServers | undefined;

const sharedPostgres = (version: number): Promise<PostgresAddress> => {
  const path = process.env[SOCKET];
  if (path !== undefined) return ask(path, version);
  own ??= new LazyServers();
  return own.postgres(version);
};

/**
 * A database that nobody else uses, on the PostgreSQL that all tests of a run share, which is started for the first of them. That server is
 * not to be stopped, and forgets what it was told when the machine loses power: a test of such things starts a `PostgresServer` of its own.
 */
export const createDatabase = async ({
  version = postgresVersions().at(-1),
  ...options
}: DatabaseOptions & { readonly version?: number } = {}): Promise<TestDatabase> => {
  if (version === undefined) throw new Error('There is no PostgreSQL in /usr/lib/postgresql.');
  return createDatabaseOn(await sharedPostgres(version), options);
};
