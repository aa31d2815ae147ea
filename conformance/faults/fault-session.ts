import { setTimeout as pause } from 'node:timers/promises';
import { asAdministrator } from '../support/administrator.ts';
import { jsonObject, type Send, sendByFetch } from '../support/wire.ts';
import { type Finding, findings } from './checker.ts';
import { addressOf, History } from './history.ts';
import { Load } from './people/load.ts';
import { PASSWORD } from './people/person.ts';
import { Random } from './random.ts';
import { secretsIn } from './secrets-in-text.ts';
import { ADMINISTRATOR, Cluster, type ClusterOptions } from './servers/cluster.ts';
import type { FaultPoint, Instance } from './servers/instance.ts';
import type { Excuse, Network } from './servers/network.ts';

export interface SessionOptions extends Omit<ClusterOptions, 'random'> {
  readonly seed: number;
  readonly perSecond: number;
  readonly people: number;
}

/** What is left of a fault when it is over: nothing, or what went wrong. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly unexplained: readonly string[];
}

/** For a point that nobody comes to, such as one of a persona that is drawn now and then. */
const POINT_MILLIS = 90_000;

/** Servers, the people who log in at them, and what all of them were told: where faults are injected. */
export class FaultSession {
  readonly cluster: Cluster;
  readonly load: Load;
  readonly history: History;
  readonly random: Random;
  readonly seed: number;
  readonly #told = new Set<string>();
  #databaseKills = 0;

  private constructor(cluster: Cluster, load: Load, history: History, seed: number, random: Random) {
    this.seed = seed;
    this.cluster = cluster;
    this.load = load;
    this.history = history;
    this.random = random;
  }

