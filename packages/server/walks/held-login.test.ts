import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { JourneyError } from '@assent/engine';
import type { Journeys } from '@assent/engine/host';
import { heldKeys, simulatedClock } from '@assent/engine/testing';
import { localHints, type PushMessage, requestHint } from '@assent/push';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuthIdSigner } from '../src/authentication/auth-id-signer.ts';
import { SealedSteps } from '../src/authentication/sealed-steps.ts';
import { HeldStreams } from '../src/bounds/held-places.ts';
import { OriginRules } from '../src/http/origin-rules.ts';
import { RouteTable } from '../src/http/route-table.ts';
import { PhoneWaits } from '../src/journeys/phone-waits.ts';
import { loginPageRoutes } from '../src/pages/login-page.ts';
import { RealmAppearances } from '../src/pages/realm-appearances.ts';
import { createLog } from '../src/platform/log.ts';
import { serveRoutes } from '../src/testing/serve-routes.ts';

// Answers that are held until a phone has answered (spec: ux §2.9): the last part of a page, and the places for them.

const REQUEST = 'AUTHENTICATE:1';
const pending = { state: 'pending', expiresAt: 120_000 } as PushMessage;

const ADDRESS = '203.0.113.7';

let rows: readonly PushMessage[];
let ticks: Set<() => void>;
let streams: HeldStreams;
let hints: ReturnType<typeof localHints>;

beforeEach(() => {
  rows = [pending];
  ticks = new Set();
  streams = new HeldStreams();
  hints = localHints();
});

const waitsFor = (most?: number): PhoneWaits =>
  new PhoneWaits({
    watch: {
      messages: { ofRequest: async () => rows },
      hints,
      clock: simulatedClock(0),
      after: () => () => {},
    },
    every: (_millis, action) => {
      ticks.add(action);
      return () => void ticks.delete(action);
    },
    log: createLog({ level: 'silent' }),
    streams,
    ...(most !== undefined && { most }),
  });

const answer = async (state: PushMessage['state']): Promise<void> => {
  rows = rows.map((row) => ({ ...row, state }));
  hints.publish(requestHint(REQUEST));
  await new Promise((resolve) => setImmediate(resolve));
};

describe('an answer that is held', () => {
  /** A connection, and what was written to it. */
  const connection = () => {
    const written: string[] = [];
    const response = Object.assign(new EventEmitter(), {
      destroyed: false,
      writeHead: (status: number) => written.push(String(status)),
      write: (text: string) => written.push(text),
      end: (text: string) => written.push(text, 'end'),
    });
    return { written, response };
  };
  const hold = (
    waits: PhoneWaits,
    { response }: ReturnType<typeof connection>,
    journeyId = 'j',
    identifiedUser?: string,
  ) =>
    waits.hold({
      response: response as unknown as ServerResponse,
      headers: {},
      transactionId: 't',
      realm: '/',
      journeyId,
      clientAddress: ADDRESS,
      awaited: REQUEST,
      identifiedUser,
      begin: 'begin',
      comment: 'still here',
      last: (news) => `last: ${news}`,
    });

  test.each([
    ['the user', 'user-1', ['200', 'begin', 'last: withdrawn', 'end']],
    ['whoever has only said the name', undefined, ['200', 'begin']],
  ])('tells %s of another sign-in in its place: %s (SEC-59)', async (_who, identifiedUser, written) => {
    const it = connection();
    rows = [{ ...pending, userId: 'user-1', reason: 'superseded' }];
    hold(waitsFor(), it, 'j', identifiedUser);
    await answer('closed');
    expect(it.written).toEqual(written);
  });

  test('begins at once, says now and then that it is there, and ends once with the news', async () => {
    const it = connection();
    hold(waitsFor(), it);
    for (const tick of ticks) tick();
    await answer('approved');
    await answer('denied');
    expect(it.written).toEqual(['200', 'begin', 'still here', 'last: ready', 'end']);
    expect([ticks.size, streams.size]).toEqual([0, 0]);
  });

  test('finds what a lost hint hid the next time that it says so', async () => {
    const it = connection();
    hold(waitsFor(), it);
    rows = [{ ...pending, state: 'denied' }];
    for (const tick of ticks) tick();
    await expect.poll(() => it.written.at(-2)).toBe('last: ready');
  });

  test('ends without news where the server stops', () => {
    const it = connection();
    hold(waitsFor(), it);
    streams.endAll();
    expect(it.written.slice(-2)).toEqual(['last: undefined', 'end']);
  });

  test('has one of four places of its sign-in, and gives it back when its connection is gone', () => {
    const waits = waitsFor();
    const held = Array.from({ length: 4 }, connection);
    for (const it of held) {
      expect(waits.refusal('j', ADDRESS)).toBeUndefined();
      hold(waits, it);
    }
    expect([waits.refusal('j', ADDRESS), waits.refusal('other', ADDRESS)]).toEqual(['too-many-of-owner', undefined]);
    held[0]?.response.emit('close');
    expect(waits.refusal('j', ADDRESS)).toBeUndefined();
  });

  test('has one of the places of the server', () => {
    const waits = waitsFor(1);
    hold(waits, connection(), 'one');
    expect(waits.refusal('other', ADDRESS)).toBe('full');
  });

  test('has none where its connection was gone before', () => {
    const waits = waitsFor(1);
    const it = connection();
    it.response.destroyed = true;
    hold(waits, it);
    expect(it.written).toEqual([]);
    expect(waits.refusal('other', ADDRESS)).toBeUndefined();
  });
});

