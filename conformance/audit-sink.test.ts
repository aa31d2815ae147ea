import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from '@assent/test-servers';
import { describeWith } from '@assent/test-servers/testing';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { inPackages, startReady } from './support/ready-process.ts';
import { sendByFetch } from './support/wire.ts';

interface Line {
  readonly id: string;
  readonly position: number;
  readonly transactionId: string;
}

/** The trail is looked at once a second, and after a failure once more a second later. */

/** Longer than the lease of one that was killed lasts. */
const LEASE_IS_OVER = 40_000;

const isIn = (batch: readonly Line[], transactionId: string): boolean =>
  batch.some((line) => line.transactionId === transactionId);

/** A webhook of an operator: what it does with a batch that it has read is for each test to say. */
class Receiver {
  readonly batches: (readonly Line[])[] = [];
  answer: (response: ServerResponse) => unknown = (response) => response.writeHead(204).end();
  readonly #server = createServer((request, response) => void this.#take(request, response));

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    this.batches.push(lines.map((line) => JSON.parse(line) as Line));
    await this.answer(response);
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/audit`;
  }

  /** Resolves when rows of that request have come. */
  async has(transactionId: string): Promise<void> {
    await expect.poll(() => this.batches.some((it) => isIn(it, transactionId))).toBe(true);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

let receiver: Receiver;
let sink: string;
beforeEach(async () => {
  receiver = new Receiver();
  sink = await receiver.listen();
  return () => receiver.close();
});

const start = async (store: readonly string[], to = sink) => {
  const { ready, stop, pid } = await startReady(inPackages('server/dist/bundle/serve-for-tests.js'), [
    '--cheap-hash',
    '--audit-sink',
    to,
    ...store,
  ]);
  const { am, control } = ready.ready as { readonly am: string; readonly control: string };
  return {
    advance: (millis: number) => sendByFetch({ method: 'POST', url: `${control}/advance`, body: { millis } }),
    stop,
    pid,
    /** Signs in with a wrong password: rows of the audit log whose transaction has that name. Refusals that repeat write none. */
    signIn: (transactionId: string, username = 'demo') =>
      sendByFetch({
        method: 'POST',
        url: `${am}/json/authenticate`,
        headers: {
          'X-ForgeRock-TransactionId': transactionId,
          'X-OpenAM-Username': username,
          'X-OpenAM-Password': 'wrong',
        },
      }),
  };
};

type Server = Awaited<ReturnType<typeof start>>;

/** Signs in with a kill each time, and looks at all that the receiver was sent; `last` is done with the server that goes on. */
const throughKills = async (kills: number, store: readonly string[], last?: (server: Server) => Promise<void>) => {
  let server = await start(store);
  let starts = 0;
  /** The receiver has read all of a batch, and nobody will hear of it: this is between the sending and the mark. */
  const killedBy = async (transactionId: string): Promise<void> => {
    const killed = new Promise<void>((done, fail) => {
      receiver.answer = () => {
        receiver.answer = (response) => response.writeHead(204).end();
        server.stop('SIGKILL').then(done, fail);
      };
    });
    await server.signIn(transactionId);
    await killed;
    starts += 1;
    server = await start(store);
    // Each has a clock of its own, which begins at the same time.
    await server.advance(starts * LEASE_IS_OVER);
  };
  const names = ['first', ...Array.from({ length: kills }, (_, at) => `killed-${at}`), 'last'];
  try {
    await server.signIn('first');
    await receiver.has('first');
    for (const name of names.slice(1, -1)) await killedBy(name);
    await server.signIn('last');
    await receiver.has('last');
    await last?.(server);
  } finally {
    await server.stop();
  }

  const sent = receiver.batches.flat();
  const rows = sent.filter(({ id }, at) => sent.findIndex((it) => it.id === id) === at);
  // In order, and none missing; what came before comes again as it was, and nothing else under its name.
  expect(rows.map(({ position }) => position)).toEqual(rows.map((_, at) => at + 1));
  for (const line of sent) expect(line).toEqual(rows[line.position - 1]);
  const times = (name: string) => receiver.batches.filter((it) => isIn(it, name)).length;
  expect(names.map(times)).toEqual([1, ...Array.from({ length: kills }, (_, at) => kills + 1 - at), 1]);
};

describe('a server that is killed when the receiver has a part of the trail, and its mark is not set (OPS-58)', () => {
  test('leaves no row out over SQLite, and what comes twice is known by its id; a receiver that is silent then holds up nobody', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'assent-audit-sink-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    await throughKills(2, ['--data-dir', dataDir], async (server) => {
      receiver.answer = () => undefined;
      await server.signIn('unanswered');
      await receiver.has('unanswered');
      const before = receiver.batches.length;
      for (let at = 0; at < 5; at += 1) expect((await server.signIn('later')).status).toBe(401);
      // One batch at a time; nor does it hold up the end of the server.
      expect(receiver.batches).toHaveLength(before);
    });
  });

  describeWith(['postgres'], 'over PostgreSQL', () => {
    let database: Awaited<ReturnType<typeof createDatabase>>;
    beforeAll(async () => {
      database = await createDatabase();
      return () => database.close();
    });
    test('leaves no row out, and what comes twice is known by its id', () =>
      throughKills(1, ['--database-url', database.url]));
  });
});

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

test.skipIf(!hasPrlimit)(
  'a disk that is full holds up nobody who signs in, and the file has every row once there is room (OPS-58)',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'assent-audit-sink-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const file = join(directory, 'audit.jsonl');
    const linesIn = () => readFileSync(file, 'utf8').trimEnd().split('\n');
    const server = await start([], `file:${file}`);
    const limit = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`]);
    try {
      await server.signIn('first');
      await expect.poll(() => existsSync(file) && linesIn().some((it) => it.includes('"first"'))).toBe(true);
      const full = statSync(file).size + 100;
      limit(full);
      for (let at = 0; at < 20; at += 1) expect((await server.signIn(`full-${at}`, `user-${at}`)).status).toBe(401);
      await expect.poll(() => statSync(file).size).toBe(full);
      limit('unlimited');
      await expect.poll(() => linesIn().some((it) => it.includes('"full-19"'))).toBe(true);
    } finally {
      await server.stop();
    }
    const lines = linesIn();
    const half = lines.findIndex((it) => !it.endsWith('}'));
    expect(lines[half]).toHaveLength(100);
    const rows = lines.toSpliced(half, 1).map((it) => JSON.parse(it) as Line);
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, at) => at + 1));
  },
);
