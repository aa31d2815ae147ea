import { describe, expect, test } from 'vitest';
import { importSharedKey } from '../accounts/device-keys.ts';
import {
  type Call,
  type Reply,
  readJwt,
  SECRET,
  SERVER,
  START,
  setupCode,
  someAccount,
  testIo,
} from '../testing/phone-fixtures.ts';
import { listWaiting, markShown, pauseRequests, refreshChannel, register, sendAnswer } from './server-calls.ts';
import { readSetupCode, type SetupCode } from './setup-code.ts';
import type { SignInRequest } from './sign-in-request.ts';

const json = (status: number, headers: Record<string, string> = {}, body: unknown = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const claimsOf = ({ body }: Call) => readJwt((JSON.parse(body) as { readonly jwt: string }).jwt);

const request: SignInRequest = {
  messageId: 'AUTHENTICATE:1',
  accountId: 'account-1',
  title: 'Acme',
  name: 'jane',
  challenge: new Uint8Array(32).fill(7),
  text: '',
  ask: { kind: 'type', digits: 6 },
  demandsVerification: false,
  sentAt: START,
  expiresAt: START + 120_000,
  context: {},
};
const approve = { kind: 'approve', number: '483201' } as const;

describe('a registration', () => {
  const pushSetup = (): NonNullable<SetupCode['push']> => {
    const read = readSetupCode(setupCode(), SERVER);
    if (!('code' in read) || read.code.push === undefined) throw new Error('the code was refused');
    return read.code.push;
  };
  const registerWith = async (serve: (call: Call) => Reply) => {
    const world = testIo(serve);
    const result = await register(world.io, pushSetup(), {
      sharedKey: await importSharedKey(SECRET),
      deviceName: 'Chrome',
      channel: { type: 'relay', deviceId: 'device-1' },
      wantsRing: false,
    });
    return { ...world, result };
  };

  test('proves that the code was read, and names the key that speaks from now on (design §3.1)', async () => {
    const { calls, result } = await registerWith(() => json(200));
    const [call] = calls;
    if (call === undefined) throw new Error('nothing was sent');
    expect(call.url).toBe(`${SERVER}/am/json/push/sns/message?_action=register`);
    expect(claimsOf(call).header).toEqual({ typ: 'JWT', alg: 'HS256' });
    expect(claimsOf(call).claims).toEqual({
      deviceId: 'device-1',
      deviceName: 'Chrome',
      deviceType: 'web',
      communicationType: 'relay',
      mechanismUid: 'id-1',
      response: expect.stringMatching(/^[\w+/]{43}=$/),
      x_key: { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) },
    });
    expect(result).toMatchObject({ push: { mechanismUid: 'id-1', relayUrl: `${SERVER}/am/json/push/relay` } });
  });

  test('sends no cookie and follows no redirect (SEC-29)', async () => {
    const { calls } = await registerWith(() => json(200));
    expect(calls[0]?.init).toMatchObject({ credentials: 'omit', redirect: 'error', cache: 'no-store' });
  });

  test('is repeated byte for byte while nothing comes back', async () => {
    const replies: Reply[] = ['no connection', json(503), json(200)];
    const { calls, waits, result } = await registerWith(() => replies.shift() ?? json(500));
    expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
    expect(waits).toEqual([500, 1_000]);
    expect(result).toHaveProperty('push');
  });

  test.each([
    [400, 'used'],
    [404, 'no-service'],
    [501, 'used'],
    [503, 'unreachable'],
  ])('that gets %d is %s', async (status, problem) => {
    expect((await registerWith(() => json(status))).result).toEqual({ problem });
  });
});

