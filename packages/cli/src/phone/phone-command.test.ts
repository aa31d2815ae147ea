import { chmodSync, readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type RecordedRequest,
  type RecordingServer,
  replyJson,
  startRecordingServer,
} from './testing/recording-server.ts';
import { type TestPhone, testPhone } from './testing/test-phone.ts';
import { base64Url, claimsOf, headerOf, pushClaims, pushJwt, setupCode } from './testing/wire-fixtures.ts';

const MESSAGE_ID = 'AUTHENTICATE:c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e51760000300000';

let server: RecordingServer;
let phone: TestPhone;
let uid: string;

beforeEach(async () => {
  server = await startRecordingServer();
  phone = testPhone();
});
afterEach(() => server.close());

const jwtOf = (request: RecordedRequest | undefined): unknown => JSON.parse(request?.body ?? '{}').jwt;
const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const sentTo = (action: string): RecordedRequest[] =>
  server.requests.filter(({ url }) => url.includes(`_action=${action}`));
const item = (
  changes: Record<string, unknown> = {},
  messageId = MESSAGE_ID,
): { messageId: string; message: string } => ({
  messageId,
  message: pushJwt(pushClaims(uid, phone.now, { x_len: '6', ...changes })),
});

async function register(): Promise<void> {
  expect(await phone.run('register', setupCode(server.origin), '--name', 'Laptop')).toMatchObject({ code: 0 });
  uid = String(claimsOf(jwtOf(server.requests.at(-1))).mechanismUid);
}

/** A relay that holds these messages; everything else gets 200 and `{}`. */
function relayWith(...messages: object[]): void {
  server.answerWith((request, response) =>
    request.method === 'GET' ? replyJson(response, 200, { messages }) : replyJson(response, 200, {}),
  );
}

describe('bad usage ends with 2', () => {
  test.each([
    [['paint'], /unknown command/i],
    [['register'], /missing required argument/i],
    [['register', 'x', '--persona', 'nokia'], /persona/],
    [['deny', '--reason', 'bored'], /reason/],
    [['refresh'], /--token/],
    [['remove'], /--account/],
    [['register', 'hello'], /This is not a setup code\.\n {2}Try: /],
    [['approve', '--message', '/no/such/file'], /cannot be read/],
  ])('%j', async (args, sentence) => {
    const result = await phone.run(...args);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(sentence);
    expect(result.stdout).toBe('');
  });

  test('as one JSON line when asked', async () => {
    expect(lines((await phone.run('refresh', '--json')).stderr)).toEqual([
      { error: { code: 'USAGE', message: expect.stringContaining('--token') } },
    ]);
    expect(lines((await phone.run('register', 'hello', '--json')).stderr)).toEqual([
      { error: { code: 'NOT_A_SETUP_CODE', message: 'This is not a setup code.' } },
    ]);
  });

  test('but asking for help does not', async () => {
    expect(await phone.run('approve', '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--number'),
    });
  });
});

