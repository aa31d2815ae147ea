import type { PushMessage } from '@assent/push';
import { createDatabase, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { messageRow, mustCommit, NOW, sessionRow } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

describeWith(['postgres'], 'what is taken back from phones, on PostgreSQL', () => {
  let database: TestDatabase;
  let store: Store;
  beforeAll(async () => {
    database = await createDatabase();
    store = await openPostgresStore({ url: database.url, masterKey: masterKeyOf('test'), random: systemRandom });
  });
  afterAll(async () => {
    await store?.close();
    await database?.close();
  });

  /** The commits of a login with two phones of that kind: what each costs the database. */
  const costsOfLogin = async (communicationType: string) => {
    const request = `AUTHENTICATE:${communicationType}`;
    const message = (id: string): PushMessage => {
      const row = messageRow({ id, request, userId: communicationType, deviceUuid: id, delivery: 'sent' });
      return { ...row, ...(row.envelope && { envelope: { ...row.envelope, communicationType } }) };
    };
    const cost = async (...changes: readonly StoreChange[]) => {
      const before = { ...store.counters };
      await mustCommit(store, ...changes);
      return {
        flights: store.counters.flights - before.flights,
        statements: store.counters.statements - before.statements,
      };
    };
    await mustCommit(store, { type: 'push.open', rows: [message(request), message(`${request}-2`)] });
    const answer = { type: 'push.answer', id: request, state: 'approved', at: NOW, answerHash: 'hash' } as const;
    const consume = { type: 'push.consume', request, state: 'approved', at: NOW } as const;
    const session = sessionRow({ tokenHash: communicationType, handle: communicationType, sid: communicationType });
    return { answer: await cost(answer), finish: await cost(consume, { type: 'session.insert', row: session }) };
  };

  test('goes with the flight that ends the request, so that a login has no more of them (OPS-08, OPS-43)', async () => {
    const quiet = await costsOfLogin('gcm');
    const withdrawn = await costsOfLogin('webpush');
    expect(await store.outbox.due(NOW, 10, 10)).toMatchObject([{ kind: 'withdrawal' }]);
    expect(withdrawn.answer).toEqual({ ...quiet.answer, statements: quiet.answer.statements + 1 });
    expect(withdrawn.finish).toEqual(quiet.finish);
    expect([quiet.answer.flights, quiet.finish.flights]).toEqual([3, 3]);
  });
});