  static async begin({ seed, perSecond, people, ...options }: SessionOptions): Promise<FaultSession> {
    const random = new Random(seed);
    const cluster = await Cluster.launch({ ...options, random: new Random(seed + 1) });
    try {
      const administered = { am: cluster.am, administrator: ADMINISTRATOR, send: sendByFetch };
      const { service: push } = cluster.provider;
      const { port } = cluster.mailbox;
      const email = { hostname: '127.0.0.1', port, sslState: 'Non SSL', from: 'login@example.com' };
      for (const { type, config } of [push, { type: 'email', config: email }]) {
        const path = `/json/realms/root/realm-config/services/${type}`;
        const { status, body } = await asAdministrator(administered, 'PUT', path, config);
        if (status >= 300) throw new Error(`The service ${type} was refused: ${JSON.stringify(body)}`);
      }
      // The other instance reads the configuration once a second.
      await pause(1_500);
      const history = new History();
      const load = new Load({
        am: cluster.am,
        network: cluster.network,
        history,
        random,
        perSecond,
        delivered: (token) => cluster.provider.delivered(token),
        addUser: (username) => addUser(cluster, username),
      });
      await load.invite(people);
      return new FaultSession(cluster, load, history, seed, random);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** One of the two, drawn. */
  someInstance(): Instance {
    return this.cluster.instances[this.random.below(this.cluster.instances.length)] as Instance;
  }

  /**
   * Lets the instance that comes there first run into a point that ends it, and starts it again. False where nobody came by in time.
   * Whoever was told nothing asks again, and has to get on: that is all that a killed instance excuses.
   */
  async killAt(point: Omit<FaultPoint, 'action'>, by?: string, millis = POINT_MILLIS): Promise<boolean> {
    const { instances, network } = this.cluster;
    const mended = network.breaks('answers');
    try {
      for (const instance of instances) instance.arm({ ...point, action: 'kill' });
      // Somebody who comes by there, beside all others.
      if (by !== undefined) void this.load.honestly(by);
      const isKilled = await Promise.any(
        instances.map(async (instance) => {
          if (!(await instance.untilGone(millis))) throw new Error('It lives.');
          return true;
        }),
      ).catch(() => false);
      for (const instance of instances) instance.arm();
      await this.cluster.untilReady();
      return isKilled;
    } finally {
      mended();
    }
  }

  async kill(instance: Instance): Promise<void> {
    const mended = this.cluster.network.breaks('answers');
    try {
      await instance.end('SIGKILL');
      await this.cluster.untilReady();
    } finally {
      mended();
    }
  }

  /** Kills PostgreSQL with all its processes, and starts it again at once. */
  async killDatabase(): Promise<void> {
    const server = this.cluster.postgres?.server;
    if (server === undefined) throw new Error('There is no PostgreSQL.');
    await this.whileBroken('answers', async () => {
      await server.kill();
      this.#databaseKills += 1;
      await server.start();
      await this.cluster.untilReady();
    });
  }

  get kills(): number {
    return this.cluster.kills + this.#databaseKills;
  }

  /** Breaks something for as long as `work` takes. */
  async whileBroken<T>(excuse: Excuse, work: () => Promise<T>): Promise<T> {
    const mended = this.cluster.network.breaks(excuse);
    try {
      return await work();
    } finally {
      mended();
    }
  }

  /** Everybody comes to an end, and logs in once more where that came to nothing; then what was told is held against what is stored. */
  async judge(): Promise<Judgement> {
    await this.load.end();
    this.cluster.network.isWhole();
    // What came with the last answers may be under way to the database: marks of deliveries, a sweep.
    await pause(100);
    await this.load.returned();
    const stored = await this.cluster.stored();
    const found = findings(this.history.told, stored).filter((it) => this.#isNew(`${it.kind} ${it.text}`));
    const shapes = await this.#shapes();
    const unexplained = [...this.cluster.network.unexplained.splice(0), ...this.#logged(), ...shapes];
    return { findings: found, unexplained };
  }

  #isNew(text: string): boolean {
    if (this.#told.has(text)) return false;
    this.#told.add(text);
    return true;
  }

  /** I5: nothing that somebody could use is in what the instances print. */
  #logged(): readonly string[] {
    const secrets = [
      PASSWORD,
      ADMINISTRATOR.password,
      ...this.history.told.flatMap((it) => ('token' in it ? it.token : 'code' in it ? (it.code ?? []) : [])),
      ...this.load.people.flatMap(({ codes }) => codes),
    ];
    return this.cluster.instances
      .flatMap((instance) => secretsIn(instance.takeOutput(), secrets))
      .filter((secret) => this.#isNew(`log ${secret}`))
      .map((secret) => `I5: ${secret.slice(0, 4)}… is in the log`);
  }

  /** I7: a wrong password and a wrong name look the same. */
  async #shapes(): Promise<readonly string[]> {
    const send = sendOver(this.cluster.network);
    const shapeOf = async (username: string) => {
      const url = `${this.cluster.am}/json/realms/root/authenticate?authIndexType=service&authIndexValue=Login`;
      const headers = {
        'accept-api-version': 'protocol=1.0,resource=2.1',
        'x-forwarded-for': `10.200.${this.random.below(255)}.1`,
      };
      const first = await send({ method: 'POST', url, headers, body: {} });
      const callbacks = (first.body.callbacks as { type: string; input: { value: unknown }[] }[]).map((it) => ({
        ...it,
        input: it.input.map((input) => ({ ...input, value: it.type === 'NameCallback' ? username : 'wrong password' })),
      }));
      const { status, body } = await send({ method: 'POST', url, headers, body: { ...first.body, callbacks } });
      return JSON.stringify([status, { ...body, authId: undefined }]);
    };
    const known = this.load.people[0]?.name ?? 'person-1';
    const [wrong, nobody] = [await shapeOf(known), await shapeOf('nobody at all')];
    return wrong === nobody ? [] : [`I7: a wrong password is ${wrong}, and a wrong name ${nobody}`];
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}

/** Sends as everybody does, who asks again where there is no answer; `wasRepeated` is told where that matters. */
const sendOver =
  (network: Network, wasRepeated: () => void = () => {}): Send =>
  async ({ method, url, headers, body }) => {
    const answer = await network.send({
      method,
      url,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.wasRepeated) wasRepeated();
    return {
      status: answer.status,
      headers: answer.headers,
      body: jsonObject(answer.text.startsWith('{') ? answer.text : ''),
    };
  };

/** By an administrator, who may find that the first time was heard. */
const addUser = async ({ am, network }: Cluster, username: string): Promise<void> => {
  let mayBeThere = false;
  const send = sendOver(network, () => {
    mayBeThere = true;
  });
  const user = { username, userpassword: PASSWORD, mail: addressOf(username) };
  const path = '/json/realms/root/users?_action=create';
  const { status, body } = await asAdministrator({ am, administrator: ADMINISTRATOR, send }, 'POST', path, user);
  if (status !== 201 && !(status === 409 && mayBeThere))
    throw new Error(`${username} was refused with ${status}: ${JSON.stringify(body)}`);
};
