import { once } from 'node:events';
import { createServer } from 'node:http';
import { Writable } from 'node:stream';
import { Unavailable } from '@assent/engine';
import { createPasswordHasher, openMemoryStore, type Store, StoreRefused } from '@assent/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Health } from '../platform/health.ts';
import { createLog } from '../platform/log.ts';
import { loadSettings } from '../settings/load-settings.ts';
import { compose } from './compose.ts';
import { beginOverStore } from './store-at-start.ts';

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

let lines: unknown[] = [];
beforeEach(() => {
  lines = [];
});
afterEach(() => {
  vi.useRealTimers();
});
const destination = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(JSON.parse(chunk.toString()));
    done();
  },
});

const steered = () => ({
  health: new Health({ elapsed: () => 0, every: () => () => undefined }),
  management: { open: async () => undefined },
});

/** A start whose database answers as the outcomes say, one after the other; `meanwhile` runs in each wait. */
const start = async (outcomes: readonly (Error | Store)[], meanwhile: (origin: string) => Promise<unknown>) => {
  const port = await freePort();
  const { settings } = await loadSettings({
    flags: { port },
    env: {
      ASSENT_DATABASE_URL: 'postgres://assent:hidden@127.0.0.1/assent',
      ASSENT_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    },
  });
  let asked = 0;
  const opened = beginOverStore({
    settings,
    ...steered(),
    log: createLog({ level: 'info', destination }),
    async begin() {
      const outcome = outcomes[asked];
      asked += 1;
      if (outcome === undefined || outcome instanceof Error) throw outcome;
      return outcome;
    },
    wait: () => meanwhile(`http://127.0.0.1:${port}`),
  });
  return { opened, port };
};

const readBody = (text: string): unknown => (text === '' ? undefined : JSON.parse(text));

const gone = new Unavailable('the database cannot be used', {
  cause: new Error('connect ECONNREFUSED 127.0.0.1:5432'),
});

test('a start without its database waits, live and not ready, and tells everybody else when to come again (OPS-34, REL-17)', async () => {
  const store = await openMemoryStore();
  const seen: unknown[] = [];
  const { opened, port } = await start([gone, gone, store], async (origin) => {
    for (const path of [
      '/am/health/live',
      '/am/json/health/live',
      '/am/health/ready',
      '/am/json/health/ready',
      '/am/login?realm=/',
    ]) {
      const answer = await fetch(origin + path);
      seen.push([path, answer.status, answer.headers.get('retry-after'), readBody(await answer.text())]);
    }
  });
  expect(await opened).toBe(store);
  const unavailable = { code: 503, reason: 'Service Unavailable', message: expect.any(String) };
  const round = [
    ['/am/health/live', 200, null, { status: 'live' }],
    ['/am/json/health/live', 200, null, undefined],
    ['/am/health/ready', 503, null, { status: 'store unavailable' }],
    ['/am/json/health/ready', 503, null, undefined],
    ['/am/login?realm=/', 503, '2', unavailable],
  ];
  expect(seen).toEqual([...round, ...round]);
  // The port is free for the server itself.
  await expect(fetch(`http://127.0.0.1:${port}/am/health/live`)).rejects.toThrow();
});

test('the log says what is waited for, by which setting and why, once and not at each try, and no password', async () => {
  const { opened } = await start(
    [...Array.from({ length: 30 }, () => gone), await openMemoryStore()],
    async () => undefined,
  );
  await opened;
  expect(lines).toMatchObject([
    {
      msg: expect.stringMatching(/^Waiting for the database/),
      database: 'PostgreSQL, assent on 127.0.0.1',
      setting: 'ASSENT_DATABASE_URL',
      cause: 'connect ECONNREFUSED 127.0.0.1:5432',
    },
    { msg: 'The wait for the database is over.' },
  ]);
  expect(JSON.stringify(lines)).not.toContain('hidden');
});

test.each([
  ['refuses', new StoreRefused('The database was made by a newer version of Assent.')],
  ['is a mistake', new TypeError('no such table')],
])('a database that %s ends the start, also after a wait', async (_how, error) => {
  const { opened } = await start([gone, error], async () => undefined);
  await expect(opened).rejects.toBe(error);
});

test('a port that is taken is told while the database is waited for', async () => {
  const { opened } = await start([gone, gone], async (origin) => {
    const second = beginOverStore({
      settings: (await loadSettings({ flags: { port: Number(new URL(origin).port) }, env: {} })).settings,
      log: createLog({ level: 'silent' }),
      ...steered(),
      begin: () => Promise.reject(gone),
    });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
    throw gone;
  });
  await expect(opened).rejects.toBe(gone);
});

const slow = () => new Unavailable('the database cannot be used', { cause: new Error('Query read timeout') });

/** What a start asks a store after it has opened it, before and after the password of the administrator is made. */
const ASKED_BEFORE_IT_LISTENS: readonly (readonly [string, (store: Store) => unknown])[] = [
  ['the realm', ({ committer }) => twiceSlow(vi.spyOn(committer, 'commit'))],
  ['the configuration', ({ configuration }) => twiceSlow(vi.spyOn(configuration, 'load'))],
  ['a key', ({ secrets }) => twiceSlow(vi.spyOn(secrets, 'getOrCreate'))],
];
const twiceSlow = (asked: { mockRejectedValueOnce(error: Error): unknown }) => {
  asked.mockRejectedValueOnce(slow());
  asked.mockRejectedValueOnce(slow());
};

const startOver = async (store: Store, wait: () => Promise<unknown> = () => Promise.reject(new Error('It waits.'))) => {
  const { settings } = await loadSettings({ flags: { port: await freePort(), databaseUrl: 'memory:' }, env: {} });
  const hasher = createPasswordHasher({ cost: 'cheap-for-tests' });
  return compose({ settings, store, hasher, log: createLog({ level: 'info', destination }), wait });
};

test.each(ASKED_BEFORE_IT_LISTENS)(
  'a database that is too slow for %s is waited for, and the password that was made is said once it is there (OPS-34, SEC-77)',
  async (_what, makeSlow) => {
    const store = await openMemoryStore();
    let waits = 0;
    makeSlow(store);
    const server = await startOver(store, async () => {
      waits += 1;
    });
    expect(waits).toBe(2);
    const { adminPassword = '' } = server.firstScreen;
    const administrator = await store.identities.find('/', 'amadmin');
    const hash = administrator && (await store.identities.passwordHash(administrator.id));
    expect(await createPasswordHasher().verify(hash, adminPassword, { realm: '/' })).toBe(true);
    await server.stop();
  },
);

test('a database that is gone when the server has begun to listen costs no start: all is asked again (OPS-34, OPS-41)', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const store = await openMemoryStore();
  const server = await startOver(store);
  const unsent = vi.spyOn(store.messages, 'unclaimed').mockRejectedValueOnce(slow());
  const beats = vi.spyOn(store.instances, 'list').mockRejectedValueOnce(slow());
  await server.listen();
  for (const msg of ['Unsent messages could not be read.', 'The other instances could not be told of this one.']) {
    expect(lines).toContainEqual(expect.objectContaining({ msg }));
  }
  // What was this instance's before is asked for until a database has answered, and not after that.
  for (const isStart of [true, true, false]) {
    expect(unsent.mock.lastCall?.[2] !== undefined).toBe(isStart);
    await vi.advanceTimersByTimeAsync(2_000);
  }
  await vi.advanceTimersByTimeAsync(10_000);
  expect(beats.mock.calls.length).toBeGreaterThan(1);
  expect(await store.instances.list()).toHaveLength(1);
  await server.stop();
});