describe('a page that waits for a phone', () => {
  let served: Awaited<ReturnType<typeof serveRoutes>>;
  afterEach(() => served.close());

  const journeyStatusAt =
    (shared: Readonly<Record<string, unknown>>): Journeys['status'] =>
    async () => ({ journeyId: 'j', shared });
  /** The login page of a server that has so many places, listening. */
  const post = async (
    most: number,
    journeyStatus: Journeys['status'] = journeyStatusAt({ pushMessageId: REQUEST }),
  ) => {
    const signer = new AuthIdSigner(heldKeys(new Uint8Array(32)));
    const authId = signer.sign({ realm: '/', tree: 't', treeVersion: 1, journeyId: 'j', nonce: 'n', expiresAt: 1 });
    const log = createLog({ level: 'silent' });
    const publicUrl = 'http://localhost:8080/am';
    const routes = loginPageRoutes({
      view: {
        render: async () => ({
          status: 200,
          html: '<p>The number</p>',
          end: '</html>',
          held: { authId, closings: { ready: '<h1>Answered</h1>', expired: 'ran out', withdrawn: 'another' } },
        }),
      },
      context: '/am',
      publicUrl,
      routes: new RouteTable(new Set()),
      configuration: {
        realmPathOf: (path: string) => path,
        catchUpWith: () => undefined,
        realm: () => undefined,
      } as never,
      pace: { next: () => undefined },
      appearances: new RealmAppearances(),
      hasPhone: false,
      log,
      origins: new OriginRules(publicUrl, () => [], { readOrigins: () => undefined, isOrigin: () => false }),
      steps: new SealedSteps(heldKeys(new Uint8Array(32))),
      renderQr: async () => 'too-long',
      held: { journeys: { status: journeyStatus }, signer, waits: waitsFor(most) },
    });
    served = await serveRoutes(routes);
    return fetch(`http://127.0.0.1:${served.port}/am/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:8080' },
      body: 'press=check',
    });
  };

  test('comes up to its number at once, and with its last part when the phone has answered', async () => {
    const response = await post(1);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-encoding')).toBeNull();
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('<p>The number</p>');
    await answer('approved');
    expect((await reader?.read())?.value).toBe('<h1>Answered</h1></html>');
    expect((await reader?.read())?.done).toBe(true);
  });

  test('comes whole, for its button, where no place is left for it', async () => {
    expect(await (await post(0)).text()).toBe('<p>The number</p></html>');
    expect(streams.size).toBe(0);
  });

  test('comes whole where its journey waits for nothing any more', async () => {
    expect(await (await post(1, journeyStatusAt({}))).text()).toBe('<p>The number</p></html>');
    await served.close();
    const used = () => Promise.reject(new JourneyError('JOURNEY_EXPIRED', { reason: 'The authId was used already.' }));
    expect(await (await post(1, used)).text()).toBe('<p>The number</p></html>');
  });
});
