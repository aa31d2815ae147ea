import { afterEach, expect, test } from 'vitest';
import { newCounters } from '../ports/counters.ts';
import type { StoreChange } from '../ports/store.ts';
import type { Row } from '../sql/verbs/verb.ts';
import {
  boundRow,
  codeRow,
  deviceRow,
  grantRow,
  journeyRow,
  keyRow,
  messageRow,
  NOW,
  newUser,
  oathRow,
  parkedRow,
  passkeyRow,
  pendingRow,
} from '../testing/rows.ts';
import { removeScratch, scratchFile } from '../testing/scratch.ts';
import { type Database, driverFor, openDatabase } from './driver.ts';
import { createTransactions } from './transactions.ts';

let db: Database | undefined;
afterEach(() => {
  db?.close();
  removeScratch();
});

/** A real database that tells what was asked of it, with changes that are one insert each, and one verb that is refused. */
const listening = async (fullSync = false) => {
  const native = await openDatabase(scratchFile(), driverFor(process.versions.node));
  db = native;
  native.exec('PRAGMA journal_mode = WAL; CREATE TABLE done (type TEXT)');
  const heard: string[] = [];
  const told: Database = {
    exec: (sql) => {
      // What is overwritten has a test of its own, by the bytes of the file.
      if (!sql.startsWith('PRAGMA secure_delete')) heard.push(sql);
      native.exec(sql);
    },
    prepare: <R extends Row>(sql: string) => {
      const statement = native.prepare<R>(sql);
      return {
        ...statement,
        run: (...values) => {
          heard.push(sql);
          return statement.run(...values);
        },
      };
    },
    close: () => native.close(),
  };
  const insert = native.prepare('INSERT INTO done (type) VALUES (?)');
  const counters = newCounters();
  const transactions = createTransactions(told, {
    fullSync,
    counters,
    onBegin: () => undefined,
    onRollback: () => undefined,
    apply: (changes) => {
      for (const { type } of changes) insert.run(type);
      const refused = changes.find(({ type }) => type === 'code.use')?.type;
      return refused === undefined ? undefined : { committed: false, refused };
    },
  });
  const kept = () => native.prepare<[type: string]>('SELECT type FROM done').all().flat();
  const count = (sql: string) => heard.filter((it) => it === sql).length;
  return { heard, transactions, kept, count };
};

const FULL = 'PRAGMA synchronous = FULL';
const NORMAL = 'PRAGMA synchronous = NORMAL';
const answer = { type: 'push.answer', id: 'm', state: 'approved', at: NOW, answerHash: 'h' } as const;
const passkeyUsed = (signCount: number): Extract<StoreChange, { type: 'passkey.used' }> => ({
  type: 'passkey.used',
  uuid: 'p',
  signCount,
  mismatch: false,
  userVerified: true,
  backedUp: false,
  at: NOW,
});
const claims = {
  mechanismUid: 'm',
  deviceId: 'd',
  deviceType: 'web',
  communicationType: 'relay',
  communicationId: 'c',
};

test.each<[StoreChange]>([
  [newUser()],
  [{ type: 'identity.password', id: 'u', hash: 'h' }],
  [{ type: 'device.insert', row: deviceRow(), maxDevices: 1 }],
  [{ type: 'codes.replace', userId: 'u', deviceType: 'push', rows: [codeRow()] }],
  [{ type: 'code.use', id: 'c' }],
  [{ type: 'oath.insert', row: oathRow(), maxDevices: 1 }],
  [{ type: 'oath.update', row: oathRow({ deviceName: 'Other' }) }],
  [{ type: 'oath.used', row: oathRow({ counter: 1 }) }],
  [{ type: 'passkey.insert', row: passkeyRow(), maxDevices: 1 }],
  [passkeyUsed(8)],
  [{ ...passkeyUsed(0), mismatch: true }],
  [{ type: 'bound.insert', row: boundRow(), maxDevices: 1 }],
  [{ ...answer, claims }],
  [{ type: 'grant.redeem', id: 'g', at: NOW, expiresAt: NOW }],
  [{ type: 'grant.refresh', id: 'g', seenRefreshNo: 1, rotates: true, at: NOW, expiresAt: NOW }],
  [{ type: 'grant.dropAccess', id: 'g', accessNo: 1 }],
  [{ type: 'grant.end', id: 'g' }],
  [{ type: 'grant.endOfUser', userId: 'u', clientId: 'c' }],
  [{ type: 'replay.see', hash: 'h', owner: 'o', expiresAt: NOW, now: NOW }],
  [{ type: 'consent.drop', userId: 'u', clientId: 'c' }],
  [{ type: 'signingKey.insert', row: keyRow() }],
])(
  'a commit that holds $type is flushed to disk before it is acknowledged (performance.md §4 rule 13)',
  async (change) => {
    const { heard, transactions } = await listening();
    await transactions.commit([{ type: 'journey.insert', row: journeyRow() }, change]);
    expect(heard.slice(0, 2)).toEqual([FULL, 'BEGIN IMMEDIATE']);
  },
);

test.each<[StoreChange]>([
  [{ type: 'journey.insert', row: journeyRow() }],
  [{ type: 'push.open', rows: [messageRow()] }],
  [answer],
  [{ type: 'device.accessed', uuid: 'd', at: NOW }],
  [{ type: 'device.discard', journeyId: 'j' }],
  [passkeyUsed(0)],
  [{ type: 'bound.accessed', realm: '/', uuid: 'k', at: NOW }],
  [{ type: 'identity.usable', id: 'u', credentialRev: 1 }],
  [{ type: 'grant.open', row: grantRow() }],
  [{ type: 'parked.put', row: parkedRow(), now: NOW }],
  [{ type: 'pendingApproval.open', row: pendingRow(), now: NOW }],
  [{ type: 'consent.save', row: { realm: '/', userId: 'u', clientId: 'c', scopes: [] } }],
])('a commit of $type alone is not', async (change) => {
  const { heard, transactions } = await listening();
  await transactions.commit([change]);
  expect(heard.slice(0, 2)).toEqual([NORMAL, 'BEGIN IMMEDIATE']);
});

test('every commit is flushed where the operator asked for it', async () => {
  const { heard, transactions } = await listening(true);
  await transactions.commit([{ type: 'journey.insert', row: journeyRow() }]);
  expect(heard).toContain(FULL);
  expect(heard).not.toContain(NORMAL);
});

test('commits that arrive together share one transaction, and one flush if any of them needs it (REL-19)', async () => {
  const { transactions, count } = await listening();
  const commits = Array.from({ length: 50 }, () =>
    transactions.commit([{ type: 'journey.insert', row: journeyRow() }]),
  );
  await Promise.all([...commits, transactions.commit([newUser()])]);
  expect([count('BEGIN IMMEDIATE'), count('COMMIT'), count('SAVEPOINT one'), count(FULL)]).toEqual([1, 1, 0, 1]);
});

test('a group with a commit that is refused is done again under savepoints, once, and without what was refused', async () => {
  const { transactions, count, kept } = await listening();
  const commits = [newUser(), { type: 'code.use', id: 'c' } as const, { ...answer }].map((change) =>
    transactions.commit([change]),
  );
  const refused = { committed: false, refused: 'code.use' };
  expect(await Promise.all(commits)).toEqual([{ committed: true }, refused, { committed: true }]);
  expect(kept()).toEqual(['identity.insert', 'push.answer']);
  expect([count('BEGIN IMMEDIATE'), count('SAVEPOINT one'), count('ROLLBACK'), count('COMMIT')]).toEqual([2, 3, 1, 1]);
});