describe('register', () => {
  test('refused by the server ends with 1 and stores nothing', async () => {
    server.answerWith((_request, response) => replyJson(response, 400, { code: 400 }));
    expect(await phone.run('register', setupCode(server.origin))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('used or has run out'),
    });
    expect((await phone.run('list', '--json')).stdout).toBe('');
  });

  test('at a server that is not there ends with 3 after a few tries', async () => {
    await server.close();
    phone.timePasses = () => true;
    expect(await phone.run('register', setupCode(server.origin))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('cannot be reached'),
    });
    expect(phone.sleeps).toHaveLength(3);
  });

  test('repeats the same bytes when the reply was lost (design.md decision 9)', async () => {
    phone.timePasses = () => true;
    server.answerWith((_request, response) =>
      server.requests.length === 1 ? response.destroy() : replyJson(response, 200, {}),
    );
    expect(await phone.run('register', setupCode(server.origin))).toMatchObject({ code: 0 });
    expect(server.requests[1]?.body).toBe(server.requests[0]?.body);
  });

  test('does not follow a redirect (SEC-29)', async () => {
    server.answerWith((request, response) =>
      request.url.startsWith('/elsewhere')
        ? replyJson(response, 200, {})
        : response.writeHead(307, { location: '/elsewhere' }).end(),
    );
    expect(await phone.run('register', setupCode(server.origin), '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('REDIRECTED'),
    });
    expect(server.requests).toHaveLength(1);
  });

  test('keeps the keys in a file for the owner alone, and prints none of them (SEC-82)', async () => {
    const result = await phone.run('register', setupCode(server.origin), '--json');
    expect(lines(result.stdout)).toEqual([{ account: { id: '0f6a1c52', kind: 'push', issuer: 'Acme', name: 'jane' } }]);
    expect(statSync(phone.store).mode & 0o777).toBe(0o600);
    const { key, deviceKey } = JSON.parse(readFileSync(phone.store, 'utf8')).accounts[0];
    expect(claimsOf(jwtOf(server.requests[0])).x_key).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x: deviceKey.x,
      y: deviceKey.y,
    });
    expect(result.stdout + result.stderr).not.toContain(key);
    expect(server.requests[0]?.headers['x-requested-with']).toBeUndefined();
  });

  test('with --show only draws the code, in a terminal', async () => {
    phone.isTty = true;
    const result = await phone.run('register', setupCode(server.origin), '--show');
    expect(result.stdout).toMatch(/▀|▄/);
    expect(result.stdout).toContain(setupCode(server.origin));
    expect(server.requests).toHaveLength(0);
  });
});

describe('the accounts', () => {
  beforeEach(register);

  test('are listed one to a line, or as a table', async () => {
    expect(lines((await phone.run('list', '--json')).stdout)).toEqual([
      { account: { id: '0f6a1c52', kind: 'push', issuer: 'Acme', name: 'jane' } },
    ]);
    expect((await phone.run('list')).stdout).toMatch(/0f6a1c52 +Acme +jane +127\.0\.0\.1:\d+ .* never\n/);
  });

  test('have no one-time codes yet', async () => {
    expect(await phone.run('otp')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no one-time-code accounts'),
    });
  });

  test('can be removed from this phone', async () => {
    expect(await phone.run('remove', '--account', 'nobody')).toMatchObject({ code: 1 });
    expect(lines((await phone.run('remove', '--account', '0f6a1c52', '--json')).stdout)).toEqual([
      { removed: { id: '0f6a1c52' } },
    ]);
    expect((await phone.run('list', '--json')).stdout).toBe('');
  });

  test('in a file that others can read bring a warning', async () => {
    chmodSync(phone.store, 0o644);
    expect(await phone.run('list')).toMatchObject({ code: 0, stderr: expect.stringContaining('Try: chmod 600') });
  });
});

