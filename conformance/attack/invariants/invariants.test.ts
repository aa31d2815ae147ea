import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Checked, Invariants } from './invariants.ts';
import { Witness } from './witness.ts';

// What looks after every attack is looked after first: each thing that must not be is found, and nothing else is.

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

const TOKEN = 'a-session-token-of-somebody';

/** A server of which everything can be made up. */
const world = () => {
  const tables: Record<string, object[]> = { session: [], device: [], push_message: [], audit: [] };
  const server = { log: '', metrics: '', files: [] as Buffer[], heapBytes: 1_000, loopP99Millis: 1, known: 'refused' };
  const failures: string[] = [];
  const witness = new Witness();
  const rows = async (sql: string) => {
    const rowsOf = (table: string) => (tables[table] ?? []) as Readonly<Record<string, unknown>>[];
    if (/FROM device WHERE/.test(sql)) return rowsOf('device');
    if (/HAVING/.test(sql)) return rowsOf('several');
    if (/FROM audit GROUP BY/.test(sql)) return rowsOf('audit');
    if (/FROM push_message WHERE/.test(sql)) return rowsOf('push_message');
    return rowsOf(/FROM (\w+)/.exec(sql)?.[1] ?? '');
  };
  const answer = (text: string) => ({ status: 401, body: { text }, headers: new Headers(), callbacks: [], text });
  const checked = {
    target: {
      am: 'http://localhost/am',
      rows,
      takeLog: async () => server.log,
      files: () => server.files,
      measures: async () => ({ heapBytes: server.heapBytes, loopP99Millis: server.loopP99Millis, loopMaxMillis: 1 }),
    },
    client: { takeFailures: () => failures.splice(0), takeAddresses: () => '' },
    witness,
    attacker: {
      person: async () => ({ name: 'known', realm: '/' }),
      start: async () => answer(''),
      submit: async (_step: unknown, { 0: name }: Record<number, string>) =>
        answer(name === 'known' ? server.known : 'refused'),
      raw: async () => answer(server.metrics),
    },
    limits: { loopP99Millis: 100, heapGrowthBytes: 1_000 },
  } as unknown as Checked;
  return { tables, server, failures, witness, invariants: new Invariants(checked) };
};

type World = ReturnType<typeof world>;

const everythingIsRight = (it: World): void => {
  it.witness.signedIn(TOKEN, 'transaction-1', { message: 'AUTHENTICATE:1' });
  it.tables.session = [{ token_hash: hashOf(TOKEN), username: 'known' }];
  it.tables.audit = [{ transaction_id: 'transaction-1', event: 'SESSION_CREATE', many: 1 }];
  it.witness.connected('known');
  it.tables.device = [{ username: 'known', many: 1 }];
  it.witness.denied('AUTHENTICATE:2');
};

const found = async (change: (it: World) => void): Promise<readonly string[]> => {
  const it = world();
  await it.invariants.begin();
  everythingIsRight(it);
  change(it);
  return (await it.invariants.check({ withFiles: true })).map(({ invariant }) => invariant);
};

test('nothing is found where nothing is wrong', async () => {
  expect(await found(() => undefined)).toEqual([]);
});

test.each<[string, string, (it: World) => void]>([
  ['I1', 'a session of nobody’s making', (it) => it.tables.session?.push({ token_hash: 'x', username: 'known' })],
  [
    'I2',
    'a message that let in twice',
    (it) => it.witness.signedIn(TOKEN, 'transaction-1', { message: 'AUTHENTICATE:1' }),
  ],
  ['I2', 'a phone too many', (it) => it.tables.device?.push({ username: 'other', many: 1 })],
  [
    'I2',
    'a request with two sessions',
    (it) => Object.assign(it.tables, { several: [{ transaction_id: 'x', many: 2 }] }),
  ],
  ['I4', 'an answer of 5xx', (it) => it.failures.push('GET /: 500')],
  ['I4', 'a loop that keeps others waiting', (it) => Object.assign(it.server, { loopP99Millis: 101 })],
  ['I4', 'memory that grew', (it) => Object.assign(it.server, { heapBytes: 3_000 })],
  ['I5', 'a token in the log', (it) => Object.assign(it.server, { log: `{"x":"${TOKEN}"}` })],
  ['I5', 'a password in the metrics', (it) => Object.assign(it.server, { metrics: 'x{a="Canary-Password-7f3a"} 1' })],
  ['I5', 'a token in a column', (it) => Object.assign(it.tables, { outbox: [{ text: `x${TOKEN}` }] })],
  ['I5', 'a token in a file', (it) => it.server.files.push(Buffer.from(`\u0000\u0001${TOKEN}`))],
  ['I6', 'a decision that the trail does not have', (it) => it.witness.decided('transaction-2', 'PUSH_ANSWERED')],
  ['I6', 'a decision that it has twice', (it) => Object.assign(it.tables.audit?.[0] ?? {}, { many: 2 })],
  ['I7', 'a known name that is told apart', (it) => Object.assign(it.server, { known: 'locked' })],
  [
    'I8',
    'a denial that let in',
    (it) => it.tables.push_message?.push({ id: 'AUTHENTICATE:2', state: 'consumed', reason: null }),
  ],
])('%s finds %s', async (invariant, _what, change) => {
  expect(await found(change)).toEqual([invariant]);
});

test('what was there before is nobody’s doing', async () => {
  const it = world();
  it.tables.session = [{ token_hash: 'old', username: 'old' }];
  it.tables.device = [{ username: 'old', many: 2 }];
  await it.invariants.begin();
  expect(await it.invariants.check({ withFiles: false })).toEqual([]);
  it.tables.device = [{ username: 'old', many: 3 }];
  expect((await it.invariants.check({ withFiles: false })).map(({ invariant }) => invariant)).toEqual(['I2']);
});
