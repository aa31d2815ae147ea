import { copyFileSync, mkdirSync, openSync, readdirSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../support/server-process.ts';
import type { FaultSession } from '../fault-session.ts';
import type { Database } from '../servers/cluster.ts';
import { Instance } from '../servers/instance.ts';
import { openSqlite } from '../servers/stored.ts';
import { expectThat, type Fault } from './fault.ts';

/** As the driver sends it, and what PostgreSQL answers: a letter, a length, and the text. */
const SENT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');
const ANSWERED = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1');
const CUTS = [
  ...[0, 1, 5, SENT.length - 1, SENT.length].map((passed) => ({ direction: 'up' as const, bytes: SENT, passed })),
  ...[0, 1, ANSWERED.length].map((passed) => ({ direction: 'down' as const, bytes: ANSWERED, passed })),
];
const CUT_MILLIS = 20_000;
/** After the database is back: REL-16. */
const BACK_MILLIS = 10_000;
/** By when everybody is told that the service cannot answer now (OPS-34). */
const REFUSAL_MILLIS = 1_200;

const databaseOf = ({ cluster }: FaultSession): Database => {
  if (cluster.postgres === undefined) throw new Error('There is no PostgreSQL.');
  return cluster.postgres;
};

const untilCut = async (database: Database, before: number): Promise<boolean> => {
  const cuts = () => database.proxies.reduce((sum, it) => sum + it.cuts, 0);
  for (let waited = 0; waited < CUT_MILLIS; waited += 20) {
    if (cuts() > before) return true;
    await pause(20);
  }
  return false;
};

/** Takes the database away for so long; instances are to be ready again soon after it is back. */
const without = async (
  session: FaultSession,
  millis: number,
  { takeAway, bringBack }: { readonly takeAway: () => unknown; readonly bringBack: () => unknown },
): Promise<string> => {
  const isReady = await session.whileBroken('logins', async () => {
    await takeAway();
    await pause(millis);
    await bringBack();
    return session.cluster.untilReady();
  });
  expectThat(isReady < BACK_MILLIS, `ready only after ${Math.round(isReady)} ms`);
  expectThat((await session.load.honestly('number')) !== false, 'nobody can log in afterwards');
  return `gone ${(millis / 1000).toFixed(0)} s, ready after ${Math.round(isReady)} ms`;
};

const asSuperuser = async (session: FaultSession, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(databaseOf(session).database.superuserUrl);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
};

/** PostgreSQL itself refuses a fifth of all commits, at their very end, as one that was overtaken. */
const OVERTAKEN = ['journey_session', 'push_message', 'session'];
const overtake = (code: string): readonly string[] => [
  `CREATE OR REPLACE FUNCTION overtaken() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN IF random() < 0.2 THEN RAISE EXCEPTION 'overtaken, says the test' USING ERRCODE = '${code}'; END IF; RETURN NULL; END $$`,
  ...OVERTAKEN.map(
    (table) => `CREATE CONSTRAINT TRIGGER overtaken AFTER INSERT OR UPDATE ON ${table}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION overtaken()`,
  ),
];
const left = OVERTAKEN.map((table) => `DROP TRIGGER IF EXISTS overtaken ON ${table}`);

/** An instance beside the two, on a copy of their files: whether it starts, and what it says. */
const startOnCopy = async (
  session: FaultSession,
  name: string,
  damage: (file: string) => unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly isStarted: boolean; readonly said: string }> => {
  const { cluster } = session;
  const folder = join(cluster.scratch, name);
  mkdirSync(folder, { recursive: true });
  for (const file of cluster.store === 'sqlite' ? readdirSync(cluster.dataDir) : []) {
    const from = join(cluster.dataDir, file);
    if (statSync(from).isFile()) copyFileSync(from, join(folder, file));
  }
  await damage(join(folder, 'assent.db'));
  const [first] = cluster.instances;
  const instance = new Instance(await freePort(), { ...first?.env, ASSENT_DATA_DIR: folder, ...env });
  const isStarted = await instance.start();
  await instance.end('SIGKILL');
  return { isStarted, said: instance.output.trim() };
};

/** A sentence that tells what to do, and no stack alone. */
const firstWords = (said: string): string =>
  /[A-Z]\w*(?:Refused|Failure|Error|Unavailable)?: [^\n]{10,100}/.exec(said)?.[0] ?? said.slice(0, 100);

export const databaseFaults: readonly Fault[] = [
  {
    id: 'F18',
    title: 'the connection breaks before, in and after COMMIT',
    expected: 'found out, never done twice',
    stores: ['postgres'],
    async inject(session, { time }) {
      const database = databaseOf(session);
      const cuts = time < 0.3 ? CUTS.filter((_, at) => at % 3 === 0) : CUTS;
      for (const cut of cuts) {
        const before = database.proxies.reduce((sum, it) => sum + it.cuts, 0);
        await session.whileBroken('answers', async () => {
          const proxy = database.proxies[session.random.below(database.proxies.length)];
          if (proxy !== undefined) proxy.fault = { kind: 'cut-at', ...cut };
          expectThat(await untilCut(database, before), 'no commit came by');
        });
      }
      return `${cuts.length} cuts`;
    },
  },
  {
    id: 'F19',
    title: 'PostgreSQL stops at once, and comes back',
    expected: '503 within 1.2 s, ready within 10 s, waits go on',
    stores: ['postgres'],
    async inject(session, { time }) {
      const { server } = databaseOf(session);
      const { network } = session.cluster;
      network.slowestRefusalMillis = 0;
      const gone = { takeAway: () => server.crash(), bringBack: () => server.start() };
      const seen = await without(session, 60_000 * time, gone);
      const slowest = `the slowest 503 took ${Math.round(network.slowestRefusalMillis)} ms`;
      expectThat(network.slowestRefusalMillis > 0, 'nobody was told 503');
      expectThat(network.slowestRefusalMillis <= REFUSAL_MILLIS, slowest);
      return `${seen}; ${slowest}`;
    },
  },
  {
    id: 'F20',
    title: 'PostgreSQL is held',
    expected: '503, no pool runs dry, ready within 10 s',
    stores: ['postgres'],
    async inject(session, { time }) {
      const { server } = databaseOf(session);
      const held = { takeAway: () => server.pause(), bringBack: () => server.resume() };
      const short = await without(session, 5_000, held);
      return time < 0.3 ? short : `${short}; ${await without(session, 90_000 * time, held)}`;
    },
  },
  {
    id: 'F22',
    title: 'a fifth of all commits is overtaken (40001), or in a deadlock (40P01)',
    expected: 'tried again, and right',
    stores: ['postgres'],
    async inject(session, { time }) {
      for (const code of ['40001', '40P01']) {
        await session.whileBroken('answers', async () => {
          try {
            await asSuperuser(session, ...overtake(code));
            await pause(20_000 * time);
          } finally {
            await asSuperuser(session, ...left);
          }
        });
      }
      return 'all got on';
    },
  },
  {
    id: 'F23',
    title: 'the disk is full for one instance (its files may not grow)',
    expected: '503, nothing half, well again by itself',
    stores: ['sqlite'],
    async inject(session, { time }) {
      const { cluster } = session;
      const instance = session.someInstance();
      await session.whileBroken('logins', async () => {
        // The file of the journal begins anew now and then: smaller than its head, none can be written.
        await instance.limited('fsize', 4_096, () => pause(20_000 * time));
        await cluster.untilReady();
      });
      const [{ integrity_check: integrity } = {}] = await cluster.rows('PRAGMA integrity_check');
      expectThat(integrity === 'ok', `the file is ${integrity}`);
      expectThat(instance.isRunning, 'the instance has ended');
      return `full ${(20 * time).toFixed(0)} s, sound`;
    },
  },
  {
    id: 'F24',
    title: 'the file is locked by somebody, damaged, without its journal, of another key',
    expected: '503 while locked; a clear refusal, no new file',
    stores: ['sqlite'],
    async inject(session, { time }) {
      const { cluster } = session;
      await session.whileBroken('logins', async () => {
        const database = openSqlite(cluster.databaseFile);
        database.exec('PRAGMA busy_timeout = 5000');
        database.exec('BEGIN IMMEDIATE');
        await pause(30_000 * time);
        database.exec('ROLLBACK');
        database.close();
        await cluster.untilReady();
      });
      const damaged = await startOnCopy(session, 'damaged', (file) => {
        const handle = openSync(file, 'r+');
        for (let page = 1; page < 40; page += 1) writeSync(handle, Buffer.alloc(4_000, 0x5a), 0, 4_000, page * 4_096);
      });
      expectThat(!damaged.isStarted, 'a damaged file was served');
      const cut = await startOnCopy(session, 'cut', (file) => truncateSync(file, 8_192));
      expectThat(!cut.isStarted, 'half a file was served');
      return `locked ${(30 * time).toFixed(0)} s; damaged: ${firstWords(damaged.said)}`;
    },
  },
  {
    id: 'F38',
    title: 'another master key than that of the data',
    expected: 'no start, and a sentence that says why',
    async inject(session) {
      const wrong = { ASSENT_MASTER_KEY: Buffer.alloc(32, 9).toString('base64') };
      const { isStarted, said } = await startOnCopy(session, 'other-key', () => {}, wrong);
      expectThat(!isStarted, 'it started');
      return firstWords(said);
    },
  },
];
