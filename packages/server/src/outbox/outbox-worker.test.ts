import { Writable } from 'node:stream';
import type { OutboxEntry } from '@assent/engine/host';
import { seededRandom, simulatedClock } from '@assent/engine/testing';
import { openMemoryStore, type Store } from '@assent/store';
import { describe, expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { OutboxWorker, type Sent, triedFor } from './outbox-worker.ts';

const HOUR = 3_600_000;
const entry = (given: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: 'e1',
  kind: 'test',
  realm: '/',
  recipient: 'app',
  payload: '{}',
  ...given,
});

const world = async (given: { readonly store?: Store; readonly keepsGivenUp?: boolean } = {}) => {
  const { store = await openMemoryStore(), keepsGivenUp = true } = given;
  const clock = simulatedClock();
  const sent: string[] = [];
  let answer: (id: string) => Promise<Sent> = async () => ({ status: 'settled', outcome: 'told' });
  const sender = {
    triedUntil: triedFor(24 * HOUR),
    keepsGivenUp,
    send: ({ id }: OutboxEntry) => {
      sent.push(id);
      return answer(id);
    },
    audit: ({ id, realm }: OutboxEntry, at: number, outcome: string) => ({
      type: 'audit.append',
      event: { at, realm, transactionId: 't', event: 'SENT', userId: 'u', outcome, detail: { id } },
    }),
  };
  const logged: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  const newWorker = () =>
    new OutboxWorker({
      outbox: store.outbox,
      committer: store.committer,
      clock,
      random: seededRandom(),
      log: createLog({ level: 'info', destination }),
      senders: new Map([['test', sender]]),
    });
  const worker = newWorker();
  return {
    store,
    clock,
    sent,
    logged,
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
    dead: async () => (await store.outbox.list({ isDead: true }, 99)).map(({ id, cause }) => [id, cause]),
    outcomes: async () => (await store.audit.ofUser('u', 99)).map(({ outcome }) => outcome),
  };
};

const down = async (): Promise<Sent> => ({ status: 'failed', cause: 'status 503' });

