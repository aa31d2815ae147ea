import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import {
  auditEvent,
  codeRow,
  deviceRow,
  journeyRow,
  messageRow,
  mustCommit,
  NOW,
  newUser,
  sessionRow,
} from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

const TABLES = ['audit', 'device', 'journey_session', 'push_message', 'recovery_code', 'session'];
/** Notes whether the commit of whatever is written waits for the disk. */
const NOTING = `
CREATE TABLE noted (waits TEXT NOT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO noted VALUES (current_setting('synchronous_commit'));
  RETURN NULL;
END $$;
${TABLES.map((table) => `CREATE TRIGGER noting AFTER INSERT OR UPDATE OR DELETE ON ${table} EXECUTE FUNCTION note();`).join('\n')}`;

describeWith(['postgres'], 'a machine that dies', () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase();
    // One connection for all commits: what one has said is not to stay for the next.
    store = await openPostgresStore({
      url: database.url,
      masterKey: masterKeyOf('test'),
      random: systemRandom,
      poolSize: 1,
    });
    client = new pg.Client(database.url);
    await client.connect();
    await mustCommit(
      store,
      newUser(),
      { type: 'device.insert', row: deviceRow(), maxDevices: 5 },
      { type: 'push.open', rows: [messageRow()] },
      { type: 'session.insert', row: sessionRow() },
    );
    await client.query(NOTING);
  });
  afterAll(async () => {
    await client.end();
    await store.close();
    await database.close();
  });

  let made = 0;
  const losable: Readonly<Record<string, () => StoreChange>> = {
    'push.delivery': () => ({ type: 'push.delivery', marks: [{ id: messageRow().id, delivery: 'sent' }] }),
    'session.touch': () => ({ type: 'session.touch', tokenHash: sessionRow().tokenHash, at: NOW + ++made }),
    'device.accessed': () => ({ type: 'device.accessed', uuid: deviceRow().uuid, at: NOW + ++made }),
  };
  const lasting: Readonly<Record<string, () => StoreChange>> = {
    'a session': () => ({ type: 'session.insert', row: sessionRow({ tokenHash: `another ${++made}` }) }),
    'a step': () => ({ type: 'journey.insert', row: journeyRow({ id: `journey ${++made}` }) }),
    'a code': () => ({ type: 'codes.replace', userId: 'user-1', deviceType: 'push', rows: [codeRow()] }),
    'the trail': () => ({ type: 'audit.append', event: auditEvent({ userId: 'user-1' }) }),
  };
  const waitsOf = async (...changes: readonly StoreChange[]): Promise<readonly string[]> => {
    await client.query('DELETE FROM noted');
    await mustCommit(store, ...changes);
    const { rows } = await client.query<{ readonly waits: string }>('SELECT DISTINCT waits FROM noted');
    return rows.map(({ waits }) => waits);
  };

  test.each(Object.entries(losable))('may have forgotten %s alone (OPS-35)', async (_type, change) => {
    expect(await waitsOf(change())).toEqual(['off']);
  });

  test('may have forgotten several of them (OPS-35)', async () => {
    expect(await waitsOf(...Object.values(losable).map((change) => change()))).toEqual(['off']);
  });

  const pairs = Object.keys(lasting).flatMap((what) => Object.keys(losable).map((type) => [what, type] as const));
  test.each(pairs)('has %s on its disk, also beside %s and after it (OPS-35)', async (what, type) => {
    const [last, lose] = [lasting[what], losable[type]];
    if (last === undefined || lose === undefined) throw new RangeError('no such change');
    expect(await waitsOf(last(), lose())).toEqual(['on']);
    await waitsOf(lose());
    expect(await waitsOf(last())).toEqual(['on']);
  });
});
