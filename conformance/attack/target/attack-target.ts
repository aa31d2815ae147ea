import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, HaProxyServer, PostgresServer, RedisServer } from '@assent/test-servers';
import { type ReadRows, readPostgres, readSqlite } from '../../faults/servers/stored.ts';
import { inPackages, type ReadyProcess, startReady } from '../../support/ready-process.ts';
import { sendByFetch } from '../../support/wire.ts';

const SERVER = inPackages('server/dist/bundle/serve-for-tests.js');

/** The origin whose pages may call the root realm. */
export const GOOD_ORIGIN = 'https://good.example';

/** What a server says of itself to whoever runs it. */
export interface Measures {
  /** How long its loop kept others waiting, for 99 of 100 looks; of several instances the slowest. */
  readonly loopP99Millis: number;
  readonly loopMaxMillis: number;
  /** What is alive in memory, of all instances. */
  readonly heapBytes: number;
}

/** What is attacked: one server on SQLite, or two instances on PostgreSQL that stand for one. */
export interface AttackTarget {
  /** With the context path and without a slash at its end. */
  readonly am: string;
  readonly instances: number;
  readonly administrator: { readonly name: string; readonly password: string };
  /** A user, past the API; absent where the administrator makes them. */
  readonly addUser?: (username: string, password: string, realm: string) => Promise<void>;
  /** With the shipped journeys and our own phone. */
  addRealm(realm: string): Promise<void>;
  /** The time of the server. */
  now(): number;
  /** Lets time pass; absent where nobody can. */
  readonly pass?: (millis: number) => Promise<void>;
  /** What was logged since this was asked last. */
  takeLog(): Promise<string>;
  /** What is stored, read past the server; absent where nothing of it can be read. */
  readonly rows?: ReadRows;
  /** Everything that lies in files, as somebody who steals the disk reads it; empty where the store is no file. */
  files(): readonly Buffer[];
  measures(): Promise<Measures | undefined>;
  /** How long the processors were busy with it since it began, in milliseconds; absent where it is not measured. */
  readonly busyMillis?: () => Promise<number>;
  /** The table of routes; absent where nobody asks for it. */
  readonly routes?: () => Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Ready {
  readonly am: string;
  readonly control: string;
  readonly now: number;
  readonly administrator: AttackTarget['administrator'];
}

/** Commands to a server of its own process; see serve-for-tests. */
class Steered {
  readonly ready: Ready;
  readonly #process: ReadyProcess;

  private constructor(process: ReadyProcess) {
    this.#process = process;
    this.ready = process.ready.ready as Ready;
  }

  static async start(flags: Readonly<Record<string, string>>): Promise<Steered> {
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    return new Steered(await startReady(SERVER, ['--cheap-hash', '--cors-origin', GOOD_ORIGIN, ...args]));
  }

  async control(command: string, given: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const url = `${this.ready.control}/${command}`;
    const { status, body } = await sendByFetch({ method: 'POST', url, body: given });
    if (status !== 200) throw new Error(`${command}: ${String(body.error ?? status)}`);
    return body;
  }

  stop(): Promise<void> {
    return this.#process.stop('SIGKILL');
  }
}

/** What several servers in front of the same data are together. */
const steeredTarget = (
  servers: readonly [Steered, ...Steered[]],
  am: string,
  more: Pick<AttackTarget, 'rows' | 'files' | 'close'>,
): AttackTarget => {
  const [first] = servers;
  let passed = 0;
  const ofAll = <T>(ask: (server: Steered) => Promise<T>): Promise<readonly T[]> => Promise.all(servers.map(ask));
  return {
    ...more,
    am,
    instances: servers.length,
    administrator: first.ready.administrator,
    async addUser(username, password, realm) {
      await first.control('user', { realm, username, password });
    },
    async addRealm(realm) {
      await first.control('realm', { realm });
      await first.control('push-service', { realm, config: { delegateFactory: 'relay' } });
      // The others read the configuration once a second.
      if (servers.length > 1) await pause(1_500);
    },
    now: () => Math.max(...servers.map(({ ready }) => ready.now)) + passed,
    async pass(millis) {
      passed += millis;
      await ofAll((server) => server.control('advance', { millis }));
    },
    async takeLog() {
      const logs = await ofAll((server) => server.control('take-log'));
      return logs
        .flatMap(({ lines }) => lines as readonly object[])
        .map((line) => JSON.stringify(line))
        .join('\n');
    },
    async measures() {
      const delays = await ofAll((server) => server.control('loop'));
      const heaps = await ofAll((server) => server.control('heap'));
      // Looking at the memory keeps the loop, too.
      await ofAll((server) => server.control('loop'));
      return {
        loopP99Millis: Math.max(...delays.map(({ p99Millis }) => Number(p99Millis))),
        loopMaxMillis: Math.max(...delays.map(({ maxMillis }) => Number(maxMillis))),
        heapBytes: heaps.reduce((sum, { bytes }) => sum + Number(bytes), 0),
      };
    },
    busyMillis: async () => {
      const busy = await ofAll((server) => server.control('busy'));
      return busy.reduce((sum, { millis }) => sum + Number(millis), 0);
    },
    routes: async () => (await first.control('routes')).routes as readonly string[],
  };
};

/** Everything in a directory. */
const filesIn = (directory: string): readonly Buffer[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));

export type LogLevel = 'trace' | 'info';

/** One server on a database file of its own. */
export const startOnSqlite = async (logLevel: LogLevel = 'trace'): Promise<AttackTarget> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-attack-'));
  const server = await Steered.start({ 'data-dir': dataDir, 'log-level': logLevel }).catch((error: unknown) => {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  });
  return steeredTarget([server], server.ready.am, {
    rows: readSqlite(join(dataDir, 'assent.db')),
    files: () => filesIn(dataDir),
    async close() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  });
};

/** Two instances behind a proxy that knows no cookie, on one PostgreSQL, with Redis for hints. */
export const startCluster = async (logLevel: LogLevel = 'trace'): Promise<AttackTarget> => {
  const ports = [await freePort(), await freePort()] as const;
  const postgres = await PostgresServer.launch({ fsync: false });
  const [database, redis, proxy] = await Promise.all([
    postgres.createDatabase(),
    RedisServer.launch({ kind: 'redis' }),
    HaProxyServer.launch({ ports, healthPath: '/am/health/ready' }),
  ]);
  const am = `http://localhost:${proxy.port}/am`;
  const start = (port: number) =>
    Steered.start({
      port: String(port),
      'public-url': am,
      'database-url': database.url,
      'redis-url': redis.url,
      'trusted-proxy': '127.0.0.1',
      'log-level': logLevel,
    });
  // One after the other: what the first has made the second reads at its start.
  const first = await start(ports[0]);
  const second = await start(ports[1]);
  while ((await proxy.inRotation()) < ports.length) await pause(50);
  // Their clocks stand still at the moment of their starts, which were not one.
  await first.control('advance', { millis: second.ready.now - first.ready.now });
  return steeredTarget([first, second], am, {
    rows: readPostgres(database.url),
    files: () => [],
    async close() {
      await Promise.all([first.stop(), second.stop()]);
      await Promise.all([proxy.kill(), redis.kill(), postgres.kill()]);
    },
  });
};
