import { setTimeout as pause } from 'node:timers/promises';
import { FaultProxy, PostgresServer } from '@assent/test-servers';
import { type ReadRows, readPostgres } from './stored.ts';

const LOOK_AGAIN_MILLIS = 20;
/** A standby has nearly nothing to catch up with. */
const LOOKS = 1_000;

/** A PostgreSQL that may be killed, and the way to it of each instance, which may be broken. */
export class Database {
  readonly proxies: readonly FaultProxy[];
  readonly #name: string;
  #server: PostgresServer;

  private constructor(server: PostgresServer, name: string, proxies: readonly FaultProxy[]) {
    this.#server = server;
    this.#name = name;
    this.proxies = proxies;
  }

  static async launch(instances: number): Promise<Database> {
    const server = await PostgresServer.launch({ fsync: false });
    const { name } = await server.createDatabase();
    const proxies: FaultProxy[] = [];
    while (proxies.length < instances) proxies.push(await FaultProxy.launch(server.address.port));
    return new Database(server, name, proxies);
  }

  /** The one that is written to. */
  get server(): PostgresServer {
    return this.#server;
  }

  /** Past the proxies, as somebody who may do everything. */
  get superuserUrl(): string {
    const { host, port, superuser } = this.#server.address;
    return `postgres://${superuser}@${host}:${port}/${this.#name}`;
  }

  /** As an instance connects, by a proxy of its own. */
  urlOf(instance: number): string {
    return `postgres://${this.#name}@127.0.0.1:${this.proxies[instance]?.port}/${this.#name}`;
  }

  readonly rows: ReadRows = (sql) => readPostgres(this.superuserUrl)(sql);

  /**
   * Fails over to a standby that hears nothing for the last moments of the one that dies. `loses` is told when the standby has all, which
   * is shortly before those moments; `isDead` before anybody can write to the standby.
   */
  async failOver(behindMillis: number, { loses, isDead }: { loses(): void; isDead(): void }): Promise<void> {
    const old = this.#server;
    const way = await FaultProxy.launch(old.address.port);
    try {
      const standby = await old.launchStandby(way.port);
      await this.#untilCaughtUp();
      loses();
      await pause(behindMillis / 4);
      way.fault = { kind: 'hold' };
      await pause(behindMillis);
      await old.kill();
      isDead();
      await standby.promote();
      this.#server = standby;
    } finally {
      await way.close();
    }
    for (const proxy of this.proxies) {
      proxy.target = this.#server.address.port;
      proxy.breakAll();
    }
  }

  async #untilCaughtUp(): Promise<void> {
    const behind = "SELECT count(*) AS many FROM pg_stat_replication WHERE state = 'streaming'";
    for (let look = 0; look < LOOKS; look += 1) {
      if (Number((await this.rows(behind))[0]?.many) > 0) return;
      await pause(LOOK_AGAIN_MILLIS);
    }
    throw new Error('The standby does not catch up.');
  }

  async close(): Promise<void> {
    for (const proxy of this.proxies) await proxy.close();
    await this.#server.kill();
  }
}
