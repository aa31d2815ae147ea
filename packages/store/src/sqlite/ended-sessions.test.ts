import { LOGOUT_WEBHOOKS, SESSION_PROPERTY_LIMITS, SESSIONS_OF_USER, webhooksText } from '@assent/engine/host';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Store, StoreChange } from '../ports/store.ts';
import { mustCommit, NOW, newUser, sessionRow } from '../testing/rows.ts';
import { masterKeyOf, removeScratch, scratchFile, systemRandom } from '../testing/scratch.ts';
import type * as driver from './driver.ts';
import type * as store from './sqlite-store.ts';

/** How often each statement is executed. */
const executed = new Map<string, number>();
const counted = (db: driver.Database): driver.Database => ({
  ...db,
  prepare: ((text: string) => {
    const made = db.prepare(text);
    const count = <T>(work: T): T => {
      executed.set(text, (executed.get(text) ?? 0) + 1);
      return work;
    };
    return {
      run: (...values) => count(made.run(...values)),
      get: (...values) => count(made.get(...values)),
      all: (...values) => count(made.all(...values)),
    } satisfies driver.PreparedStatement;
  }) as driver.Database['prepare'],
});

/** Other test files of the process have loaded the store already: it is loaded once more, with statements that are counted. */
let openSqliteStore: typeof store.openSqliteStore;
beforeAll(async () => {
  vi.resetModules();
  vi.doMock('./driver.ts', async (importOriginal) => {
    const original = await importOriginal<typeof driver>();
    return {
      ...original,
      openDatabase: async (...given) => counted(await original.openDatabase(...given)),
    } satisfies typeof driver;
  });
  ({ openSqliteStore } = await import('./sqlite-store.ts'));
  vi.doUnmock('./driver.ts');
  vi.resetModules();
});

afterAll(removeScratch);
beforeEach(() => executed.clear());

const { logoutWebhooks } = SESSION_PROPERTY_LIMITS;
const webhooks = Array.from({ length: logoutWebhooks }, (_, at) => `webhook-${at}`);
const USER = { id: 'user-1', realm: '/alpha', username: 'demo' };
const SWEEP_ROWS = 500;

/** What is executed for some work: how many statements, and how many of them count what waits in the outbox. */
const during = async (work: () => Promise<unknown>) => {
  executed.clear();
  await work();
  const sum = (wanted: RegExp) =>
    [...executed].reduce((total, [text, times]) => total + (wanted.test(text) ? times : 0), 0);
  return { statements: sum(/./), counts: sum(/COUNT\(\*\) FROM[^)]*outbox/s) };
};

const commits = (change: StoreChange) => (store: Store) => during(() => mustCommit(store, change));
const sweeps = (now: number) => async (store: Store) => {
  const steps: Awaited<ReturnType<typeof during>>[] = [];
  for (let rows: number | undefined = SWEEP_ROWS; rows === SWEEP_ROWS; ) {
    steps.push(
      await during(async () => {
        rows = await store.sweep(now, SWEEP_ROWS);
      }),
    );
  }
  return {
    statements: steps.reduce((sum, it) => sum + it.statements, 0),
    counts: steps.reduce((sum, it) => sum + it.counts, 0),
    most: Math.max(...steps.map(({ statements }) => statements)),
  };
};

type Work = { readonly statements: number; readonly counts: number; readonly most?: number };
const kept = 'not one of them';
const WAYS: readonly {
  readonly way: string;
  readonly end: (store: Store) => Promise<Work>;
  readonly others?: number;
}[] = [
  { way: 'the end of all', end: commits({ type: 'session.endAllOf', userId: 'user-1' }) },
  { way: 'the end of all others', end: commits({ type: 'session.endOthersOf', userId: 'user-1', tokenHash: kept }) },
  { way: 'the end of one that all go on from', end: commits({ type: 'session.end', userId: 'user-1', sid: 'sid-1' }) },
  { way: 'a user who is disabled', end: commits({ type: 'identity.active', id: 'user-1', active: false }) },
  { way: 'the end of all access', end: commits({ type: 'identity.endAccess', id: 'user-1' }) },
  { way: 'a user who is deleted', end: commits({ type: 'identity.delete', id: 'user-1' }) },
  { way: 'a user who is erased', end: commits({ type: 'identity.erase', at: NOW, journeys: [], ...USER }) },
  { way: 'timeouts', end: sweeps(NOW + 10 * 60_000) },
  { way: 'too many of a user', end: sweeps(NOW), others: SESSIONS_OF_USER.kept },
];

/** A store with so many sessions that have as many webhooks as they may, and others that were used later. */
const storeWith = async (count: number, others = 0): Promise<Store> => {
  const store = await openSqliteStore({ file: scratchFile(), masterKey: masterKeyOf('t'), random: systemRandom });
  await mustCommit(store, newUser());
  const row = (name: string, at: number, lastUsedAt: number, properties: Readonly<Record<string, string>>) => {
    const times = { createdAt: lastUsedAt, lastUsedAt, maxIdleMillis: NOW, maxExpiresAt: NOW + 10 * 60_000 };
    const proven = { AuthFactors: `password@${NOW}`, ...properties };
    return sessionRow({
      tokenHash: `${name}-${at}`,
      handle: `${name}-${at}`,
      sid: 'sid-1',
      properties: proven,
      ...times,
    });
  };
  const told = { [LOGOUT_WEBHOOKS]: webhooksText(webhooks) };
  const rows = [
    ...Array.from({ length: count }, (_, at) => row('told', at, NOW - 2 * SESSIONS_OF_USER.idleMillis, told)),
    ...Array.from({ length: others }, (_, at) => row('other', at, NOW, {})),
  ];
  await mustCommit(store, ...rows.map((it) => ({ type: 'session.insert', row: it }) as const));
  return store;
};

test.each(WAYS)(
  'counts what waits for a webhook once for many sessions, and twice as many sessions are twice the statements: $way (SEC-93, OPS-43)',
  async ({ end, others }) => {
    const done = async (count: number): Promise<Work> => {
      const store = await storeWith(count, others);
      const work = await end(store);
      const told = await store.outbox.backlog();
      expect(told.map((it) => [it.kind, it.count])).toEqual([['webhook', count * logoutWebhooks]]);
      await store.close();
      return work;
    };
    const [some, twice] = [await done(100), await done(200)];
    // For one session of ten at most.
    expect(some.counts).toBeGreaterThan(0);
    expect(twice.counts).toBeLessThanOrEqual((200 * logoutWebhooks) / 10);
    expect(twice.counts).toBeLessThanOrEqual(2 * some.counts);
    expect(twice.statements).toBeLessThanOrEqual(2.1 * some.statements);
    expect(twice.statements).toBeLessThan(1.5 * 200 * logoutWebhooks);
    // A sweep goes on in steps, each of which writes about 250 entries.
    expect(twice.most ?? 0).toBeLessThan(500);
  },
);
