import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { heldKeys } from '@assent/engine/testing';
import { localHints } from '@assent/push';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuthIdSigner } from '../../authentication/auth-id-signer.ts';
import { HeldStreams } from '../../bounds/held-places.ts';
import type { Call } from '../../http/call.ts';
import { Cookies } from '../../http/cookies.ts';
import { PhoneWaits } from '../../journeys/phone-waits.ts';
import { createLog } from '../../platform/log.ts';
import { after, every, systemRandom } from '../../platform/system-ports.ts';
import { inject } from '../../testing/inject.ts';
import { type SteeredServer, steeredServer } from '../../testing/steered-server.ts';
import { hiddenValue, PAGE, WaitingPage, type WaitingStep } from '../../testing/waiting-page.ts';
import { waitStreamRoutes } from './wait-stream.ts';

// What only our own login page gets: a stream instead of polling, and what its request to the phone is about
// (spec: ux §2.1 [P], design.md §3 decision 4).

let server: SteeredServer;
let page: WaitingPage;

beforeEach(async () => {
  server = await steeredServer({ port: 8080 });
  page = new WaitingPage(() => server);
});
afterEach(() => server.assent.stop());

/** Opens the stream of a step. Its text grows with what the server sends. */
const waitFor = async (authId: string | undefined, headers: Readonly<Record<string, string>> = PAGE, realm = '') => {
  const answer = await inject(server.assent, {
    url: `/am/json${realm}/authenticate/wait`,
    headers: { host: 'localhost:8080', ...headers, ...(authId !== undefined && { 'x-assent-authid': authId }) },
    payloadAsStream: true,
  });
  const stream: Readable = answer.stream();
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const ended = once(stream, 'end').then(
    () => text,
    // Whoever leaves hears no end.
    () => text,
  );
  return {
    status: answer.statusCode,
    headers: answer.headers,
    ended,
    text: () => text,
    leave: () => answer.raw.res.emit('close'),
  };
};