describe('approve and deny', () => {
  beforeEach(register);

  test('with nothing waiting end with 1', async () => {
    relayWith();
    expect(await phone.run('approve', '--number', '483201')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No request is waiting'),
    });
  });

  test('refuse a number of the wrong length before anything is sent', async () => {
    relayWith(item());
    expect(await phone.run('approve', '--number', '4832')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('6 digits'),
    });
    expect(sentTo('authenticate')).toHaveLength(0);
  });

  test('say that a number is needed where nobody can be asked', async () => {
    relayWith(item());
    expect(await phone.run('approve')).toMatchObject({ code: 2, stderr: expect.stringContaining('--number') });
  });

  test('say why a forged request is not answered, and send nothing', async () => {
    relayWith({ messageId: MESSAGE_ID, message: pushJwt(pushClaims(uid, phone.now), { key: 'AAAA' }) });
    expect(await phone.run('approve', '--number', '483201', '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('BAD_SIGNATURE'),
    });
    expect(sentTo('authenticate')).toHaveLength(0);
  });

  test('say that the server has closed the request', async () => {
    server.answerWith((request, response) =>
      request.method === 'GET' ? replyJson(response, 200, { messages: [item()] }) : replyJson(response, 400, {}),
    );
    expect(await phone.run('approve', '--number', '483201')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no longer open'),
    });
  });

  test('ask the relay with a token for exactly its address (design.md 3.1)', async () => {
    relayWith(item());
    expect(await phone.run('approve', '--number', '483201')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Answer sent.'),
    });
    const asked = server.requests.find(({ method }) => method === 'GET');
    expect(asked?.url).toBe(`/am/json/staff/push/relay?mechanismUid=${uid}`);
    const token = asked?.headers.authorization?.replace('Bearer ', '');
    expect(headerOf(token)).toEqual({ typ: 'JWT', alg: 'ES256' });
    expect(claimsOf(token)).toEqual({
      iat: Math.floor(phone.now / 1000),
      jti: expect.any(String),
      mechanismUid: uid,
      aud: `${server.origin}/am/json/staff/push/relay`,
    });
  });

  test('answer once, in the documented JSON, and not again', async () => {
    relayWith(item());
    expect(lines((await phone.run('approve', '--number', '483201', '--json')).stdout)).toEqual([
      { answered: { messageId: MESSAGE_ID, decision: 'approve' } },
    ]);
    expect(claimsOf(jwtOf(sentTo('authenticate')[0]))).toMatchObject({ challengeResponse: '483201', mid: MESSAGE_ID });
    expect(await phone.run('deny', '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ALREADY_ANSWERED'),
    });
    expect(sentTo('authenticate')).toHaveLength(1);
  });

  test('deny with the reason', async () => {
    relayWith(item());
    expect(lines((await phone.run('deny', '--reason', 'not_me', '--json')).stdout)).toEqual([
      { answered: { messageId: MESSAGE_ID, decision: 'deny' } },
    ]);
    expect(claimsOf(jwtOf(sentTo('authenticate')[0]))).toMatchObject({ deny: true, x_reason: 'not_me' });
  });

  test('answer to the stored address, whatever a payload says', async () => {
    phone.stdinText = JSON.stringify({ ...item(), a: base64Url('https://evil.example.net/?_action=authenticate') });
    expect(await phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    expect(sentTo('authenticate')).toHaveLength(1);
  });

  test('send the same bytes again until they arrive', async () => {
    phone.stdinText = JSON.stringify(item());
    phone.timePasses = () => true;
    server.answerWith((_request, response) => replyJson(response, sentTo('authenticate').length < 4 ? 503 : 200, {}));
    expect(await phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    const bodies = sentTo('authenticate').map(({ body }) => body);
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
    expect(phone.sleeps[1]).toBeGreaterThan(phone.sleeps[0] ?? 0);
  });

  test('give up when the request has run out, with 3', async () => {
    phone.stdinText = JSON.stringify(item());
    phone.timePasses = () => true;
    await server.close();
    const began = phone.now;
    expect(await phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('It has run out'),
    });
    expect(phone.now - began).toBe(120_000);
  });

  test('ask for the account when two of them have a request', async () => {
    const first = uid;
    await register();
    const messages = [first, uid].map((mechanism, index) => ({
      messageId: `${MESSAGE_ID}${index}`,
      message: pushJwt(pushClaims(mechanism, phone.now, { x_len: '6' })),
    }));
    server.answerWith((request, response) =>
      request.method === 'GET'
        ? replyJson(response, 200, { messages: [request.url.includes(first) ? messages[0] : messages[1]] })
        : replyJson(response, 200, {}),
    );
    expect(await phone.run('approve', '--number', '483201')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--account ID'),
    });
    expect(await phone.run('approve', '--number', '483201', '--account', first)).toMatchObject({ code: 0 });
  });
});

