import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLines, jwtOf, MESSAGE_ID, type PhoneAndServer, phoneAndServer } from '../testing/phone-and-server.ts';
import { replyJson } from '../testing/recording-server.ts';
import { claimsOf, pushClaims, pushJwt } from '../testing/wire-fixtures.ts';

let world: PhoneAndServer;

beforeEach(async () => {
  world = await phoneAndServer();
});
afterEach(() => world.server.close());

describe('watch', () => {
  beforeEach(() => world.register());

  const openStreams: ServerResponse[] = [];
  const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

  /** A relay that streams these pieces and stays open. */
  function streaming(...pieces: string[]): void {
    world.server.answerWith((request, response) => {
      if (request.method !== 'GET') return replyJson(response, 200, {});
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      openStreams.push(response);
      for (const piece of pieces) response.write(piece);
    });
  }

  test('waits while the page that registers the phone has not taken it in yet', async () => {
    let asked = 0;
    world.server.answerWith((request, response) => {
      if (request.method === 'GET') asked += 1;
      if (asked <= 2) return replyJson(response, 401, {}, world.phone.now);
      replyJson(response, 200, { messages: [world.item()] }, world.phone.now);
    });
    world.phone.typed = ['d'];
    world.phone.timePasses = (millis) => millis === 1000;
    const result = await world.phone.run('watch', '--once');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('Answer sent.');
  });

  test('shows the request, marks it as shown, and sends the typed number', async () => {
    const text = event(
      'push',
      world.item({
        x: JSON.stringify({
          remoteIp: '203.0.113.7',
          userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
        }),
      }),
    );
    streaming(': hello\n\n', text.slice(0, 40), text.slice(40));
    world.phone.isTty = true;
    world.phone.typed = ['12', '483 201'];
    const result = await world.phone.run('watch', '--once');
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/Watching 1 account on 127\.0\.0\.1:\d+ · Ctrl\+C to stop/);
    expect(result.stdout).toMatch(/Sign-in request ─+ \d:\d\d left/);
    expect(result.stdout).toContain('Firefox on Windows · place not shared · 203.0.113.7');
    expect(result.stdout).toContain('The number has 6 digits.');
    expect(result.stdout).toContain('Answer sent.');
    expect(world.server.requests.find(({ method }) => method === 'GET')?.headers.accept).toBe('text/event-stream');
    expect(claimsOf(jwtOf(world.sentTo('authenticate')[0]))).toMatchObject({ challengeResponse: '483201' });
    expect(world.sentTo('shown').map(({ url, body }) => [url, JSON.parse(body)])).toEqual([
      ['/am/json/staff/push/relay?_action=shown', { messageId: MESSAGE_ID }],
    ]);
  });

  test('prints requests and answers as JSON lines', async () => {
    streaming(event('push', world.item()));
    world.phone.typed = ['483201'];
    const result = await world.phone.run('watch', '--once', '--json');
    expect(jsonLines(result.stdout)).toEqual([
      {
        request: {
          messageId: MESSAGE_ID,
          account: '0f6a1c52',
          message: 'Login attempt from jane at Acme',
          pushType: 'challenge',
          digits: 6,
          choices: null,
          expiresAt: world.phone.now + 120_000,
          context: { remoteIp: '198.51.100.7' },
        },
      },
      { answered: { messageId: MESSAGE_ID, decision: 'approve' } },
    ]);
  });

  test('passes over a message that does not verify, without a word (SEC-28)', async () => {
    const forged = {
      messageId: 'AUTHENTICATE:forged',
      message: pushJwt(pushClaims(world.uid, world.phone.now), { key: 'AAAA' }),
    };
    streaming(event('push', forged), 'event: push\ndata: rubbish\n\n', event('push', world.item()));
    world.phone.typed = ['d'];
    world.phone.timePasses = (millis) => millis === 1000;
    const result = await world.phone.run('watch', '--once');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).not.toContain('forged');
    expect(JSON.parse(world.sentTo('authenticate')[0]?.body ?? '')).toMatchObject({ messageId: MESSAGE_ID });
  });

  test('closes the question when the request is withdrawn', async () => {
    streaming(event('push', world.item()));
    world.phone.isTty = true;
    world.phone.onQuestion = () => openStreams.at(-1)?.write(event('withdrawn', { messageId: MESSAGE_ID }));
    const result = await world.phone.run('watch', '--once', '--json');
    expect(result.code).toBe(1);
    expect(jsonLines(result.stdout).at(-1)).toEqual({ withdrawn: { messageId: MESSAGE_ID } });
    expect(world.sentTo('authenticate')).toHaveLength(0);
  });

  test('asks why after a deny', async () => {
    streaming(event('push', world.item()));
    world.phone.isTty = true;
    world.phone.typed = ['d', 'n'];
    expect(await world.phone.run('watch', '--once')).toMatchObject({ code: 0 });
    expect(claimsOf(jwtOf(world.sentTo('authenticate')[0]))).toMatchObject({ deny: true, x_reason: 'not_me' });
  });

  test('comes back after the stream breaks, and shows nothing twice', async () => {
    const other = 'AUTHENTICATE:second';
    let streams = 0;
    world.server.answerWith((request, response) => {
      if (request.method !== 'GET') {
        if (request.body.includes(other)) world.phone.interrupt();
        return replyJson(response, 200, {});
      }
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (streams === 1) return response.end(event('push', world.item()));
      response.write(event('push', world.item()) + event('push', world.item({}, other)));
    });
    // Only the wait before the next try is cut short; the timers of silence and expiry stay.
    world.phone.timePasses = (millis) => millis < 1000;
    const result = await world.phone.run('watch', '--json');
    expect(result.code).toBe(0);
    expect(jsonLines(result.stdout)).toMatchObject([
      { request: { messageId: MESSAGE_ID } },
      { request: { messageId: other } },
    ]);
    expect(streams).toBe(2);
  });

  test('asks in turns where no stream comes through', async () => {
    let polls = 0;
    world.server.answerWith((request, response) => {
      if (request.method !== 'GET') return replyJson(response, 200, {});
      if (request.headers.accept === 'text/event-stream') return replyJson(response, 406, {});
      polls += 1;
      replyJson(response, 200, { messages: [world.item()] });
    });
    world.phone.typed = ['483201'];
    expect(await world.phone.run('watch', '--once')).toMatchObject({ code: 0 });
    expect(polls).toBe(1);
  });

  test('ends with 0 on Ctrl+C', async () => {
    world.server.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\n', () => world.phone.interrupt());
    });
    expect(await world.phone.run('watch')).toMatchObject({ code: 0, stderr: '' });
  });

  test('ends a question on Ctrl+C without an answer and without a story', async () => {
    streaming(event('push', world.item()));
    world.phone.isTty = true;
    world.phone.onQuestion = () => world.phone.interrupt();
    const result = await world.phone.run('watch');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).not.toContain('answered elsewhere');
    expect(world.sentTo('authenticate')).toHaveLength(0);
  });

  test('says that a request ran out while it was on the screen', async () => {
    streaming(event('push', world.item()));
    world.phone.isTty = true;
    world.phone.timePasses = (millis) => millis === 120_000;
    const result = await world.phone.run('watch', '--once');
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('Ran out.');
  });

  test('goes on with the other account when the server refuses one', async () => {
    const first = world.uid;
    await world.register();
    world.server.answerWith((request, response) => {
      if (request.method !== 'GET') return replyJson(response, 200, {});
      if (request.url.includes(first)) return replyJson(response, 401, {});
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event('push', world.item()));
    });
    world.phone.typed = ['483201'];
    const result = await world.phone.run('watch', '--once');
    expect(result.code).toBe(0);
    expect(result.stdout).toContain('Answer sent.');
  });
});