describe('the stream of a step that waits', () => {
  test('tells of an approval once, carries nothing else, and ends', async () => {
    const step = await page.toWait();
    const waiting = await waitFor(step.authId);
    expect(waiting.status).toBe(200);
    expect(waiting.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(waiting.headers['access-control-allow-origin']).toBeUndefined();
    await page.answerOnPhone({ number: hiddenValue(step) });
    expect(await waiting.ended).toBe(': open\n\nevent: ready\ndata: {}\n\n');
    expect((await page.submit(step)).body).toMatchObject({ tokenId: '' });
  });

  test('tells of a denial in the same words', async () => {
    const step = await page.toWait();
    const waiting = await waitFor(step.authId);
    await page.answerOnPhone({ deny: true });
    expect(await waiting.ended).toBe(': open\n\nevent: ready\ndata: {}\n\n');
  });

  test('tells of a phone that was registered', async () => {
    const code = await page.toSetupCode();
    const waiting = await waitFor(code.authId);
    await page.register(code);
    expect(await waiting.ended).toContain('event: ready\n');
  });

  test('tells at once of what came before it', async () => {
    const step = await page.toWait();
    await page.answerOnPhone({ number: hiddenValue(step) });
    expect(await (await waitFor(step.authId)).ended).toContain('event: ready\n');
  });

  test('tells that the time is up', async () => {
    const step = await page.toWait();
    server.clock.advance(120_000);
    expect(await (await waitFor(step.authId)).ended).toContain('event: expired\n');
  });

  test('tells that another sign-in has taken the place of this one', async () => {
    const older = await page.toWait();
    await page.pastPassword();
    expect(await (await waitFor(older.authId)).ended).toContain('event: withdrawn\n');
  });

  // A number that is no longer good would be typed, and count as a wrong one.
  test('tells so while it is waited for, at once', async () => {
    const waiting = await waitFor((await page.toWait()).authId);
    await page.pastPassword();
    expect(await waiting.ended).toContain('event: withdrawn\n');
  });

  test('tells that no phone is rung, and nothing of it to a page that shows it already (OPS-49)', async () => {
    await page.toWait();
    const { store } = server.assent;
    const identity = await store.identities.find('/', 'demo');
    const [device] = await store.devices.ofUser(identity?.id ?? '');
    if (device === undefined) throw new Error('demo has a phone');
    // A push service that may not be called: its address is dead as soon as it is.
    const subscription = {
      endpoint: 'https://127.0.0.1:1/push',
      keys: { p256dh: 'x'.repeat(87), auth: 'x'.repeat(22) },
    };
    const row = { ...device, communicationType: 'webpush', communicationId: `webpush:${JSON.stringify(subscription)}` };
    expect(await store.committer.commit([{ type: 'device.update', row }])).toEqual({ committed: true });
    server.clock.advance(70_000);
    const step = await page.pastPassword();
    expect(await (await waitFor(step.authId)).ended).toBe(': open\n\nevent: unreachable\ndata: {}\n\n');
    expect((await page.submit(step)).body).toMatchObject({ assent: { phone: { unreachable: true } } });
    const knowing = await waitFor(step.authId, { ...PAGE, 'x-assent-told': 'unreachable' });
    await page.pastPassword();
    expect(await knowing.ended).toContain('event: withdrawn\n');
  });

  test('ends with a hint to come back when the server stops', async () => {
    const waiting = await waitFor((await page.toWait()).authId);
    await server.assent.stop();
    expect(await waiting.ended).toMatch(/^: open\n\nretry: [123]\d{3}\n\n$/);
    server = await steeredServer({ port: 8080 });
  });

  test('is not held more than four times for one sign-in, and again once one of them has gone', async () => {
    const { authId } = await page.toWait();
    const held = await Promise.all([1, 2, 3, 4].map(() => waitFor(authId)));
    const fifth = await waitFor(authId);
    expect([fifth.status, fifth.headers['retry-after']]).toEqual([429, '30']);
    held[0]?.leave();
    await expect.poll(async () => (await waitFor(authId)).status).toBe(200);
  });
});

describe('no stream is given', () => {
  test('by a server that holds all it can: the page polls, and may ask again later', async () => {
    const signer = new AuthIdSigner(heldKeys(new Uint8Array(32)));
    const routes = waitStreamRoutes({
      journeys: { status: async () => ({ journeyId: 'j', shared: { pushMessageId: 'AUTHENTICATE:1' } }) },
      signer,
      cookies: new Cookies({ publicUrl: 'http://localhost:8080/am' }),
      waits: new PhoneWaits({
        watch: { messages: { ofRequest: async () => [] }, hints: localHints(), clock: server.clock, after },
        every,
        log: createLog({ level: 'silent' }),
        streams: new HeldStreams(),
        most: 0,
      }),
      random: systemRandom,
    });
    const reference = { realm: '/', tree: 't', treeVersion: 1, journeyId: 'j', nonce: 'n', expiresAt: 1 };
    const request = { headers: { ...PAGE, 'x-assent-authid': signer.sign(reference) } };
    const answer = await routes['GET authenticate/wait']?.({ request, realmPath: '/' } as unknown as Call);
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
  });

  test('without a step, with one that is forged, or with one that was used', async () => {
    const missing = await waitFor(undefined);
    expect(missing.status).toBe(400);
    expect(await missing.ended).toContain('X-Assent-AuthId');
    const code = await page.toSetupCode();
    const forged = await waitFor(`${code.authId.slice(0, -4)}AAAA`);
    expect([forged.status, (await waitFor('x.y')).status]).toEqual([400, 400]);
    await page.register(code);
    await page.submit(code);
    const used = await waitFor(code.authId);
    expect(used.status).toBe(401);
    expect(await used.ended).toContain('"errorCode":"110"');
  });

  test('in another realm, or after the journey has run out', async () => {
    await server.createRealm('/alpha');
    const { authId } = await page.toWait();
    expect((await waitFor(authId, PAGE, '/realms/root/realms/alpha')).status).toBe(401);
    server.clock.advance(16 * 60_000);
    expect((await waitFor(authId)).status).toBe(401);
  });

  test('to another browser than the one that the step was given to (SEC-42)', async () => {
    const browser = { ...PAGE, 'sec-fetch-site': 'same-origin', cookie: 'jb=another' };
    const first = await page.start({ ...PAGE, 'sec-fetch-site': 'same-origin' });
    const { authId } = first.body;
    expect((await waitFor(authId, browser)).status).toBe(401);
    const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
    // Of the same browser, but a step that waits for nothing.
    expect((await waitFor(authId, { ...browser, cookie })).status).toBe(404);
  });

  test.each(['same-site', 'cross-site', 'none'])('to a page of another origin (%s)', async (site) => {
    const { authId } = await page.toWait();
    expect((await waitFor(authId, { ...PAGE, 'sec-fetch-site': site })).status).toBe(403);
  });

  test('to a client that is no page of ours', async () => {
    expect((await waitFor((await page.toWait()).authId, {})).status).toBe(404);
  });
});

describe('what the page is told', () => {
  const told = (step: WaitingStep) => step.assent;

  test('of a setup code: when it runs out by the clock of the server', async () => {
    const now = server.clock.now();
    expect(told(await page.toSetupCode())).toEqual({
      now,
      journeyExpiresAt: now + 15 * 60_000,
      phone: { for: 'setup', expiresAt: now + 180_000 },
    });
  });

  test('of a request: how to answer it, on which phone, and for how long', async () => {
    const now = server.clock.now();
    expect(told(await page.toWait())).toMatchObject({
      now,
      phone: { for: 'sign-in', mode: 'type', expiresAt: now + 120_000, devices: ['Pixel 8'] },
    });
  });

  test('of a failure: that the phone denied it, and which', async () => {
    const step = await page.toWait();
    await page.answerOnPhone({ deny: true });
    const { status, body } = await page.submit(step);
    expect(status).toBe(401);
    expect(body.detail).toMatchObject({ assent: { end: 'denied', device: 'Pixel 8' } });
  });

  test('of a failure: that the number was another one', async () => {
    const step = await page.toWait();
    const number = hiddenValue(step);
    await page.answerOnPhone({ number: number === '111111' ? '222222' : '111111' });
    expect((await page.submit(step)).body.detail).toMatchObject({ assent: { end: 'number' } });
  });

  test('of a failure: that nobody answered any of the requests', async () => {
    let step = await page.toWait();
    for (let sent = 1; sent <= 2; sent += 1) {
      server.clock.advance(121_000);
      step = (await page.submit(step)).body;
    }
    server.clock.advance(121_000);
    const { status, body } = await page.submit(step);
    expect(status).toBe(401);
    expect(body.detail).toMatchObject({ assent: { end: 'expired' } });
  });

  test('of a request that was held back: until when nothing goes to the phones', async () => {
    const { clock } = server;
    await page.toWait();
    await page.answerOnPhone({ deny: true });
    clock.advance(60_000);
    const second = await page.pastPassword();
    expect(second.assent?.phone).not.toHaveProperty('pausedUntil');
    await page.answerOnPhone({ deny: true });
    const pausedUntil = clock.now() + 60 * 60_000;
    clock.advance(60_000);
    const { phone: held } = (await page.pastPassword()).assent ?? {};
    expect(held).toMatchObject({ for: 'sign-in', pausedUntil });
    expect(held).not.toHaveProperty('resend');
  });

  test('the same after three requests within a minute, for as long as that minute lasts', async () => {
    const pausedUntil = server.clock.now() + 60_000;
    await page.toWait();
    for (let sent = 2; sent <= 3; sent += 1) {
      server.clock.advance(10_000);
      expect((await page.pastPassword()).assent?.phone).not.toHaveProperty('pausedUntil');
    }
    server.clock.advance(10_000);
    expect((await page.pastPassword()).assent?.phone).toMatchObject({ pausedUntil });
    server.clock.advance(30_000);
    expect((await page.pastPassword()).assent?.phone).not.toHaveProperty('pausedUntil');
  });

  test('of phones whose addresses are dead: that none can be rung, until one has refreshed (OPS-49)', async () => {
    await page.toWait();
    const { store } = server.assent;
    const identity = await store.identities.find('/', 'demo');
    const mark = async (channelDeadAt: number | undefined) => {
      const [device] = await store.devices.ofUser(identity?.id ?? '');
      if (device === undefined) throw new Error('demo has a phone');
      const { channelDeadAt: _before, ...row } = device;
      const marked = channelDeadAt === undefined ? row : { ...row, channelDeadAt };
      await store.committer.commit([{ type: 'device.update', row: marked }]);
    };
    await mark(server.clock.now());
    server.clock.advance(20_000);
    const step = await page.pastPassword();
    expect(step.assent?.phone).toMatchObject({ for: 'sign-in', unreachable: true, devices: [expect.any(String)] });
    expect(step.assent?.phone).not.toHaveProperty('resend');
    await mark(undefined);
    expect((await page.submit(step)).body.assent).not.toHaveProperty('phone.unreachable');
  });

  test('and no other client is told any of it', async () => {
    const step = await page.toWait({});
    expect(told(step)).toBeUndefined();
    await page.answerOnPhone({ deny: true });
    const { status, body } = await page.submit(step, {}, {});
    expect(status).toBe(401);
    expect(body.detail).not.toHaveProperty('assent');
  });
});
