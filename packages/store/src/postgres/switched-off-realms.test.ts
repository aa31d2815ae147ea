import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from '../ports/store.ts';
import { settingsOf } from '../testing/describe-configuration.ts';
import { commit, configuring, mustCommit, newUser, sessionRow } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

const refusedByRealm = (realm: string) => ({ committed: false, refused: 'realm.usable', realm });

describeWith(['postgres'], 'a commit that has found its realm on, and is not over yet', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase();
    store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
    client = new pg.Client(database.url);
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await database.close();
  });

  /** Another transaction holds the key of the session, so that the commit which inserts it waits there. */
  const holdKey = async (tokenHash: string): Promise<void> => {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO session (token_hash, handle, realm, user_id, username, properties, created_at, last_used_at, max_expires_at,
         max_idle_millis, expires_at, sid, has_webhooks, strength) VALUES ($1, $1, '/held', 'u', 'u', '{}', 1, 1, 1, 1, 1, 's', 0, 1)`,
      [tokenHash],
    );
  };
  const waiting = async (condition: string): Promise<number> => {
    const { rows } = await client.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND ${condition}`);
    return rows.length;
  };
  const untilWaiting = (condition: string, count = 1) =>
    expect.poll(() => waiting(condition), { interval: 1 }).toBe(count);
  const OF_REALMS = "relation = 'realm'::regclass";
  const switchOff = (realm: string) => configuring(store).saveRealm(settingsOf(realm, { active: false }));

  test('is waited for by the commit that switches the realm off, and the next one is refused (SEC-89)', async () => {
    const realm = '/alpha';
    await configuring(store).createRealm(settingsOf(realm));
    await holdKey('early');
    const early = commit(store, {
      type: 'session.insert',
      row: sessionRow({ realm, tokenHash: 'early', handle: 'e' }),
    });
    await untilWaiting("locktype = 'transactionid'");
    const answers: string[] = [];
    const off = switchOff(realm).then((done) => answers.push(`off: ${done}`));
    await untilWaiting(`${OF_REALMS} AND mode = 'ExclusiveLock'`);
    const late = commit(store, { type: 'session.insert', row: sessionRow({ realm, tokenHash: 'late', handle: 'l' }) });
    await untilWaiting(`${OF_REALMS} AND mode = 'RowShareLock'`);
    expect(answers).toEqual([]);
    await client.query('ROLLBACK');
    expect(await early).toEqual({ committed: true });
    await off;
    expect(answers).toEqual(['off: true']);
    expect(await late).toEqual(refusedByRealm(realm));
    expect([await store.sessions.get('late'), (await store.sessions.get('early'))?.realm]).toEqual([undefined, realm]);
  });

  test('is waited for where it names the realm as its condition, also by a deletion (SEC-89)', async () => {
    for (const [name, end] of [
      ['off', switchOff],
      ['deleted', (realm: string) => configuring(store).deleteRealm(realm)],
    ] as const) {
      const realm = `/${name}`;
      await configuring(store).createRealm(settingsOf(realm));
      await holdKey(name);
      const usable = { type: 'realm.usable', realm } as const;
      const early = commit(store, usable, newUser({ id: name, realm, username: name }), {
        type: 'session.insert',
        row: sessionRow({ realm, tokenHash: name, handle: name, userId: name }),
      });
      await untilWaiting("locktype = 'transactionid'");
      const ended = end(realm);
      await expect.poll(() => waiting(`(${OF_REALMS} OR locktype = 'transactionid')`), { interval: 1 }).toBe(2);
      await client.query('ROLLBACK');
      expect([await early, await ended]).toEqual([{ committed: true }, true]);
      expect(await commit(store, usable)).toEqual(refusedByRealm(realm));
      // Nothing of a realm that is deleted is left by a commit that was first.
      expect((await store.identities.findById(name)) === undefined).toBe(name === 'deleted');
    }
  });

  test('locks no row of the realm, so that logins wait for nothing and write nothing there (SEC-89)', async () => {
    const realm = '/busy';
    await configuring(store).createRealm(settingsOf(realm));
    const lockedBy = async () => (await client.query('SELECT xmin, xmax FROM realm WHERE path = $1', [realm])).rows;
    const before = await lockedBy();
    const row = (id: string) => sessionRow({ realm, tokenHash: id, handle: id });
    await Promise.all(['a', 'b', 'c'].map((id) => mustCommit(store, { type: 'session.insert', row: row(id) })));
    expect(await lockedBy()).toEqual(before);
  });
});