describe('a phone whose clock is wrong (A168)', () => {
  const DAYS = 2 * 86_400_000;

  test('learns the time at registration and signs with it', async () => {
    const serverTime = phone.now;
    phone.now -= DAYS;
    server.answerWith((_request, response) => replyJson(response, 200, {}, serverTime));
    await register();
    phone.stdinText = JSON.stringify({
      messageId: MESSAGE_ID,
      message: pushJwt(pushClaims(uid, serverTime, { x_len: '6' })),
    });
    expect(await phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    expect(Math.abs(Number(claimsOf(jwtOf(sentTo('authenticate')[0])).iat) - serverTime / 1000)).toBeLessThan(2);
  });

  test('tries the relay once more with the time of a 401', async () => {
    await register();
    const serverTime = phone.now + DAYS;
    const answers: number[] = [];
    server.answerWith((request, response) => {
      const iat = Number(claimsOf(request.headers.authorization?.replace('Bearer ', '')).iat);
      answers.push(Math.abs(iat - serverTime / 1000) < 300 ? 200 : 401);
      replyJson(response, answers.at(-1) ?? 500, { messages: [] }, serverTime);
    });
    expect(await phone.run('approve', '--number', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No request is waiting'),
    });
    expect(answers).toEqual([401, 200]);
  });

  test('is not advised to forget an account that it has just added', async () => {
    await register();
    server.answerWith((_request, response) => replyJson(response, 401, {}, phone.now));
    expect(await phone.run('approve', '--number', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has not taken in this phone yet\.\n {2}Try: keep that page open/),
    });
  });

  test('is told when the server does not know it any more', async () => {
    await register();
    phone.now += 60_000;
    server.answerWith((_request, response) => replyJson(response, 401, {}));
    expect(await phone.run('watch', '--once')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not know this phone'),
    });
  });

  test('signs an answer once more when the refusal shows another time', async () => {
    await register();
    phone.stdinText = JSON.stringify(item());
    const serverTime = phone.now + 90_000;
    server.answerWith((request, response) => {
      const isInTime = Math.abs(Number(claimsOf(jwtOf(request)).iat) - serverTime / 1000) < 2;
      replyJson(response, isInTime ? 200 : 400, {}, serverTime);
    });
    expect(await phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    expect(sentTo('authenticate')).toHaveLength(2);
  });
});

