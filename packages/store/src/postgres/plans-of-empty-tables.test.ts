import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOW } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { statementsOf } from '../testing/tables/statements-of.ts';
import { openPostgresStore } from './postgres-store.ts';
import { namedTextOf } from './texts.ts';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly Plans?: readonly Plan[];
}

/** Whether rows are locked, or taken up to a limit, on the side of a join that may be read once for each row of the other side. */
const isJoinedWithLocked = (plan: Plan, isRepeated = false): boolean =>
  (isRepeated && ['LockRows', 'Limit'].includes(plan['Node Type'])) ||
  (plan.Plans ?? []).some((below) => {
    const side = below['Parent Relationship'];
    const isInner = side === 'Inner' && /Nested Loop/.test(plan['Node Type']);
    return isJoinedWithLocked(below, side !== 'InitPlan' && (isRepeated || isInner));
  });

/** Statements that may have such a plan, by how they begin, and why. */
const REASONS: readonly (readonly [why: string, ...texts: readonly string[]])[] = [
  [
    'of journeys and instances there are few',
    'DELETE FROM tree WHERE (realm, name, version) IN',
    'UPDATE tree SET retired_at = $1 WHERE (realm, name, version) IN',
    'DELETE FROM instance WHERE name IN',
  ],
  [
    'two columns make no array; the sides are the consents of a user',
    'DELETE FROM oauth_consent WHERE (user_id, client_id) IN',
  ],
];

describeWith(['postgres'], 'plans that are made while tables are empty', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createDatabase();
    const store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('t'), random: systemRandom });
    await store.close();
    client = new pg.Client(database.url);
    await client.connect();
    // The server knows from now on that no table has a row, and keeps to that until it counts them again.
    await client.query('ANALYZE');
  });
  afterAll(async () => {
    await client.end();
    await database.close();
  });

  test('lock no rows once for each row of another side (OPS-24)', async () => {
    await client.query('SET plan_cache_mode = force_generic_plan');
    const found: string[] = [];
    const all = await statementsOf(() => import('./postgres-store.ts'));
    for (const made of all) {
      const { text } = namedTextOf(made);
      if (!/^\s*(?:SELECT|DELETE|UPDATE|INSERT|WITH)/.test(text)) continue;
      await client.query(`PREPARE it AS ${text}`);
      const places = Number(text.match(/\$(\d+)/g)?.length ?? 0);
      const values = places === 0 ? '' : `(${Array.from({ length: places }, () => 'NULL').join(', ')})`;
      const { rows } = await client.query(`EXPLAIN (FORMAT JSON) EXECUTE it${values}`);
      if (isJoinedWithLocked(rows[0]['QUERY PLAN'][0].Plan)) found.push(text.replaceAll(/\s+/g, ' '));
      await client.query('DEALLOCATE it');
    }
    const excuses = REASONS.flatMap(([, ...texts]) => texts);
    expect(found.filter((text) => !excuses.some((it) => text.startsWith(it)))).toEqual([]);
    expect(excuses.filter((it) => !found.some((text) => text.startsWith(it)))).toEqual([]);
    expect(all.length).toBeGreaterThan(150);
  });

  test('do not make a sweep slower with each row (OPS-24)', async () => {
    const add = (rows: number) =>
      client.query(
        `INSERT INTO session (token_hash, handle, realm, user_id, username, created_at, last_used_at, max_expires_at, max_idle_millis, expires_at,
           sid, has_webhooks, strength, properties)
         SELECT 'hash ' || n, 'handle ' || n, '/', 'user', 'user', 1, 1, 9, 9, 9, 'sid ' || n, 0, 0, '{}' FROM generate_series(1, ${rows}) AS n`,
      );
    await client.query('ALTER TABLE session SET (autovacuum_enabled = false)');
    await add(10_000);
    await client.query('DELETE FROM session');
    await client.query('ANALYZE session');
    await add(10_000);
    const store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('t'), random: systemRandom });
    // None has run out. With a join, this takes longer than a statement may.
    expect(await store.sweep(8, 500)).toBe(0);
    // All have: each sweep deletes as many as it may.
    expect(await store.sweep(NOW, 500)).toBe(500);
    await store.close();
  });
});