describe('an entry', () => {
  test('is sent once, and is gone', async () => {
    const { put, run, sent, waiting, outcomes } = await world();
    await run();
    await put(entry());
    await run();
    await run();
    expect(sent).toEqual(['e1']);
    expect(await waiting()).toEqual([]);
    expect(await outcomes()).toEqual(['told']);
  });

  test('is sent by one of several instances', async () => {
    const { put, run, sent, newWorker } = await world();
    await put(entry());
    await Promise.all([newWorker(), newWorker(), newWorker()].map((it) => run(it)));
    expect(sent).toEqual(['e1']);
  });

  test('that does not arrive is tried again later and later, for a day, and is then given up', async () => {
    const { put, run, sent, store, clock, waiting, dead, outcomes, logged, answerWith } = await world();
    answerWith(down);
    await put(entry());
    const begun = clock.now();
    const tries: number[] = [];
    while (clock.now() - begun < 26 * HOUR) {
      const before = sent.length;
      await run();
      if (sent.length > before) tries.push(clock.now() - begun);
      const [next] = await store.outbox.due(Number.MAX_SAFE_INTEGER, 1, 1);
      clock.advance(next === undefined ? HOUR : Math.max(1, next.nextTryAt - clock.now()));
    }
    const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const delay = Math.min(1_000 * 2 ** index, 300_000);
      expect(pause).toBeGreaterThanOrEqual(delay / 2);
      expect(pause).toBeLessThan(1.5 * delay);
    }
    expect(tries.at(-1)).toBeGreaterThan(23.8 * HOUR);
    expect(tries.at(-1)).toBeLessThan(24 * HOUR);
    expect(await waiting()).toEqual([]);
    expect(await dead()).toEqual([['e1', 'status 503']]);
    expect(await outcomes()).toEqual(['given up: status 503']);
    expect(logged.at(-1)).toMatchObject({
      msg: 'An entry of the outbox was given up.',
      id: 'e1',
      cause: 'status 503',
      fix: 'Mend the cause, then: assent outbox retry e1',
    });
  });

  test('that its receiver refuses for good is given up at once, and tried again where somebody says so (OPS-44)', async () => {
    const { put, run, sent, store, waiting, dead, outcomes, answerWith } = await world();
    answerWith(async () => ({ status: 'refused', cause: 'no such address' }));
    await put(entry());
    await run();
    expect([await waiting(), await dead()]).toEqual([[], [['e1', 'no such address']]]);
    expect(await outcomes()).toEqual(['given up: no such address']);
    answerWith(async () => ({ status: 'settled', outcome: 'told' }));
    await store.committer.commit([{ type: 'outbox.revive', id: 'e1' }]);
    await run();
    expect([await waiting(), await dead()]).toEqual([[], []]);
    expect(sent).toEqual(['e1', 'e1']);
  });

  test('that is of no use later is not kept where it was given up, and the trail says so (OPS-44)', async () => {
    const { put, run, waiting, dead, outcomes, logged, answerWith } = await world({ keepsGivenUp: false });
    answerWith(async () => ({ status: 'failed', cause: 'status 503', retryAfterMillis: 25 * HOUR }));
    await put(entry());
    await run();
    expect([await waiting(), await dead()]).toEqual([[], []]);
    expect(await outcomes()).toEqual(['given up: status 503']);
    expect(logged.at(-1)).not.toHaveProperty('fix');
  });

  test('whose receiver says when to come back is tried then, and no earlier (OPS-44)', async () => {
    const { put, run, sent, clock, answerWith } = await world();
    answerWith(async () => ({ status: 'failed', cause: 'status 429', retryAfterMillis: 900_000 }));
    await put(entry());
    await run();
    clock.advance(899_999);
    await run();
    expect(sent).toHaveLength(1);
    clock.advance(1);
    await run();
    expect(sent).toHaveLength(2);
  });

  test('whose receiver wants to be left alone beyond its time is given up', async () => {
    const { put, run, dead, answerWith } = await world();
    answerWith(async () => ({ status: 'failed', cause: 'status 429', retryAfterMillis: 25 * HOUR }));
    await put(entry());
    await run();
    expect(await dead()).toEqual([['e1', 'status 429']]);
  });

  test('whose process ends while it is sent is tried by another half a minute later', async () => {
    const { put, worker, sent, clock, answerWith, newWorker, run } = await world();
    answerWith(() => new Promise(() => undefined));
    await put(entry());
    await worker.wake();
    const other = newWorker();
    answerWith(async () => ({ status: 'settled', outcome: 'told' }));
    clock.advance(29_999);
    await run(other);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    await run(other);
    expect(sent).toHaveLength(2);
  });

  test('that arrives in the end has its row of the trail then', async () => {
    const { put, run, clock, waiting, outcomes, answerWith } = await world();
    answerWith(down);
    await put(entry());
    await run();
    expect(await waiting()).toEqual([['e1', 1]]);
    expect(await outcomes()).toEqual([]);
    answerWith(async () => ({ status: 'settled', outcome: 'told' }));
    clock.advance(60_000);
    await run();
    expect(await waiting()).toEqual([]);
    expect(await outcomes()).toEqual(['told']);
  });

  test('that failed together with others comes again apart from them', async () => {
    const { put, run, store, answerWith } = await world();
    answerWith(down);
    await put(...Array.from({ length: 8 }, (_none, at) => entry({ id: `e${at}` })));
    await run();
    const next = (await store.outbox.due(Number.MAX_SAFE_INTEGER, 9, 9)).map(({ nextTryAt }) => nextTryAt);
    expect(new Set(next).size).toBeGreaterThan(6);
  });

  test.each([0, 1, 999])(
    'whose receiver wants to be asked again after %i ms is tried as rarely as any other',
    async (retryAfterMillis) => {
      const { put, run, sent, clock, answerWith } = await world();
      answerWith(async () => ({ status: 'failed', cause: 'status 503', retryAfterMillis }));
      await put(entry());
      const hour = clock.now() + HOUR;
      for (; clock.now() < hour; clock.advance(1_000)) await run();
      // 1, 2, 4 … 300 s.
      expect(sent.length).toBeLessThan(30);
    },
  );

  test('whose sender throws is tried as long as any other, and then given up, and nothing of why is in the row', async () => {
    const { put, run, clock, sent, dead, waiting, logged, answerWith } = await world();
    answerWith(() => Promise.reject(new TypeError('what https://secret@example.com said')));
    await put(entry());
    for (const end = clock.now() + 25 * HOUR; clock.now() < end; clock.advance(300_000)) await run();
    expect(sent.length).toBeGreaterThan(100);
    expect([await waiting(), await dead()]).toEqual([[], [['e1', 'TypeError: see the log']]]);
    expect(logged[0]).toMatchObject({ id: 'e1', cause: expect.stringMatching(/^TypeError: /) });
  });

  test('keeps of what a receiver has said no more than any store can (OPS-15)', async () => {
    const { put, run, dead, outcomes, answerWith } = await world();
    answerWith(async () => ({ status: 'refused', cause: `550 \u0000\r\nno${'x'.repeat(300)}` }));
    await put(entry());
    await run();
    expect(await dead()).toEqual([['e1', `550  no${'x'.repeat(193)}`]]);
    expect(await outcomes()).toEqual([`given up: 550  no${'x'.repeat(193)}`]);
  });

  test('of a kind that only a newer version knows waits for that', async () => {
    const { put, run, sent, waiting, logged } = await world();
    await put(entry({ kind: 'of a later version' }));
    await run();
    expect(sent).toEqual([]);
    expect(await waiting()).toEqual([['e1', 1]]);
    expect(logged).toMatchObject([{ cause: 'This version of Assent does not know the kind.' }]);
  });
});

