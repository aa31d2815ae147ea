import { Unavailable } from '@assent/engine';
import { PostgresServer, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Store, StoreUnavailable } from '../ports/store.ts';
import { auditEvent, commit, journeyRow, mustCommit } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

/** All at once; a failure that is no `Unavailable` fails the test. How soon they fail is for `npm run tools -- faults` to measure (F19). */
const allFail = (works: readonly (() => Promise<unknown>)[]): Promise<unknown> =>
  Promise.all(works.map((work) => expect(work()).rejects.toThrow(Unavailable)));

describeWith(['postgres'], 'a PostgreSQL that fails', () => {
  let server: PostgresServer;
  let database: TestDatabase;
  let store: Store;
  beforeAll(async () => {
    server = await PostgresServer.launch({ fsync: false });
    database = await server.createDatabase();
    store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
  });
  afterAll(async () => {
    await store.close();
    await database.close();
    await server.stop();
  });

  let made = 0;
  const write = () => {
    made += 1;
    return commit(store, { type: 'journey.insert', row: journeyRow({ id: `journey ${made}` }) });
  };
  /** One of each way to the database: a commit, a read by key, a list, a trial, and a commit of its own. */
  const everyWay = [
    write,
    () => store.journeySessions.get('none'),
    () => store.identities.page('/alpha', { limit: 9 }),
    () => store.check(),
    () => store.sweep(0, 1),
  ];
  const mustWork = async (): Promise<void> => {
    for (const work of everyWay) await work();
    // More at once than there are connections, so that each of the pool is used.
    const results = await Promise.all(Array.from({ length: 30 }, write));
    expect(results.every(({ committed }) => committed)).toBe(true);
  };

  const asSuperuser = async (work: (client: pg.Client) => Promise<void>): Promise<void> => {
    const client = new pg.Client(database.superuserUrl);
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };
  const terminateAll = (client: pg.Client) =>
    client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'assent'",
    );

  test('costs nobody anything where connections are ended at rest (OPS-09, OPS-34)', async () => {
    await mustWork();
    await asSuperuser(async (client) => {
      await terminateAll(client);
    });
    await mustWork();
  });

  test('costs a commit whose connection is ended in its midst a repeat, and is kept once (OPS-09)', async () => {
    await mustCommit(store, { type: 'journey.insert', row: journeyRow({ id: 'held' }) });
    await asSuperuser(async (client) => {
      await client.query('BEGIN');
      await client.query("SELECT 1 FROM journey_session WHERE id = 'held' FOR UPDATE");
      const advanced = commit(
        store,
        { type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ id: 'held', nonce: 'nonce-2' }) },
        { type: 'audit.append', event: auditEvent({ userId: 'of the held' }) },
      );
      for (let isWaiting = false; !isWaiting; ) {
        const { rows } = await client.query("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'");
        isWaiting = rows.length > 0;
      }
      await terminateAll(client);
      await client.query('COMMIT');
      expect(await advanced).toEqual({ committed: true });
    });
    expect(await store.audit.ofUser('of the held', 9)).toHaveLength(1);
    await mustWork();
  });

  test.each([
    ['tables', ['TABLE journey_session RENAME TO', 'TABLE identity RENAME TO'], ['journey_session', 'identity']],
    [
      'columns',
      ['TABLE journey_session RENAME COLUMN nonce TO', 'TABLE identity RENAME COLUMN folded TO'],
      ['nonce', 'folded'],
    ],
  ])(
    'that lacks %s which another version took away is not there now, and says what to do, until they are back (OPS-19)',
    async (_what, takeAway, names) => {
      await asSuperuser(async (client) => {
        for (const [at, text] of takeAway.entries()) await client.query(`ALTER ${text} taken_away_${at}`);
      });
      for (const work of everyWay.slice(0, 3)) {
        const failure = await work().catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(StoreUnavailable);
        expect((failure as Error).message).toContain('`assent migrate`');
        // Which one it is the cause says.
        expect(String((failure as Error).cause)).toMatch(/does not exist/);
      }
      await asSuperuser(async (client) => {
        for (const [at, text] of takeAway.entries()) {
          const isTable = !text.includes('COLUMN');
          const back = isTable
            ? `TABLE taken_away_${at} RENAME TO ${names[at]}`
            : `${text.replace(/COLUMN \w+ TO/, `COLUMN taken_away_${at} TO`)} ${names[at]}`;
          await client.query(`ALTER ${back}`);
        }
      });
      await mustWork();
    },
  );

  test.each([
    ['has no room on its disk', '53100'],
    ['has no memory', '53200'],
    ['cannot read a file', '58030'],
    ['is a standby', '25006'],
  ])(
    'that %s and says so keeps nothing of a step, and is asked once more and not again (OPS-09)',
    async (_what, sqlState) => {
      await asSuperuser(async (client) => {
        // What a sequence counts is not taken back.
        await client.query('CREATE SEQUENCE asked');
        await client.query(
          `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
             BEGIN PERFORM nextval('asked'); RAISE EXCEPTION 'not now' USING ERRCODE = '${sqlState}'; END $$`,
        );
        await client.query(
          'CREATE TRIGGER refuse BEFORE INSERT ON journey_session FOR EACH ROW EXECUTE FUNCTION refuse()',
        );
      });
      await expect(write()).rejects.toThrow(StoreUnavailable);
      await asSuperuser(async (client) => {
        const { rows } = await client.query('SELECT last_value FROM asked');
        expect(Number(rows[0].last_value)).toBe(2);
        await client.query('DROP TRIGGER refuse ON journey_session');
        await client.query('DROP FUNCTION refuse');
        await client.query('DROP SEQUENCE asked');
      });
      await mustWork();
    },
  );

  test('is told of while it is stopped, and used again once it is back (F19, OPS-34, REL-16)', async () => {
    await mustWork();
    await server.stop();
    await allFail(everyWay);
    await allFail(everyWay);
    await server.start();
    await mustWork();
  });

  test('is told of while it is held, and used again once it goes on (F19, OPS-12, REL-16)', async () => {
    await mustWork();
    await server.pause();
    await allFail(everyWay);
    server.resume();
    await mustWork();
  });
});