describe('watch', () => {
  beforeEach(register);

  const openStreams: ServerResponse[] = [];
  const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

  /** A relay that streams these pieces and stays open. */
  function streaming(...pieces: string[]): void {
    server.answerWith((request, response) => {
      if (request.method !== 'GET') return replyJson(response, 200, {});
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      openStreams.push(response);
      for (const piece of pieces) response.write(piece);
    });
  }

  test('waits while the page that registers the phone has not taken it in yet', async () => {
    let asked = 0;
    server.answerWith((request, response) => {
      if (request.method === 'GET') asked += 1;
      if (asked <= 2) return replyJson(response, 401, {}, phone.now);
      replyJson(response, 200, { messages: [item()] }, phone.now);
    });
    phone.typed = ['d'];
    phone.timePasses = (millis) => millis === 1000;
    const result = await phone.run('watch', '--once');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('Answer sent.');
  });

  test('shows the request, marks it as shown, and sends the typed number', async () => {
    const text = event(
      'push',
      item({
        x: JSON.stringify({
          remoteIp: '203.0.113.7',
          userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
        }),
      }),
    );
    streaming(': hello\n\n', text.slice(0, 40), text.slice(40));
    phone.isTty = true;
    phone.typed = ['12', '483 201'];
    const result = await phone.run('watch', '--once');
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/Watching 1 account on 127\.0\.0\.1:\d+ · Ctrl\+C to stop/);
    expect(result.stdout).toMatch(/Sign-in request ─+ \d:\d\d left/);
    expect(result.stdout).toContain('Firefox on Windows · place not shared · 203.0.113.7');
    expect(result.stdout).toContain('The number has 6 digits.');
    expect(result.stdout).toContain('Answer sent.');
    expect(server.requests.find(({ method }) => method === 'GET')?.headers.accept).toBe('text/event-stream');
    expect(claimsOf(jwtOf(sentTo('authenticate')[0]))).toMatchObject({ challengeResponse: '483201' });
    expect(sentTo('shown').map(({ url, body }) => [url, JSON.parse(body)])).toEqual([
      ['/am/json/staff/push/relay?_action=shown', { messageId: MESSAGE_ID }],
    ]);
  });

  test('prints requests and answers as JSON lines', async () => {
    streaming(event('push', item()));
    phone.typed = ['483201'];
    const result = await phone.run('watch', '--once', '--json');
    expect(lines(result.stdout)).toEqual([
      {
        request: {
          messageId: MESSAGE_ID,
          account: '0f6a1c52',
          message: 'Login attempt from jane at Acme',
          pushType: 'challenge',
          digits: 6,
          choices: null,
          expiresAt: phone.now + 120_000,
          context: { remoteIp: '198.51.100.7' },
        },
      },
      { answered: { messageId: MESSAGE_ID, decision: 'approve' } },
    ]);
  });

  test('passes over a message that does not verify, without a word (SEC-28)', async () => {
    const forged = { messageId: 'AUTHENTICATE:forged', message: pushJwt(pushClaims(uid, phone.now), { key: 'AAAA' }) };
    streaming(event('push', forged), 'event: push\ndata: rubbish\n\n', event('push', item()));
    phone.typed = ['d'];
    phone.timePasses = (millis) => millis === 1000;
    const result = await phone.run('watch', '--once');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).not.toContain('forged');
    expect(JSON.parse(sentTo('authenticate')[0]?.body ?? '')).toMatchObject({ messageId: MESSAGE_ID });
  });

  test('closes the question when the request is withdrawn', async () => {
    streaming(event('push', item()));
    phone.isTty = true;
    phone.onQuestion = () => openStreams.at(-1)?.write(event('withdrawn', { messageId: MESSAGE_ID }));
    const result = await phone.run('watch', '--once', '--json');
    expect(result.code).toBe(1);
    expect(lines(result.stdout).at(-1)).toEqual({ withdrawn: { messageId: MESSAGE_ID } });
    expect(sentTo('authenticate')).toHaveLength(0);
  });

  test('asks why after a deny', async () => {
    streaming(event('push', item()));
    phone.isTty = true;
    phone.typed = ['d', 'n'];
    expect(await phone.run('watch', '--once')).toMatchObject({ code: 0 });
    expect(claimsOf(jwtOf(sentTo('authenticate')[0]))).toMatchObject({ deny: true, x_reason: 'not_me' });
  });

  test('comes back after the stream breaks, and shows nothing twice', async () => {
    const other = 'AUTHENTICATE:second';
    let streams = 0;
    server.answerWith((request, response) => {
      if (request.method !== 'GET') {
        if (request.body.includes(other)) phone.interrupt();
        return replyJson(response, 200, {});
      }
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (streams === 1) return response.end(event('push', item()));
      response.write(event('push', item()) + event('push', item({}, other)));
    });
    // Only the wait before the next try is cut short; the timers of silence and expiry stay.
    phone.timePasses = (millis) => millis < 1000;
    const result = await phone.run('watch', '--json');
    expect(result.code).toBe(0);
    expect(lines(result.stdout)).toMatchObject([
      { request: { messageId: MESSAGE_ID } },
      { request: { messageId: other } },
    ]);
    expect(streams).toBe(2);
  });

  test('asks in turns where no stream comes through', async () => {
    let polls = 0;
    server.answerWith((request, response) => {
      if (request.method !== 'GET') return replyJson(response, 200, {});
      if (request.headers.accept === 'text/event-stream') return replyJson(response, 406, {});
      polls += 1;
      replyJson(response, 200, { messages: [item()] });
    });
    phone.typed = ['483201'];
    expect(await phone.run('watch', '--once')).toMatchObject({ code: 0 });
    expect(polls).toBe(1);
  });

  test('ends with 0 on Ctrl+C', async () => {
    server.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n', () => phone.interrupt());
    });
    expect(await phone.run('watch')).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends a question on Ctrl+C without an answer and without a story', async () => {
    streaming(event('push', item()));
    phone.isTty = true;
    phone.onQuestion = () => phone.interrupt();
    const result = await phone.run('watch');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).not.toContain('answered elsewhere');
    expect(sentTo('authenticate')).toHaveLength(0);
  });

  test('says that a request ran out while it was on the screen', async () => {
    streaming(event('push', item()));
    phone.isTty = true;
    phone.timePasses = (millis) => millis === 120_000;
    const result = await phone.run('watch', '--once');
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('Ran out.');
  });

  test('goes on with the other account when the server refuses one', async () => {
    const first = uid;
    await register();
    server.answerWith((request, response) => {
      if (request.method !== 'GET') return replyJson(response, 200, {});
      if (request.url.includes(first)) return replyJson(response, 401, {});
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event('push', item()));
    });
    phone.typed = ['483201'];
    const result = await phone.run('watch', '--once');
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('Answer sent.');
  });
});
