import { PostgresServer, RedisServer } from '@assent/test-servers';
import { heardAfter } from './heard.ts';
import { type Pinning, unpin } from './pinning.ts';
import type { Result } from './report.ts';
import { type Rounds, type Row, resultOf, runRounds, type Scenario, scenario } from './rounds.ts';
import {
  echoLanes,
  loginLanes,
  pairLanes,
  pollLanes,
  roundTripLanes,
  SHARED_LOGIN_LANES,
  stepLanes,
  strangerLanes,
} from './scenarios.ts';
import { ServerProcess, type UnderLoad, type Usage } from './server-process.ts';
import { sessionLanes } from './session-info.ts';
import { percentile, spreadOf } from './statistics.ts';
import { measureWrites } from './writes.ts';

export interface InstancesPlan extends Rounds {
  readonly logins: number;
  readonly approvals: number;
}

interface Surroundings {
  readonly scratch: string;
  readonly pinning: Pinning | undefined;
  readonly say: (text: string) => void;
}

/** Several instances, and what they use together. */
const together = (...instances: readonly ServerProcess[]): UnderLoad => ({
  async usage() {
    const usages = await Promise.all(instances.map((it) => it.usage()));
    const sum = (of: (usage: Usage) => number) => usages.reduce((total, usage) => total + of(usage), 0);
    return {
      cpu: { user: sum(({ cpu }) => cpu.user), system: sum(({ cpu }) => cpu.system) },
      memory: {
        rss: sum(({ memory }) => memory.rss),
        heapUsed: sum(({ memory }) => memory.heapUsed),
        external: sum(({ memory }) => memory.external),
      },
    };
  },
});

/** An instance with what its database uses: all processes of the database, also those that write and clean up in the background. */
const withDatabase = (instance: ServerProcess, postgres: PostgresServer): UnderLoad => ({
  usage: async () => ({ ...(await instance.usage()), databaseMicros: postgres.cpuMicros() }),
});

/** P6 database. */
const databaseCost = ({ store, windows }: Scenario): Result => {
  const millis = windows.map(({ databaseMicrosPerTurn = Number.NaN }) => databaseMicrosPerTurn / 1_000);
  return {
    id: 'P6 database',
    store,
    value: spreadOf(millis),
    note: 'PostgreSQL alone, all its processes',
    details: { millis },
  };
};

/** What was started, and ends with the measurement. */
class Started {
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly servers: ServerProcess[] = [];

  async add(server: Promise<ServerProcess>): Promise<ServerProcess> {
    const started = await server;
    this.servers.push(started);
    this.#ends.push(() => started.stop());
    return started;
  }

  async around<T extends { stop(): Promise<unknown> }>(server: Promise<T>): Promise<T> {
    const started = await server;
    this.#ends.push(() => started.stop());
    return started;
  }

  /** Servers before what they stand on. */
  async end(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}

/**
 * P4, P5, P6, P8 and P12 on PostgreSQL, and what it costs two instances to be one installation. They share a core here, as two cores are all
 * that there is beside the load and the database, so that two servers which share nothing are the measure.
 */
const measureRequests = async (
  plan: InstancesPlan,
  started: Started,
  around: Surroundings,
  postgres: PostgresServer,
) => {
  const { scratch, pinning, say } = around;
  const installation = async () => {
    const redis = await started.around(RedisServer.launch({ kind: 'redis' }));
    const shared = { databaseUrl: (await postgres.createDatabase()).url, redisUrl: redis.url };
    return (name: string) => started.add(ServerProcess.assent('postgres', name, scratch, pinning, shared));
  };
  const instanceOf = await installation();
  const [one, other] = [await instanceOf('one'), await instanceOf('other')];
  const strangers = [await (await installation())('alone'), await (await installation())('alone-too')] as const;
  const echo = await started.add(ServerProcess.echo(scratch, pinning));
  const yardstick = { of: scenario('none', echo, await echoLanes(echo)) };
  const { url } = await postgres.createDatabase();
  const driver = await started.add(ServerProcess.roundTrips(scratch, pinning, url));
  const roundTrips = { of: scenario('postgres', driver, await roundTripLanes(driver)) };
  const apart = { of: scenario('postgres', together(...strangers), await strangerLanes(...strangers)) };
  const pair = scenario('postgres', together(one, other), await pairLanes(one, other));
  const logins = scenario('postgres', withDatabase(one, postgres), await loginLanes(one, SHARED_LOGIN_LANES));
  const rows: readonly Row[] = [
    { id: 'P4', of: scenario('postgres', one, await stepLanes(one)) },
    { id: 'P5 postgres', of: scenario('postgres', one, await pollLanes(one)) },
    {
      id: 'P6 postgres',
      of: logins,
      beside: { name: 'its round trips by the driver alone', cost: roundTrips },
    },
    { id: 'P6 two', of: pair, beside: { name: 'two that share nothing', cost: apart } },
    { id: 'P8 postgres', of: scenario('postgres', one, await sessionLanes(one)) },
  ];
  await runRounds(plan, [yardstick.of, roundTrips.of, apart.of, ...rows.map(({ of }) => of)], say);
  return [
    ...rows.map((row) => resultOf(row, yardstick)),
    databaseCost(logins),
    ...(await measureWrites(plan.logins, 'postgres', one)),
  ];
};

/** P16: a time, and no share of a core, so that no process is kept to one. */
const measureHints = async (
  plan: InstancesPlan,
  started: Started,
  { scratch, say }: Surroundings,
  database: string,
) => {
  const results: Result[] = [];
  for (const way of ['redis', 'looking'] as const) {
    const redis = way === 'redis' ? await started.around(RedisServer.launch({ kind: 'redis' })) : undefined;
    const shared = { databaseUrl: database, ...(redis && { redisUrl: redis.url }) };
    const page = await started.add(ServerProcess.assent('postgres', `page-${way}`, scratch, undefined, shared));
    const phones = await started.add(ServerProcess.assent('postgres', `phones-${way}`, scratch, undefined, shared));
    say(`${plan.approvals} approvals, heard by ${way === 'redis' ? 'Redis' : 'looking'} …`);
    const times = await heardAfter(page, phones, { prefix: `heard-${way}`, logins: plan.approvals });
    const part = (share: number) => percentile(times, share).toFixed(0);
    results.push({
      id: `P16 ${way}`,
      store: 'postgres',
      value: { ...spreadOf(times), median: percentile(times, 0.99) },
      note: `${times.length} logins: p50 ${part(0.5)}, p95 ${part(0.95)}, p99 ${part(0.99)} ms`,
      details: { times },
    });
  }
  return results;
};

/** What it costs on PostgreSQL, alone and by two; its commits reach the disk. Gives this process all its cores in the end. */
export const measureInstances = async (plan: InstancesPlan, around: Surroundings): Promise<readonly Result[]> => {
  const started = new Started();
  try {
    const postgres = await started.around(PostgresServer.launch({ fsync: true }));
    const requests = await measureRequests(plan, started, around, postgres);
    if (around.pinning !== undefined) unpin(around.pinning);
    return [...requests, ...(await measureHints(plan, started, around, (await postgres.createDatabase()).url))];
  } catch (error) {
    for (const server of started.servers) around.say(server.lastWords());
    throw error;
  } finally {
    await started.end();
  }
};
