import { chmodSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { isThere } from '../checker.ts';
import type { FaultSession } from '../fault-session.ts';
import type { Told } from '../history.ts';
import type { Database } from '../servers/database.ts';
import { openSqlite, readSqlite } from '../servers/stored.ts';
import { expectThat, type Fault } from './fault.ts';
import { DATABASE, firstWords, startOnCopy } from './start-on-copy.ts';

/** As the driver sends it, and what PostgreSQL answers: a letter, a length, and the text. */
const SENT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');
const ANSWERED = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1');
const CUTS = [
  ...[0, 1, 5, SENT.length - 1, SENT.length].map((passed) => ({ direction: 'up' as const, bytes: SENT, passed })),
  ...[0, 1, ANSWERED.length].map((passed) => ({ direction: 'down' as const, bytes: ANSWERED, passed })),
];
const CUT_MILLIS = 20_000;
/** What an asynchronous standby has not heard of (OPS-35). */
const BEHIND_MILLIS = 2_000;
/** After the database is back: REL-16. */
const BACK_MILLIS = 10_000;
/** By when everybody is told that the service cannot answer now (OPS-34). */
const REFUSAL_MILLIS = 1_200;

/** More than the head of a file has. */
const SEEDED_BYTES = 100_000;
/** Longer than it takes until the next sweep. */
const SWEEP_MILLIS = 45_000;

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

/** Until somebody new has got in, which needs everything. */
const untilSomebodyIsIn = async ({ load }: FaultSession): Promise<number> => {
  const since = performance.now();
  while (!(await load.honestly('registration')) && performance.now() - since < BACK_MILLIS);
  return performance.now() - since;
};

/** How much longer than usual that took, all being ready: a machine with a lot to do takes its time also where nothing is broken. */
const untilServed = async (session: FaultSession): Promise<number> => {
  const since = performance.now();
  await session.cluster.untilReady();
  await untilSomebodyIsIn(session);
  const first = performance.now() - since;
  return Math.max(0, first - (await untilSomebodyIsIn(session)));
};

const expectBack = (millis: number): string => {
  const said = `served after ${(millis / 1_000).toFixed(1)} s`;
  expectThat(millis < BACK_MILLIS, said);
  return said;
};

/** Takes the database away for so long; people are to be served again soon after it is back. */
const without = async (
  session: FaultSession,
  millis: number,
  { takeAway, bringBack }: { readonly takeAway: () => unknown; readonly bringBack: () => unknown },
): Promise<string> => {
  const back = await session.whileBroken('logins', async () => {
    await takeAway();
    await pause(millis);
    await bringBack();
    return untilServed(session);
  });
  return `gone ${(millis / 1_000).toFixed(0)} s, ${expectBack(back)}`;
};

const asSuperuser = async (session: FaultSession, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(databaseOf(session).superuserUrl);
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

const dropJournal = (file: string): void => {
  for (const companion of ['-wal', '-shm']) rmSync(`${file}${companion}`, { force: true });
};

/** For root files are writable that are not, unless it gives up just that. */
const WITHOUT_OVERRIDE = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'];

const refuseReadOnly = async (session: FaultSession, folder: string): Promise<string> => {
  const { isStarted, said } = await startOnCopy(
    session,
    folder,
    () => {
      for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o400);
      chmodSync(folder, 0o500);
    },
    (instance) => {
      if (process.getuid?.() === 0) instance.startedBy = WITHOUT_OVERRIDE;
    },
  );
  chmodSync(folder, 0o700);
  expectThat(!isStarted, 'a file that may not be written was served');
  expectThat(said.includes('cannot be written'), `of a file that may not be written is said: ${firstWords(said)}`);
  return firstWords(said);
};

/** From the first sweep on there is something in the file itself. */
const untilSwept = async ({ cluster }: FaultSession): Promise<void> => {
  const isSwept = () => statSync(cluster.databaseFile).size > SEEDED_BYTES;
  for (let waited = 0; !isSwept() && waited < SWEEP_MILLIS; waited += 200) await pause(200);
  expectThat(isSwept(), 'everything is in the journal still');
};

/** What is in the file itself is from the last sweep; SQLite cannot tell a journal that was taken away from one that was done with. */
const openWithoutJournal = async (session: FaultSession, folder: string): Promise<void> => {
  const { isStarted, said } = await startOnCopy(session, folder, dropJournal);
  if (!isStarted) {
    expectThat(said.includes('StoreRefused'), `without a journal: ${firstWords(said)}`);
    return;
  }
  const rows = readSqlite(join(folder, DATABASE));
  const [{ many } = {}] = await rows("SELECT COUNT(*) AS many FROM identity WHERE username LIKE 'person-%'");
  expectThat(Number(many) > 0, 'without its journal a file was taken for a new one');
};

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
    expected: '503 within 1.2 s, served within 10 s, waits go on',
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
    expected: '503, no pool runs dry, served within 10 s',
    stores: ['postgres'],
    async inject(session, { time }) {
      const { server } = databaseOf(session);
      const held = { takeAway: () => server.pause(), bringBack: () => server.resume() };
      const short = await without(session, 5_000, held);
      return time < 0.3 ? short : `${short}; ${await without(session, 90_000 * time, held)}`;
    },
  },
  {
    id: 'F21',
    title: 'PostgreSQL fails over to a standby that is two seconds behind',
    expected: 'what is lost is lost together; served within 10 s',
    stores: ['postgres'],
    async inject(session) {
      const { cluster, history, load } = session;
      let [from, to] = [0, 0];
      let lost: readonly Told[] = [];
      const back = await session.whileBroken('logins', async () => {
        await databaseOf(session).failOver(BEHIND_MILLIS, {
          loses: () => {
            from = history.told.length;
          },
          isDead: () => {
            to = history.told.length;
          },
        });
        const served = await untilServed(session);
        const isStored = isThere(await cluster.stored());
        lost = history.told.slice(from, to).filter((it) => !isStored(it));
        history.keep(from, to, isStored);
        // Whoever has lost account and phone with the database has to begin anew, and does nothing else here. Until they are known, a login
        // of theirs that is refused is no wonder.
        load.forget(new Set(lost.flatMap((it) => (it.kind === 'connected' ? it.user : []))));
        return served;
      });
      expectThat(lost.length > 0, 'nothing was lost, so nothing was shown');
      return `${lost.length} of ${to - from} told were lost; ${expectBack(back)}`;
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
    title: 'the file is locked by somebody, damaged, cut, read-only, without its journal',
    expected: '503 while locked; a clear refusal; never a new file',
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
      await untilSwept(session);
      const folder = (name: string) => join(cluster.scratch, name);
      const damaged = await startOnCopy(session, folder('damaged'), (file) => {
        // It would mend what of the damage it has pages for.
        dropJournal(file);
        const handle = openSync(file, 'r+');
        for (let page = 1; page < 40; page += 1) writeSync(handle, Buffer.alloc(4_000, 0x5a), 0, 4_000, page * 4_096);
      });
      expectThat(!damaged.isStarted, 'a damaged file was served');
      const cut = await startOnCopy(session, folder('cut'), (file) => {
        dropJournal(file);
        truncateSync(file, 8_192);
      });
      expectThat(!cut.isStarted, 'half a file was served');
      const readOnly = await refuseReadOnly(session, folder('read-only'));
      await openWithoutJournal(session, folder('without-journal'));
      return `locked ${(30 * time).toFixed(0)} s\ndamaged: ${firstWords(damaged.said)}\nread-only: ${readOnly}`;
    },
  },
];
