import { createDatabase, FaultProxy, type TestDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Store, type StoreChange, StoreUncertain } from '../ports/store.ts';
import { auditEvent, commit, journeyRow, mustCommit, NOW, outboxEntry, sessionRow } from '../testing/rows.ts';
import { masterKeyOf, systemRandom } from '../testing/scratch.ts';
import { openPostgresStore } from './postgres-store.ts';

/** What the driver sends, and what the server answers, byte by byte. */
interface LastWord {
  readonly sent: Buffer;
  readonly answered: Buffer;
}

/** A letter, a length, and the text. */
const COMMIT: LastWord = {
  sent: Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1'),
  answered: Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1'),
};
/** Of a statement that is a commit of its own: Execute and Sync, and how many rows there were. */
const executed = (tag: string): LastWord => ({
  sent: Buffer.from('E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04', 'latin1'),
  answered: Buffer.from(`C\0\0\0${String.fromCharCode(tag.length + 5)}${tag}\0`, 'latin1'),
});

/** Each place where the connection can break: before the server is told, in between, and before its answer is whole. */
const cutsOf = ({ sent, answered }: LastWord) => [
  ...Array.from({ length: sent.length + 1 }, (_, passed) => ({ direction: 'up' as const, bytes: sent, passed })),
  ...[0, 1, answered.length].map((passed) => ({ direction: 'down' as const, bytes: answered, passed })),
];

describeWith(['postgres'], 'a connection that breaks at the end of a commit', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let client: pg.Client;
  let store: Store;
  let direct: Store;
  const open = (url: string) => openPostgresStore({ url, masterKey: masterKeyOf('test'), random: systemRandom });
  beforeAll(async () => {
    database = await createDatabase();
    proxy = await FaultProxy.launch(database.server.port);
    client = new pg.Client(database.url);
    await client.connect();
    direct = await open(database.url);
    store = await open(proxy.urlThrough(database.url));
  });
  afterAll(async () => {
    await store.close();
    await direct.close();
    await client.end();
    await proxy.close();
    await database.close();
  });

  const count = async (table: string, column: string, value: string): Promise<number> => {
    const { rows } = await client.query(`SELECT CAST(COUNT(*) AS INTEGER) AS n FROM ${table} WHERE ${column} = $1`, [
      value,
    ]);
    return rows[0].n;
  };

  /** What tells of each kind of commit, for a name that no other has. */
  const kinds: readonly [
    kind: string,
    before: (name: string) => readonly StoreChange[],
    changes: (name: string) => readonly StoreChange[],
    rows: (name: string) => Promise<number>,
    last: LastWord,
  ][] = [
    [
      'a row of the trail',
      () => [],
      (name) => [
        { type: 'audit.append', event: auditEvent({ transactionId: name }) },
        { type: 'audit.append', event: auditEvent({ transactionId: name, event: 'SECOND' }) },
      ],
      async (name) => (await count('audit', 'transaction_id', name)) / 2,
      COMMIT,
    ],
    [
      'a new journey',
      () => [],
      (name) => [{ type: 'journey.insert', row: journeyRow({ id: name }) }],
      (name) => count('journey_session', 'id', name),
      executed('INSERT 0 1'),
    ],
    [
      'a step of a journey',
      (name) => [{ type: 'journey.insert', row: journeyRow({ id: name }) }],
      (name) => [{ type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ id: name, nonce: name }) }],
      (name) => count('journey_session', 'nonce', name),
      executed('UPDATE 1'),
    ],
    [
      'a step of a journey and more',
      (name) => [{ type: 'journey.insert', row: journeyRow({ id: name }) }],
      (name) => [
        { type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ id: name, nonce: name }) },
        { type: 'replay.see', owner: 'nobody', hash: name, expiresAt: NOW + 60_000, now: NOW },
      ],
      (name) => count('journey_session', 'nonce', name),
      COMMIT,
    ],
    [
      'a new session',
      () => [],
      (name) => [{ type: 'session.insert', row: sessionRow({ tokenHash: name, handle: name }) }],
      (name) => count('session', 'token_hash', name),
      COMMIT,
    ],
  ];

  test.each(kinds)(
    'leaves one commit that is known by %s, wherever it breaks (F18, OPS-10)',
    async (kind, before, changes, rows, last) => {
      for (const [at, where] of cutsOf(last).entries()) {
        const name = `${kind} ${at}`;
        if (before(name).length > 0) await mustCommit(direct, ...before(name));
        const broken = proxy.cuts;
        proxy.fault = { kind: 'cut-at', ...where };
        expect([name, await commit(store, ...changes(name)), await rows(name), proxy.cuts - broken]).toEqual([
          name,
          { committed: true },
          1,
          1,
        ]);
      }
    },
  );

  test('leaves one that nothing tells of uncertain, and the same once more is right (F18, OPS-10)', async () => {
    for (const [at, where] of cutsOf(COMMIT).entries()) {
      const entry = outboxEntry({ id: `entry ${at}` });
      proxy.fault = { kind: 'cut-at', ...where };
      await expect(commit(store, { type: 'outbox.put', entry })).rejects.toThrow(StoreUncertain);
      // The server may still be at it: whoever inserts the same key waits for that.
      expect([at, await commit(store, { type: 'outbox.put', entry })]).toEqual([at, { committed: true }]);
      expect([at, await count('outbox', 'id', entry.id)]).toEqual([at, 1]);
    }
  });

  describe('while another is after the same journey', () => {
    const waiting = async (sessions: number): Promise<void> => {
      for (;;) {
        const { rows } = await client.query(
          "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        );
        if (rows[0].n >= sessions) return;
      }
    };

    test('does not take the journey of the other for its own (F18, OPS-10)', async () => {
      const subject = 'counter';
      const policy = { windowMillis: 60_000, free: 50, lockMillis: 1_000, maxLockMillis: 1_000 };
      const hit: StoreChange = { type: 'throttle.hit', subject, policy, at: NOW };
      await mustCommit(direct, hit);
      const holder = new pg.Client(database.url);
      await holder.connect();
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM throttle WHERE subject = $1 FOR UPDATE', [subject]);

      proxy.fault = { kind: 'cut-at', direction: 'up', bytes: COMMIT.sent, passed: 0 };
      const row = journeyRow({ id: 'contested' });
      const lost = commit(store, { type: 'journey.insert', row }, hit);
      await waiting(1);
      const won = commit(direct, { type: 'journey.insert', row: { ...row, nonce: 'of the other' } });
      await waiting(2);
      await holder.query('COMMIT');
      await holder.end();

      expect(await won).toEqual({ committed: true });
      expect(await lost).toEqual({ committed: false, refused: 'journey.insert' });
      expect(await direct.journeySessions.get('contested')).toMatchObject({ nonce: 'of the other' });
      expect((await direct.throttles.get([subject]))[0]?.hits).toHaveLength(1);
    });
  });
});
