import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../postgres/postgres-store.ts';
import { namedTextOf } from '../../postgres/texts.ts';
import { type Database, driverFor, openDatabase } from '../../sqlite/driver.ts';
import { textFor } from '../../sqlite/runner.ts';
import { openSqliteStore } from '../../sqlite/sqlite-store.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../../testing/scratch.ts';
import type { Call } from '../verbs/verb.ts';
import { signInReader } from './sign-ins.ts';

const LIMIT = 100;
const BY_FACTOR = 40;
/** A caller with the password of a user who has a second factor can sign in that often. */
const BY_PASSWORD = 2_000;
const OTHERS = 6_000;

/** The call that the reader sends. */
const questionOf = (knownBy: 'factor' | 'any'): Call =>
  signInReader.signIns('jane', { knownBy, since: 1, limit: LIMIT }).next().value as Call;

const told = (knownBy: string) => `'{"address":"192.0.2.9","knownBy":"${knownBy}"}'`;
/** The audit log of a user at whom strangers guess; `series` gives the numbers up to a count, `id` the id of the n-th. */
const fill = (series: (count: number) => string, id: string): readonly string[] => {
  const insert = (event: string, detail: string, count: number, user = "'jane'") =>
    `INSERT INTO audit (id, at, event, realm, transaction_id, user_id, outcome, detail)
     SELECT ${id}, n, '${event}', '/', 't', ${user}, 'x', ${detail} ${series(count)}`;
  const visitor = `'{"address":"198.51.100.5","userAgent":"says \\"knownBy\\":\\"factor\\" of itself"}'`;
  return [
    insert('JOURNEY_END', told('factor'), BY_FACTOR),
    insert('JOURNEY_END', told('factor'), BY_FACTOR, "'john'"),
    insert('JOURNEY_END', told('password'), BY_PASSWORD),
    insert('JOURNEY_END', visitor, OTHERS),
    insert('THROTTLED', visitor, OTHERS),
    insert('SCRIPT', told('factor'), OTHERS),
  ];
};
const store = { masterKey: masterKeyOf('t'), random: systemRandom };

describe('where a user has signed in is found without reading what strangers add to the audit log (SEC-56, SEC-86)', () => {
  let db: Database;
  beforeAll(async () => {
    const file = scratchFile();
    await (await openSqliteStore({ file, ...store })).close();
    db = await openDatabase(file, driverFor(process.versions.node));
    const series = (count: number) =>
      `FROM (WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${count}) SELECT n FROM s)`;
    db.exec(fill(series, 'NULL').join(';'));
  });
  afterAll(() => {
    db.close();
    removeScratch();
  });

  /** How SQLite finds the rows; `knownBy` names the question. */
  const planOf = (knownBy: 'factor' | 'any') => {
    const { statement, values } = questionOf(knownBy);
    return db
      .prepare<[id: number, parent: number, unused: number, detail: string]>(`EXPLAIN QUERY PLAN ${textFor(statement)}`)
      .all(...(values as readonly string[]))
      .map(([, , , detail]) => detail)
      .filter((detail) => /\baudit\b|TEMP B-TREE/.test(detail));
  };
  const throughIndex = (name: string) => `SEARCH audit USING INDEX ${name} (user_id=? AND at>?)`;

  test('SQLite goes through the index of such sign-ins alone, in its order, with statistics and without', () => {
    const expected = [
      [throughIndex('audit_known_by_factor')],
      [throughIndex('audit_known_by_factor'), throughIndex('audit_known_by_password')],
    ];
    expect([planOf('factor'), planOf('any')]).toEqual(expected);
    db.exec('ANALYZE');
    expect([planOf('factor'), planOf('any')]).toEqual(expected);
  });

  test('and the indexes have no other rows', () => {
    const entries = (knownBy: string) =>
      db
        .prepare(
          `SELECT COUNT(*) FROM audit INDEXED BY audit_known_by_${knownBy}
           WHERE event = 'JOURNEY_END' AND detail LIKE '%"knownBy":"${knownBy}"%'`,
        )
        .get()?.[0];
    expect([entries('factor'), entries('password')]).toEqual([2 * BY_FACTOR, BY_PASSWORD]);
    expect(() => db.exec("SELECT 1 FROM audit INDEXED BY audit_known_by_factor WHERE user_id = 'jane'")).toThrow();
  });
});

describeWith(['postgres'], 'on PostgreSQL, where a user has signed in (SEC-56, SEC-86)', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    await (await openPostgresStore({ url: database.url, ...store })).close();
    client = new pg.Client(database.url);
    await client.connect();
    for (const text of fill((count) => `FROM generate_series(1, ${count}) AS n`, 'gen_random_uuid()'))
      await client.query(text);
    await client.query('SET plan_cache_mode = force_generic_plan');
    for (const knownBy of ['factor', 'any'] as const)
      await client.query(`PREPARE known_by_${knownBy} AS ${namedTextOf(questionOf(knownBy).statement).text}`);
  });
  afterAll(async () => {
    await client.end();
    await database.close();
  });

  interface Plan {
    readonly 'Node Type': string;
    readonly 'Actual Rows': number;
    readonly 'Actual Loops': number;
    readonly 'Rows Removed by Filter'?: number;
    readonly Plans?: readonly Plan[];
  }
  const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
  const rowsRead = async (knownBy: 'factor' | 'any'): Promise<number> => {
    const given = questionOf(knownBy).values.map((value) => `'${value}'`);
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE known_by_${knownBy} (${given})`);
    const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan).filter((node) => / Scan$/.test(node['Node Type']));
    const scans = nodes.filter((node) => node['Node Type'] !== 'Subquery Scan');
    expect(scans).not.toEqual([]);
    return scans
      .map((scan) => (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'])
      .reduce((sum, rows) => sum + rows, 0);
  };

  test('no rows are read but such sign-ins, at most as many as are wanted, with statistics and without', async () => {
    const expected = [BY_FACTOR, BY_FACTOR + LIMIT];
    expect([await rowsRead('factor'), await rowsRead('any')]).toEqual(expected);
    await client.query('ANALYZE audit');
    expect([await rowsRead('factor'), await rowsRead('any')]).toEqual(expected);
  });
});
