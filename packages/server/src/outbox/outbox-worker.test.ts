import type { OutboxEntry } from '@assent/engine/host';
import { seededRandom, simulatedClock } from '@assent/engine/testing';
import { openMemoryStore, type Store } from '@assent/store';
import { describe, expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { OutboxWorker, type Sent } from './outbox-worker.ts';

const HOUR = 3_600_000;
const entry = (given: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: 'e1',
  kind: 'test',
  realm: '/',
  recipient: 'app',
  payload: '{}',
  ...given,
});

const world = (given: { readonly store?: Store } = {}) => {
  const { store = openMemoryStore() } = given;
  const clock = simulatedClock();
  const sent: string[] = [];
  let answer: (id: string) => Promise<Sent> = async () => ({ isSettled: true, outcome: 'told' });
  const sender = {
    triedForMillis: 24 * HOUR,
    send: ({ id }: OutboxEntry) => {
      sent.push(id);
      return answer(id);
    },
    audit: ({ id, realm }: OutboxEntry, at: number, outcome: string) => ({
      type: 'audit.append',
      event: { at, realm, transactionId: 't', event: 'SENT', userId: 'u', outcome, detail: { id } },
    }),
  };
  const newWorker = () =>
    new OutboxWorker({
      outbox: store.outbox,
      committer: store.committer,
      clock,
      random: seededRandom(),
      log: createLog('silent'),
      senders: new Map([['test', sender]]),
    });
  const worker = newWorker();
  return {
    store,
    clock,
    sent,
    worker,
    newWorker,
    answerWith: (with_: typeof answer) => {
      answer = with_;
    },
    put: async (...entries: readonly OutboxEntry[]) => {
      await store.committer.commit(entries.map((it) => ({ type: 'outbox.put', entry: it })));
    },
    run: async (it = worker) => {
      await it.wake();
      await it.idle();
    },
    waiting: async () => (await store.outbox.due(Number.MAX_SAFE_INTEGER, 99, 99)).map(({ id, tries }) => [id, tries]),
    outcomes: async () => (await store.audit.ofUser('u', 99)).map(({ outcome }) => outcome),
  };
};

const down = async (): Promise<Sent> => ({ isSettled: false, outcome: 'status 503' });

describe('an entry', () => {
  test('is sent once, and is gone', async () => {
    const { put, run, sent, waiting, outcomes } = world();
    await run();
    await put(entry());
    await run();
    await run();
    expect(sent).toEqual(['e1']);
    expect(await waiting()).toEqual([]);
    expect(await outcomes()).toEqual(['told']);
  });

  test('is sent by one of several instances', async () => {
    const { put, run, sent, newWorker } = world();
    await put(entry());
    await Promise.all([newWorker(), newWorker(), newWorker()].map((it) => run(it)));
    expect(sent).toEqual(['e1']);
  });

  test('that does not arrive is tried again later and later, for a day, and is then given up', async () => {
    const { put, run, sent, clock, waiting, outcomes, answerWith } = world();
    answerWith(down);
    await put(entry());
    const begun = clock.now();
    const tries: number[] = [];
    while (clock.now() - begun < 26 * HOUR) {
      const before = sent.length;
      await run();
      if (sent.length > before) tries.push(clock.now() - begun);
      clock.advance(5_000);
    }
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(pauses[0]).toBeLessThan(30_000);
    expect(Math.min(...pauses)).toBeGreaterThan(10_000);
    expect(Math.max(...pauses)).toBeLessThan(1.3 * HOUR);
    expect(pauses.slice(0, 4)).toEqual([...pauses.slice(0, 4)].sort((a, b) => a - b));
    expect(tries.length).toBeLessThan(60);
    expect(tries.at(-1)).toBeGreaterThan(22 * HOUR);
    expect(tries.at(-1)).toBeLessThan(24 * HOUR);
    expect(await waiting()).toEqual([]);
    expect(await outcomes()).toEqual(['given up: status 503']);
  });

  test('that arrives in the end has its row of the trail then', async () => {
    const { put, run, clock, waiting, outcomes, answerWith } = world();
    answerWith(down);
    await put(entry());
    await run();
    expect(await waiting()).toEqual([['e1', 1]]);
    expect(await outcomes()).toEqual([]);
    answerWith(async () => ({ isSettled: true, outcome: 'told' }));
    clock.advance(60_000);
    await run();
    expect(await waiting()).toEqual([]);
    expect(await outcomes()).toEqual(['told']);
  });

  test('that failed together with others comes again apart from them', async () => {
    const { put, run, store, answerWith } = world();
    answerWith(down);
    await put(...Array.from({ length: 8 }, (_none, at) => entry({ id: `e${at}` })));
    await run();
    const next = (await store.outbox.due(Number.MAX_SAFE_INTEGER, 9, 9)).map(({ nextTryAt }) => nextTryAt);
    expect(new Set(next).size).toBeGreaterThan(6);
  });

  test('whose sender throws comes back', async () => {
    const { put, run, clock, sent, answerWith } = world();
    answerWith(() => Promise.reject(new Error('a fault of ours')));
    await put(entry());
    await run();
    clock.advance(60_000);
    await run();
    expect(sent).toEqual(['e1', 'e1']);
  });

  test('of a kind that nobody sends is let go', async () => {
    const { put, run, sent, waiting } = world();
    await put(entry({ kind: 'of a later version' }));
    await run();
    expect(sent).toEqual([]);
    expect(await waiting()).toEqual([]);
  });
});

