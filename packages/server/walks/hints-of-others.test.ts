import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { RedisServer } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { inject } from '../src/testing/inject.ts';
import { type SteeredServer, steeredServer } from '../src/testing/steered-server.ts';
import { hiddenValue, PAGE, WaitingPage, type WaitingStep } from '../src/testing/waiting-page.ts';

// Two instances on one database: who waits at the one is woken by what happens at the other (spec: operations §3).

/** A page and a phone, each of which may call either of two servers. */
const world = async (redisUrl?: string) => {
  const directory = mkdtempSync(join(tmpdir(), 'assent-hints-'));
  const start = () => steeredServer({ port: 8080, dataDir: directory, ...(redisUrl !== undefined && { redisUrl }) });
  // One after the other: the first one fills the store.
  const one = await start();
  const other = await start();
  for (const { assent } of [one, other]) assent.hints.start();
  let at = one;
  const page = new WaitingPage(() => at);
  const url = (path: string) => `/am/json/${path}`;
  const stream = async (server: SteeredServer, path: string, headers: Readonly<Record<string, string>>) => {
    const answer = await inject(server.assent, {
      url: url(path),
      headers: { host: 'localhost:8080', ...headers },
      payloadAsStream: true,
    });
    const readable: Readable = answer.stream();
    const events: string[] = [];
    readable.setEncoding('utf8').on('data', (part: string) => {
      events.push(...[...part.matchAll(/^event: (.*)$/gm)].map(([, name = '']) => name));
    });
    return {
      events,
      hears: (...names: string[]) => expect.poll(() => events, { interval: 1 }).toEqual(names),
      leave: () => answer.raw.res.emit('close'),
    };
  };
  return {
    one,
    other,
    page,
    use: (server: SteeredServer) => {
      at = server;
    },
    waitStream: (server: SteeredServer, step: WaitingStep) =>
      stream(server, 'authenticate/wait', { ...PAGE, 'x-assent-authid': step.authId }),
    relayStream: (server: SteeredServer) =>
      stream(server, `push/relay?mechanismUid=${page.phone.mechanismUid}`, {
        accept: 'text/event-stream',
        authorization: `Bearer ${page.phone.relayToken('http://localhost:8080/am/json/push/relay', server.clock.now())}`,
      }),
    close: async () => {
      await Promise.all([one.assent.stop(), other.assent.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const walks = (redisUrl?: () => string): void => {
  let w: Awaited<ReturnType<typeof world>>;
  beforeAll(async () => {
    w = await world(redisUrl?.());
    await w.page.toWait();
    if (redisUrl === undefined) return;
    const isHeard = ({ logged }: SteeredServer) => logged().some(({ msg }) => msg === 'Redis passes on hints.');
    await vi.waitFor(() => expect([w.one, w.other].every(isHeard)).toBe(true), { timeout: 60_000 });
  });
  beforeEach(async () => {
    // Whatever the test before has left is over by then, and no longer counted.
    for (const { clock } of [w.one, w.other]) await clock.advance(3_600_000);
  });
  afterAll(() => w.close());

  test('a page at one hears that the phone has answered at the other', async () => {
    const { one, other, page, use, waitStream } = w;
    const looks = vi.spyOn(one.assent.store.messages, 'fingerprints');
    const looksUntilHeard: number[] = [];
    for (let login = 0; login < 9; login += 1) {
      const step = await page.pastPassword();
      const waiting = await waitStream(one, step);
      use(other);
      await page.answerOnPhone({ number: hiddenValue(step) });
      const looksBefore = looks.mock.calls.length;
      await waiting.hears('ready');
      looksUntilHeard.push(looks.mock.calls.length - looksBefore);
      use(one);
      expect((await page.submit(step)).body).toMatchObject({ tokenId: '' });
    }
    // Where Redis tells of it nobody looks, but for the first four turns.
    if (redisUrl !== undefined) expect(looks.mock.calls.length).toBeLessThan(5);
    // The one that may be under way as the phone answers, and the next.
    else expect(Math.max(...looksUntilHeard)).toBeLessThanOrEqual(2);
  });

  test('a phone at one hears what the other has sent it, and what was taken back there', async () => {
    const { one, other, page, use, relayStream } = w;
    use(other);
    const phone = await relayStream(one);
    const step = await page.pastPassword();
    await phone.hears('push');
    await page.answerOnPhone({ number: hiddenValue(step) });
    await phone.hears('push', 'withdrawn');
    phone.leave();
    use(one);
  });

  test('a page at one hears that a sign-in at the other has taken its place', async () => {
    const { one, other, page, use, waitStream } = w;
    use(one);
    const waiting = await waitStream(one, await page.pastPassword());
    use(other);
    await page.pastPassword();
    await waiting.hears('withdrawn');
    use(one);
  });
};

describe('OPS-39: without Redis', () => walks());

describeWith(['redis'], 'OPS-38: with Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.launch({ kind: 'redis' });
  });
  afterAll(() => server.kill());
  walks(() => server.url);
});
