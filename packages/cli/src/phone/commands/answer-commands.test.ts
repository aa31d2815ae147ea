import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jsonLines, jwtOf, MESSAGE_ID, type PhoneAndServer, phoneAndServer } from '../testing/phone-and-server.ts';
import { replyJson } from '../testing/recording-server.ts';
import { base64Url, claimsOf, headerOf, pushClaims, pushJwt } from '../testing/wire-fixtures.ts';

let world: PhoneAndServer;

beforeEach(async () => {
  world = await phoneAndServer();
});
afterEach(() => world.server.close());

describe('approve and deny', () => {
  beforeEach(() => world.register());

  test('with nothing waiting end with 1', async () => {
    world.relayWith();
    expect(await world.phone.run('approve', '--number', '483201')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No request is waiting'),
    });
  });

  test('refuse a number of the wrong length before anything is sent', async () => {
    world.relayWith(world.item());
    expect(await world.phone.run('approve', '--number', '4832')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('6 digits'),
    });
    expect(world.sentTo('authenticate')).toHaveLength(0);
  });

  test('say that a number is needed where nobody can be asked', async () => {
    world.relayWith(world.item());
    expect(await world.phone.run('approve')).toMatchObject({ code: 2, stderr: expect.stringContaining('--number') });
  });

  test('say why a forged request is not answered, and send nothing', async () => {
    world.relayWith({
      messageId: MESSAGE_ID,
      message: pushJwt(pushClaims(world.uid, world.phone.now), { key: 'AAAA' }),
    });
    expect(await world.phone.run('approve', '--number', '483201', '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('BAD_SIGNATURE'),
    });
    expect(world.sentTo('authenticate')).toHaveLength(0);
  });

  test('say that the server has closed the request', async () => {
    world.server.answerWith((request, response) =>
      request.method === 'GET' ? replyJson(response, 200, { messages: [world.item()] }) : replyJson(response, 400, {}),
    );
    expect(await world.phone.run('approve', '--number', '483201')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no longer open'),
    });
  });

  test('ask the relay with a token for exactly its address (design.md 3.1)', async () => {
    world.relayWith(world.item());
    expect(await world.phone.run('approve', '--number', '483201')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Answer sent.'),
    });
    const asked = world.server.requests.find(({ method }) => method === 'GET');
    expect(asked?.url).toBe(`/am/json/staff/push/relay?mechanismUid=${world.uid}`);
    const token = asked?.headers.authorization?.replace('Bearer ', '');
    expect(headerOf(token)).toEqual({ typ: 'JWT', alg: 'ES256' });
    expect(claimsOf(token)).toEqual({
      iat: Math.floor(world.phone.now / 1000),
      jti: expect.any(String),
      mechanismUid: world.uid,
      aud: `${world.server.origin}/am/json/staff/push/relay`,
    });
  });

  test('answer once, in the documented JSON, and not again', async () => {
    world.relayWith(world.item());
    expect(jsonLines((await world.phone.run('approve', '--number', '483201', '--json')).stdout)).toEqual([
      { answered: { messageId: MESSAGE_ID, decision: 'approve' } },
    ]);
    expect(claimsOf(jwtOf(world.sentTo('authenticate')[0]))).toMatchObject({
      challengeResponse: '483201',
      mid: MESSAGE_ID,
    });
    expect(await world.phone.run('deny', '--json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ALREADY_ANSWERED'),
    });
    expect(world.sentTo('authenticate')).toHaveLength(1);
  });

  test('deny with the reason', async () => {
    world.relayWith(world.item());
    expect(jsonLines((await world.phone.run('deny', '--reason', 'not_me', '--json')).stdout)).toEqual([
      { answered: { messageId: MESSAGE_ID, decision: 'deny' } },
    ]);
    expect(claimsOf(jwtOf(world.sentTo('authenticate')[0]))).toMatchObject({ deny: true, x_reason: 'not_me' });
  });

  test('answer to the stored address, whatever a payload says', async () => {
    world.phone.stdinText = JSON.stringify({
      ...world.item(),
      a: base64Url('https://evil.example.net/?_action=authenticate'),
    });
    expect(await world.phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    expect(world.sentTo('authenticate')).toHaveLength(1);
  });

  test('send the same bytes again until they arrive', async () => {
    world.phone.stdinText = JSON.stringify(world.item());
    world.phone.timePasses = () => true;
    world.server.answerWith((_request, response) =>
      replyJson(response, world.sentTo('authenticate').length < 4 ? 503 : 200, {}),
    );
    expect(await world.phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    const bodies = world.sentTo('authenticate').map(({ body }) => body);
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
    expect(world.phone.sleeps[1]).toBeGreaterThan(world.phone.sleeps[0] ?? 0);
  });

  test('give up when the request has run out, with 3', async () => {
    world.phone.stdinText = JSON.stringify(world.item());
    world.phone.timePasses = () => true;
    await world.server.close();
    const began = world.phone.now;
    expect(await world.phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('It has run out'),
    });
    expect(world.phone.now - began).toBe(120_000);
  });

  test('answer none of the requests of two accounts unless one account is named', async () => {
    const first = world.uid;
    await world.register();
    const messages = [first, world.uid].map((mechanism, index) => ({
      messageId: `${MESSAGE_ID}${index}`,
      message: pushJwt(pushClaims(mechanism, world.phone.now, { x_len: '6' })),
    }));
    world.server.answerWith((request, response) =>
      request.method === 'GET'
        ? replyJson(response, 200, { messages: [request.url.includes(first) ? messages[0] : messages[1]] })
        : replyJson(response, 200, {}),
    );
    expect(await world.phone.run('approve', '--number', '483201')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--request ID'),
    });
    expect(world.sentTo('authenticate')).toHaveLength(0);
    expect(await world.phone.run('approve', '--number', '483201', '--account', first)).toMatchObject({ code: 0 });
  });

  const THEIRS = 'AUTHENTICATE:aaaaaaaa-3a5b-4c6d-8e7f-90a1b2c3d4e51760000301000';
  const two = () => {
    const item = world.item({ m: 'From elsewhere' }, THEIRS);
    world.relayWith(item, world.item());
  };

  test.each(['approve', 'deny'])(
    '%s lists several waiting requests and answers none of them (SEC-24)',
    async (verb) => {
      two();
      const given = verb === 'approve' ? ['--number', '483201'] : [];
      const { code, stdout, stderr } = await world.phone.run(verb, ...given);
      expect([code, stderr]).toEqual([
        1,
        '2 requests are waiting, and one of them may not be yours. Nothing was answered.\n  Try: name the request of your sign-in with --request ID\n',
      ]);
      expect(stdout).toContain(`  Request   ${THEIRS}\n`);
      expect(stdout).toContain(`  Request   ${MESSAGE_ID}\n`);
      const json = await world.phone.run(verb, ...given, '--json');
      expect(json).toMatchObject({ code: 1, stderr: expect.stringContaining('"SEVERAL_REQUESTS"') });
      expect(jsonLines(json.stdout)).toMatchObject([
        { request: { messageId: THEIRS } },
        { request: { messageId: MESSAGE_ID } },
      ]);
      expect(world.sentTo('authenticate')).toHaveLength(0);
    },
  );

  test('answer the request that is named, among several', async () => {
    two();
    const done = await world.phone.run('approve', '--number', '483201', '--request', MESSAGE_ID);
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('Answer sent.') });
    expect(world.sentTo('authenticate').map((it) => claimsOf(jwtOf(it)).mid)).toEqual([MESSAGE_ID]);
  });

  test('refuse a named request that does not wait, on the relay or in a file', async () => {
    two();
    const other = 'AUTHENTICATE:bbbbbbbb-3a5b-4c6d-8e7f-90a1b2c3d4e51760000301000';
    world.phone.stdinText = JSON.stringify(world.item());
    for (const from of [[], ['--message', '-']]) {
      expect(await world.phone.run('approve', '--number', '483201', '--request', other, ...from)).toMatchObject({
        code: 1,
        stderr: `The request ${other} is not waiting.\n`,
      });
    }
    expect(world.sentTo('authenticate')).toHaveLength(0);
  });
});