describe('an answer', () => {
  test('is signed by the phone’s own key, for this message and this moment', async () => {
    const { io, calls } = testIo(() => json(200));
    expect(await sendAnswer(io, await someAccount(), request, approve)).toBe('sent');
    const [call] = calls;
    if (call === undefined) throw new Error('nothing was sent');
    expect(call.url).toBe(`${SERVER}/am/json/push/sns/message?_action=authenticate`);
    expect(claimsOf(call)).toEqual({
      header: { typ: 'JWT', alg: 'ES256' },
      claims: {
        response: expect.any(String),
        challengeResponse: '483201',
        iat: START / 1_000,
        jti: 'id-1',
        mid: 'AUTHENTICATE:1',
      },
    });
  });

  test('that denies says so, says why, and carries no number', async () => {
    const { io, calls } = testIo(() => json(200));
    await sendAnswer(io, await someAccount(), request, { kind: 'deny', reason: 'not_me' });
    const { claims } = claimsOf(calls[0] as Call);
    expect(claims).toMatchObject({ deny: true, x_reason: 'not_me' });
    expect(claims).not.toHaveProperty('challengeResponse');
  });

  test('may be followed by the wish to be asked no more for an hour, proven by the key of the phone (SEC-26)', async () => {
    const replies: Reply[] = [json(200), json(401), 'no connection'];
    const { io, calls } = testIo(() => replies.shift() ?? json(500));
    expect(await pauseRequests(io, await someAccount())).toBe(true);
    expect(calls[0]).toMatchObject({ method: 'POST', url: expect.stringMatching(/\/push\/relay\?.*_action=pause$/) });
    expect(await pauseRequests(io, await someAccount())).toBe(false);
    expect(await pauseRequests(io, await someAccount())).toBe(false);
  });

  test('is sent again, the same bytes, until it arrives', async () => {
    const replies: Reply[] = ['no connection', json(502), json(429), json(200)];
    const { io, calls, waits } = testIo(() => replies.shift() ?? json(500));
    expect(await sendAnswer(io, await someAccount(), request, approve)).toBe('sent');
    expect(new Set(calls.map(({ body }) => body)).size).toBe(1);
    expect(waits).toEqual([500, 1_000, 2_000]);
  });

  test('gives up when the request has run out', async () => {
    const { io, clock } = testIo(() => 'no connection');
    expect(await sendAnswer(io, await someAccount(), request, approve)).toBe('unsent');
    expect(clock.now()).toBe(START + 120_000);
  });

  test('that is refused is not sent again', async () => {
    const { io, calls } = testIo(() => json(400));
    expect(await sendAnswer(io, await someAccount(), request, approve)).toBe('refused');
    expect(calls).toHaveLength(1);
  });

  test('of a phone whose clock is a day off is signed once more, by the server’s time (REL-12)', async () => {
    const serverNow = START + 86_400_000;
    const { io, calls } = testIo((call) => {
      const isInTime = Math.abs(Number(claimsOf(call).claims.iat) * 1_000 - serverNow) < 300_000;
      return json(isInTime ? 200 : 400, { date: new Date(serverNow).toUTCString() });
    });
    const late = { ...request, expiresAt: serverNow + 60_000 };
    expect(await sendAnswer(io, await someAccount(), late, approve)).toBe('sent');
    expect(calls).toHaveLength(2);
  });

  test('that was made beforehand goes out as it was made', async () => {
    const { io, calls } = testIo(() => json(200));
    await sendAnswer(io, await someAccount(), request, { kind: 'deny', reason: 'other' }, '{"made":"before"}');
    expect(calls[0]?.body).toBe('{"made":"before"}');
    expect(calls[0]?.init.keepalive).toBe(true);
  });
});

describe('the relay', () => {
  test('is asked with a token for it alone', async () => {
    const messages = [{ messageId: 'AUTHENTICATE:1', message: 'a.b.c' }];
    const { io, calls } = testIo(() => json(200, {}, { messages }));
    expect(await listWaiting(io, await someAccount())).toEqual({ value: messages });
    const { url, headers } = calls[0] as Call;
    expect(url).toBe(`${SERVER}/am/json/push/relay?mechanismUid=mechanism-1`);
    const { header, claims } = readJwt(headers.get('authorization')?.replace('Bearer ', '') ?? '');
    expect(header).toEqual({ typ: 'JWT', alg: 'ES256' });
    expect(claims).toEqual({
      iat: START / 1_000,
      jti: 'id-1',
      mechanismUid: 'mechanism-1',
      aud: `${SERVER}/am/json/push/relay`,
    });
  });

  test.each([
    [json(401), 'unknown'],
    [json(500), 'unreachable'],
    [json(200, {}, { messages: [{ messageId: 1 }] }), 'unreachable'],
    [new Response('<html>', { status: 200 }), 'unreachable'],
    ['no connection' as const, 'unreachable'],
  ])('that answers badly leads to no request', async (reply, problem) => {
    expect(await listWaiting(testIo(() => reply).io, await someAccount())).toEqual({ problem });
  });

  test('refuses a token of the wrong time, and takes the next one', async () => {
    const serverNow = START - 7_200_000;
    const { io } = testIo(({ headers }) => {
      const { claims } = readJwt(headers.get('authorization')?.replace('Bearer ', '') ?? '');
      const isInTime = Math.abs(Number(claims.iat) * 1_000 - serverNow) < 300_000;
      const date = new Date(serverNow).toUTCString();
      return isInTime ? json(200, { date }, { messages: [] }) : json(401, { date });
    });
    expect(await listWaiting(io, await someAccount())).toEqual({ value: [] });
  });

  test('hears what a person has before them', async () => {
    const { io, calls } = testIo(() => json(200));
    await markShown(io, await someAccount(), 'AUTHENTICATE:1');
    expect(calls[0]).toMatchObject({ method: 'POST', body: '{"messageId":"AUTHENTICATE:1"}' });
    expect(calls[0]?.url).toContain('_action=shown');
  });
});

test('a new channel is told by the phone’s own key, with nothing that an answer has', async () => {
  const { io, calls } = testIo(() => json(200));
  expect(await refreshChannel(io, await someAccount(), { type: 'webpush', deviceId: '{}' })).toBe(true);
  expect(calls[0]?.url).toBe(`${SERVER}/am/json/push/sns/message?_action=refresh`);
  expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ mechanismUid: 'mechanism-1', username: 'jane' });
  expect(claimsOf(calls[0] as Call).claims).toEqual({
    deviceId: '{}',
    deviceName: 'Chrome',
    deviceType: 'web',
    communicationType: 'webpush',
    iat: START / 1_000,
    jti: 'id-1',
  });
  expect(await refreshChannel(testIo(() => json(400)).io, await someAccount(), { type: 'relay', deviceId: 'x' })).toBe(
    false,
  );
});