describe('a recipient that hangs', () => {
  const hanging = () => {
    const made = world();
    const free: (() => void)[] = [];
    made.answerWith((id) =>
      id.startsWith('slow')
        ? new Promise((done) => free.push(() => done({ isSettled: true, outcome: 'told' })))
        : Promise.resolve({ isSettled: true, outcome: 'told' }),
    );
    const release = (): void => {
      for (const it of free.splice(0)) it();
    };
    const slow = Array.from({ length: 100 }, (_none, at) => entry({ id: `slow-${at}`, recipient: 'slow' }));
    return { ...made, slow, release };
  };

  test('has few calls at a time, and delays no other', async () => {
    const { worker, put, sent, slow, release } = hanging();
    await put(...slow);
    await worker.wake();
    expect(sent).toHaveLength(8);
    await put(entry({ id: 'quick', recipient: 'other' }));
    await worker.wake();
    expect(sent).toHaveLength(9);
    expect(sent).toContain('quick');
    for (let round = 0; round < 20; round += 1) {
      release();
      await new Promise((turn) => setImmediate(turn));
    }
    await worker.idle();
    expect(new Set(sent).size).toBe(101);
    expect(sent).toHaveLength(101);
  });

  test('is left where the server stops: what is not settled waits for the next', async () => {
    const { worker, put, waiting, slow, release, sent, clock, newWorker, run, answerWith } = hanging();
    await put(...slow.slice(0, 10));
    await worker.wake();
    answerWith(down);
    const stopped = worker.stop();
    release();
    await stopped;
    expect(sent).toHaveLength(8);
    expect(await waiting()).toHaveLength(2);
    answerWith(async () => ({ isSettled: true, outcome: 'told' }));
    clock.advance(60_000);
    await run(worker);
    expect(await waiting()).toHaveLength(2);
    await run(newWorker());
    expect(await waiting()).toEqual([]);
  });
});

test('a store that fails costs one round', async () => {
  const store = openMemoryStore();
  let isBroken = true;
  const failing: Store = {
    ...store,
    outbox: { due: (...given) => (isBroken ? Promise.reject(new Error('disk')) : store.outbox.due(...given)) },
  };
  const { put, run, sent } = world({ store: failing });
  await put(entry());
  await run();
  isBroken = false;
  await run();
  expect(sent).toEqual(['e1']);
});