describe('a phone whose clock is wrong (A168)', () => {
  const DAYS = 2 * 86_400_000;

  test('learns the time at registration and signs with it', async () => {
    const serverTime = world.phone.now;
    world.phone.now -= DAYS;
    world.server.answerWith((_request, response) => replyJson(response, 200, {}, serverTime));
    await world.register();
    world.phone.stdinText = JSON.stringify({
      messageId: MESSAGE_ID,
      message: pushJwt(pushClaims(world.uid, serverTime, { x_len: '6' })),
    });
    expect(await world.phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    expect(Math.abs(Number(claimsOf(jwtOf(world.sentTo('authenticate')[0])).iat) - serverTime / 1000)).toBeLessThan(2);
  });

  test('tries the relay once more with the time of a 401', async () => {
    await world.register();
    const serverTime = world.phone.now + DAYS;
    const answers: number[] = [];
    world.server.answerWith((request, response) => {
      const iat = Number(claimsOf(request.headers.authorization?.replace('Bearer ', '')).iat);
      answers.push(Math.abs(iat - serverTime / 1000) < 300 ? 200 : 401);
      replyJson(response, answers.at(-1) ?? 500, { messages: [] }, serverTime);
    });
    expect(await world.phone.run('approve', '--number', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No request is waiting'),
    });
    expect(answers).toEqual([401, 200]);
  });

  test('is not advised to forget an account that it has just added', async () => {
    await world.register();
    world.server.answerWith((_request, response) => replyJson(response, 401, {}, world.phone.now));
    expect(await world.phone.run('approve', '--number', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has not taken in this phone yet\.\n {2}Try: keep that page open/),
    });
  });

  test('is told when the server does not know it any more', async () => {
    await world.register();
    world.phone.now += 60_000;
    world.server.answerWith((_request, response) => replyJson(response, 401, {}));
    expect(await world.phone.run('watch', '--once')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not know this phone'),
    });
  });

  test('signs an answer once more when the refusal shows another time', async () => {
    await world.register();
    world.phone.stdinText = JSON.stringify(world.item());
    const serverTime = world.phone.now + 90_000;
    world.server.answerWith((request, response) => {
      const isInTime = Math.abs(Number(claimsOf(jwtOf(request)).iat) - serverTime / 1000) < 2;
      replyJson(response, isInTime ? 200 : 400, {}, serverTime);
    });
    expect(await world.phone.run('approve', '--message', '-', '--number', '483201')).toMatchObject({ code: 0 });
    expect(world.sentTo('authenticate')).toHaveLength(2);
  });
});