describe('a recipient that hangs', () => {
  const hanging = async () => {
    const made = await world();
    const free: (() => void)[] = [];
    made.answerWith((id) =>
      id.startsWith('slow')
        ? new Promise((done) => free.push(() => done({ status: 'settled', outcome: 'told' })))
        : Promise.resolve({ status: 'settled', outcome: 'told' }),
    );
    const release = (): void => {
      for (const it of free.splice(0)) it();
    };
    const slow = Array.from({ length: 100 }, (_none, at) => entry({ id: `slow-${at}`, recipient: 'slow' }));
    return { ...made, slow, release };
  };

  test('has few calls at a time, and delays no other', async () => {
    const { worker, put, sent, slow, release } = await hanging();
    await put(...slow);
    await worker.wake();
    expect(sent).toHaveLength(8);
    await put(entry({ id: 'quick', recipient: 'other' }));
    await worker.wake();
    expect(sent).toHaveLength(9);
    expect(sent).toContain('quick');
    for (let round = 0; round < 100; round += 1) {
      release();
      await new Promise((turn) => setImmediate(turn));
    }
    await worker.idle();
    expect(new Set(sent).size).toBe(101);
    expect(sent).toHaveLength(101);
  });

  test('is left where the server stops: what is not settled waits for the next', async () => {
    const { worker, put, waiting, slow, release, sent, clock, newWorker, run, answerWith } = await hanging();
    await put(...slow.slice(0, 10));
    await worker.wake();
    answerWith(down);
    const stopped = worker.stop();
    release();
    await stopped;
    expect(sent).toHaveLength(8);
    expect(await waiting()).toHaveLength(2);
    answerWith(async () => ({ status: 'settled', outcome: 'told' }));
    clock.advance(60_000);
    await run(worker);
    expect(await waiting()).toHaveLength(2);
    await run(newWorker());
    expect(await waiting()).toEqual([]);
  });
});

describe('a realm of which nobody answers', () => {
  /** Entries for several recipients of `/slow/…`, none of which answers before it is released. */
  const hanging = async () => {
    const made = await world();
    const free: (() => void)[] = [];
    made.answerWith((id) =>
      id.startsWith('/slow')
        ? new Promise((done) => free.push(() => done({ status: 'settled', outcome: 'told' })))
        : Promise.resolve({ status: 'settled', outcome: 'told' }),
    );
    const of = (realm: string, recipients: number, each: number) =>
      Array.from({ length: recipients * each }, (_none, at) =>
        entry({ id: `${realm} ${at}`, realm, recipient: `app-${at % recipients}` }),
      );
    const countOf = (realm: string) => made.sent.filter((id) => id.startsWith(`${realm} `)).length;
    return { ...made, of, countOf, free };
  };

  test('delays the mail of another by no more than a round, whatever waits (OPS-44)', async () => {
    const { put, worker, of, countOf, sent } = await hanging();
    await put(...of('/slow', 20, 500));
    await worker.wake();
    expect(countOf('/slow')).toBe(32);
    await put(entry({ id: 'mail', realm: '/other' }));
    await worker.wake();
    expect(sent.at(-1)).toBe('mail');
    await put(...of('/busy', 5, 20));
    await worker.wake();
    for (let round = 0; round < 100 && countOf('/busy') < 100; round += 1) {
      await new Promise((turn) => setImmediate(turn));
    }
    expect([countOf('/busy'), countOf('/slow')]).toEqual([100, 32]);
  });

  test('leaves room beside it, also where there are many such (OPS-44)', async () => {
    const { put, worker, of, countOf, sent } = await hanging();
    const realms = Array.from({ length: 8 }, (_none, at) => `/slow/${at}`);
    await put(...realms.flatMap((realm) => of(realm, 10, 20)));
    await worker.wake();
    await worker.wake();
    for (const realm of realms) expect(countOf(realm)).toBeGreaterThanOrEqual(6);
    await put(entry({ id: 'mail', realm: '/other' }));
    await worker.wake();
    expect(sent.at(-1)).toBe('mail');
  });

  test('has all its recipients served in turn (OPS-44)', async () => {
    const { put, worker, of, sent, free } = await hanging();
    await put(...of('/slow', 100, 10));
    await worker.wake();
    for (let round = 0; round < 70; round += 1) {
      free.shift()?.();
      await new Promise((turn) => setImmediate(turn));
    }
    // The first hundred places have gone to a hundred recipients.
    expect(new Set(sent.slice(0, 100).map((id) => Number(id.split(' ')[1]) % 100)).size).toBe(100);
  });
});

test('a store that fails costs one round', async () => {
  const store = await openMemoryStore();
  let isBroken = true;
  const failing: Store = {
    ...store,
    outbox: {
      ...store.outbox,
      due: (...given) => (isBroken ? Promise.reject(new Error('disk')) : store.outbox.due(...given)),
    },
  };
  const { put, run, sent } = await world({ store: failing });
  await put(entry());
  await run();
  isBroken = false;
  await run();
  expect(sent).toEqual(['e1']);
});
