import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, HaProxyServer, RedisServer } from '@assent/test-servers';
import type { Stored } from '../history.ts';
import type { Random } from '../random.ts';
import { Database } from './database.ts';
import { Instance } from './instance.ts';
import { Mailbox } from './mailbox.ts';
import { Network } from './network.ts';
import { type Provider, startGoogle } from './provider.ts';
import { type ReadRows, readSqlite, readStored } from './stored.ts';

export type StoreName = 'sqlite' | 'postgres';

export const ADMINISTRATOR = { name: 'amadmin', password: 'administrator of faults' } as const;

export interface ClusterOptions {
  readonly store: StoreName;
  readonly random: Random;
  /** With Redis as hint bus. */
  readonly hasRedis: boolean;
  /** Google where absent. */
  readonly startProvider?: () => Promise<Provider>;
  /** What serves to begin with, where that is another build than this one. */
  readonly program?: readonly string[];
}

/** A claim on an entry of the outbox, and the next look at it. */
const NOTICES_MILLIS = 60_000;
/** By when all are ready after whatever was broken, also on a machine with a lot to do. */
const READY_MILLIS = 180_000;
/** Both instances usually start within 4 seconds. */
const SLOW_START_MILLIS = 12_000;
const MASTER_KEY = Buffer.alloc(32, 5).toString('base64');

/** Two instances behind HAProxy, on a PostgreSQL of their own or on one SQLite file, and all that stands around them. */
export class Cluster {
  readonly store: StoreName;
  readonly am: string;
  readonly network: Network;
  readonly instances: readonly Instance[];
  readonly postgres: Database | undefined;
  readonly redis: RedisServer | undefined;
  readonly provider: Provider;
  readonly mailbox: Mailbox;
  readonly scratch: string;
  readonly #haproxy: HaProxyServer;
  readonly #rows: ReadRows;

  private constructor(parts: {
    readonly options: ClusterOptions;
    readonly scratch: string;
    readonly haproxy: HaProxyServer;
    readonly ports: readonly number[];
    readonly postgres: Database | undefined;
    readonly redis: RedisServer | undefined;
    readonly provider: Provider;
    readonly mailbox: Mailbox;
  }) {
    const { options, scratch, haproxy, ports, postgres, redis, provider, mailbox } = parts;
    this.store = options.store;
    this.scratch = scratch;
    this.#haproxy = haproxy;
    this.am = `http://127.0.0.1:${haproxy.port}/am`;
    this.postgres = postgres;
    this.redis = redis;
    this.provider = provider;
    this.mailbox = mailbox;
    this.network = new Network(options.random);
    this.instances = ports.map(
      (port, at) =>
        new Instance(port, {
          ASSENT_DATA_DIR: this.dataDir,
          ASSENT_MASTER_KEY: MASTER_KEY,
          ASSENT_PUBLIC_URL: this.am,
          ASSENT_TRUSTED_PROXIES: '127.0.0.1',
          ASSENT_ADMIN_PASSWORD: ADMINISTRATOR.password,
          ASSENT_INSECURE: 'true',
          ASSENT_INSTANCE: `instance-${at + 1}`,
          ASSENT_LOG_LEVEL: 'warn',
          // The proxy looks five times a second whether an instance wants requests, and twice before it believes that one does not.
          ASSENT_DRAIN_SECONDS: '2',
          ...(postgres && { ASSENT_DATABASE_URL: postgres.urlOf(at) }),
          ...(redis && { ASSENT_REDIS_URL: redis.url }),
          ...provider.env,
        }),
    );
    for (const instance of this.instances) instance.program = options.program ?? instance.program;
    this.#rows = postgres?.rows ?? readSqlite(this.databaseFile);
  }

  static async launch(options: ClusterOptions): Promise<Cluster> {
    const ports = [await freePort(), await freePort()] as const;
    const isPostgres = options.store === 'postgres';
    const [haproxy, postgres, redis, provider, mailbox] = await Promise.all([
      HaProxyServer.launch({ ports, healthPath: '/am/health/ready' }),
      isPostgres ? Database.launch(ports.length) : undefined,
      options.hasRedis ? RedisServer.launch({ kind: 'redis' }) : undefined,
      (options.startProvider ?? startGoogle)(),
      Mailbox.launch(),
    ]);
    const scratch = mkdtempSync(join(tmpdir(), 'assent-faults-'));
    const cluster = new Cluster({ options, scratch, haproxy, ports, postgres, redis, provider, mailbox });
    cluster.network.isOnSlowMachine = (await cluster.untilReady()) > SLOW_START_MILLIS;
    return cluster;
  }

  get dataDir(): string {
    return join(this.scratch, 'data');
  }

  get databaseFile(): string {
    return join(this.dataDir, 'assent.db');
  }

  /** What the database has, read past the instances and past the proxies. */
  async stored(): Promise<Stored> {
    // Notices leave soon after the commit that they are of (OPS-43). What an instance had taken when it was killed is taken by another in 30 seconds.
    const waiting = "SELECT COUNT(*) AS many FROM outbox WHERE kind = 'notice'";
    const since = performance.now();
    const isWaiting = async () => Number((await this.#rows(waiting))[0]?.many) > 0;
    while ((await isWaiting()) && performance.now() - since < NOTICES_MILLIS) await pause(200);
    return readStored(this.#rows, this.mailbox.addresses);
  }

  rows(sql: string): ReturnType<ReadRows> {
    return this.#rows(sql);
  }

  get kills(): number {
    return this.instances.reduce((sum, { kills }) => sum + kills, 0);
  }

  /**
   * Until each instance says that it is ready, and the proxy knows it; how long that took. What runs no more is brought back, as whatever
   * supervises a server does, also what ends meanwhile.
   */
  async untilReady(): Promise<number> {
    const since = performance.now();
    const isEverythingReady = async () => {
      await Promise.all(this.instances.map(supervised));
      const ready = await Promise.all(this.instances.map(({ port }) => isReady(port)));
      return ready.every((it) => it) && (await this.#haproxy.inRotation()) === this.instances.length;
    };
    while (!(await isEverythingReady())) {
      if (performance.now() - since > READY_MILLIS) throw new Error('An instance does not become ready.');
      await pause(50);
    }
    return performance.now() - since;
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.end('SIGKILL')));
    await Promise.all([
      this.#haproxy.kill(),
      this.postgres?.close(),
      this.redis?.kill(),
      this.provider.stop(),
      this.mailbox.close(),
    ]);
    rmSync(this.scratch, { recursive: true, force: true });
  }

  steerProvider(command: Parameters<Provider['steer']>[0], given: unknown = {}): Promise<void> {
    return this.provider.steer(command, given);
  }
}

/** As often as a supervisor tries before it gives up. */
const STARTS = 5;

const supervised = async (instance: Instance): Promise<void> => {
  for (let start = 0; start < STARTS; start += 1) {
    if (instance.isRunning || (await instance.start())) return;
    await pause(500);
  }
  throw new Error(`An instance does not start:\n${instance.output.slice(-4_000)}`);
};

const isReady = async (port: number): Promise<boolean> => {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/am/health/ready`, { signal: AbortSignal.timeout(3_000) });
    return status === 200;
  } catch {
    return false;
  }
};
