import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PersonaName } from '../account/personas.ts';
import {
  type RecordedRequest,
  type RecordingServer,
  replyJson,
  startRecordingServer,
} from '../testing/recording-server.ts';
import { type TestPhone, testPhone } from '../testing/test-phone.ts';
import { claimsOf, headerOf, pushClaims, pushJwt, setupCode } from '../testing/wire-fixtures.ts';

const MESSAGE_ID = 'AUTHENTICATE:c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e51760000300000';
const OFFICIAL = ['android4', 'ios4', 'ping-android', 'ping-ios'] as const;
type Official = (typeof OFFICIAL)[number];
const isApple = (persona: Official): boolean => persona === 'ios4' || persona === 'ping-ios';
const UID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let server: RecordingServer;
let phone: TestPhone;

beforeEach(async () => {
  server = await startRecordingServer();
  phone = testPhone();
});
afterEach(() => server.close());

const last = (): RecordedRequest => {
  const request = server.requests.at(-1);
  if (request === undefined) throw new Error('Nothing was sent.');
  return request;
};
const lastClaims = (): Record<string, unknown> => claimsOf(JSON.parse(last().body).jwt);

async function registered(persona: PersonaName): Promise<string> {
  expect(
    await phone.run(
      'register',
      setupCode(server.origin),
      '--persona',
      persona,
      '--name',
      'Pixel of Jane',
      '--token',
      'TOKEN-1',
    ),
  ).toMatchObject({ code: 0 });
  return String(lastClaims().mechanismUid);
}

/** The payload as the provider of this persona is handed it, in a file. */
function push(persona: Official, uid: string, changes: Record<string, unknown> = {}): string {
  const jwt = pushJwt(pushClaims(uid, phone.now, { n: '24,57,81', ...changes }));
  const payload = isApple(persona)
    ? { aps: { alert: 'x', messageId: MESSAGE_ID, data: jwt } }
    : { priority: 'high', data: { message: jwt, messageId: MESSAGE_ID } };
  const file = join(dirname(dirname(phone.store)), 'push.json');
  writeFileSync(file, JSON.stringify(payload));
  return file;
}

describe.each(OFFICIAL)('%s', (persona) => {
  const sdk = persona.startsWith('ping') ? 'ping-sdk' : 'forgerock-sdk';
  const platform = isApple(persona) ? 'ios' : 'android';

  /** push-protocol.md 2.1: what each client puts around a message. */
  function expectHeaders(request: RecordedRequest, cookie: string | undefined): void {
    expect(request.method).toBe('POST');
    expect(request.headers).toMatchObject({
      'content-type': persona === 'android4' ? 'application/json; charset=utf-8' : 'application/json',
      'accept-api-version': 'resource=1.0, protocol=1.0',
      'x-requested-with': sdk,
      'x-requested-platform': platform,
    });
    expect(request.headers.authorization).toBeUndefined();
    expect(request.headers.cookie).toBe(persona === 'ios4' ? undefined : cookie);
    expect(request.headers['set-cookie']).toEqual(persona === 'ios4' && cookie !== undefined ? [cookie] : undefined);
  }

  test('registers as push-protocol.md 2.1 says', async () => {
    await registered(persona);
    expectHeaders(last(), 'lb=node7');
    expect(last().url).toBe('/am/json/staff/push/sns/message?_action=register');
    expect(Object.keys(JSON.parse(last().body))).toEqual(
      persona === 'ping-ios' ? ['messageId', 'jwt', 'userId'] : ['messageId', 'jwt'],
    );
    expect(headerOf(JSON.parse(last().body).jwt)).toEqual({ typ: 'JWT', alg: 'HS256' });
    const { mechanismUid, response, ...rest } = lastClaims();
    expect(rest).toEqual({
      deviceId: 'TOKEN-1',
      deviceName: 'Pixel of Jane',
      deviceType: platform,
      communicationType: isApple(persona) ? 'apns' : 'gcm',
    });
    expect(response).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    const uid = String(mechanismUid);
    expect(isApple(persona) ? uid.toLowerCase() : uid).toMatch(UID);
    expect(uid).toBe(isApple(persona) ? uid.toUpperCase() : uid.toLowerCase());
  });

  test('makes up a device token that looks like its provider’s', async () => {
    await phone.run('register', setupCode(server.origin), '--persona', persona);
    expect(lastClaims().deviceId).toMatch(isApple(persona) ? /^[0-9A-F]{64}$/ : /^[\w-]{22}:APA91b[\w-]{100,}$/);
  });

  test('approves with the number as push-protocol.md 4.1 says', async () => {
    const file = push(persona, await registered(persona));
    expect(await phone.run('approve', '--message', file, '--number', '57')).toMatchObject({ code: 0 });
    expectHeaders(last(), 'lb=node9');
    expect(last().url).toBe('/am/json/staff/push/sns/message?_action=authenticate');
    expect(JSON.parse(last().body)).toMatchObject({
      messageId: MESSAGE_ID,
      ...(persona === 'ping-ios' ? { userId: 'jane' } : {}),
    });
    expect(Object.keys(lastClaims())).toEqual(['response', 'challengeResponse']);
    expect(lastClaims().challengeResponse).toBe('57');
  });

  test('approves a plain request without any further claim', async () => {
    const file = push(persona, await registered(persona), { k: 'default', n: undefined });
    expect(await phone.run('approve', '--message', file)).toMatchObject({ code: 0 });
    expect(Object.keys(lastClaims())).toEqual(['response']);
  });

  test('denies', async () => {
    const file = push(persona, await registered(persona));
    expect(await phone.run('deny', '--message', file, '--reason', 'not_me')).toMatchObject({ code: 0 });
    const { response, ...rest } = lastClaims();
    expect(response).toMatch(/=$/);
    expect(rest).toEqual(persona === 'ios4' ? { deny: true, challengeResponse: null } : { deny: true });
  });

  test('tells its new token as push-protocol.md 5 says', async () => {
    const uid = await registered(persona);
    expect(await phone.run('refresh', '--token', 'TOKEN-2')).toMatchObject({ code: 0 });
    expectHeaders(last(), persona === 'ios4' ? 'lb=node7' : undefined);
    expect(last().url).toBe('/am/json/staff/push/sns/message?_action=refresh');
    const { jwt, ...body } = JSON.parse(last().body);
    expect(body).toEqual({ mechanismUid: uid, [persona === 'ping-ios' ? 'userId' : 'username']: 'jane' });
    expect(claimsOf(jwt)).toEqual({
      deviceId: 'TOKEN-2',
      deviceName: 'Pixel of Jane',
      deviceType: platform,
      communicationType: isApple(persona) ? 'apns' : 'gcm',
      ...(persona === 'ios4' ? { mechanismUid: uid } : {}),
    });
  });

  test('does not try again by itself', async () => {
    server.answerWith((_request, response) => replyJson(response, 503, {}));
    expect(await phone.run('register', setupCode(server.origin), '--persona', persona)).toMatchObject({ code: 3 });
    expect(server.requests).toHaveLength(1);
  });

  test('takes 204 for success only where its maker does (push-protocol.md 2.3)', async () => {
    server.answerWith((_request, response) => response.writeHead(204).end());
    expect(await phone.run('register', setupCode(server.origin), '--persona', persona)).toMatchObject({
      code: persona === 'android4' ? 1 : 0,
    });
  });

  test('takes a 200 with HTML for success unless its maker looks inside', async () => {
    server.answerWith((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>'),
    );
    expect(await phone.run('register', setupCode(server.origin), '--persona', persona)).toMatchObject({
      code: persona === 'ios4' ? 1 : 0,
    });
  });

  test('cannot wait on the relay, and says what to do instead', async () => {
    await registered(persona);
    const result = await phone.run('watch');
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('--message FILE') });
  });
});

test.each([
  ['android4', 1],
  ['ios4', 1],
  ['ping-android', 1],
  ['ping-ios', 0],
  ['assent', 0],
])('%s asked to add the same account again ends with %i', async (persona, code) => {
  await phone.run('register', setupCode(server.origin), '--persona', persona);
  expect(await phone.run('register', setupCode(server.origin), '--persona', persona)).toMatchObject({ code });
});

test('a payload for the other platform is not read', async () => {
  const uid = await registered('android4');
  expect(await phone.run('approve', '--message', push('ios4', uid), '--number', '57')).toMatchObject({ code: 2 });
  expect(server.requests).toHaveLength(1);
});

test('the user is learned from a verified push when the setup code had none', async () => {
  await phone.run('register', setupCode(server.origin, { uid: undefined }), '--persona', 'android4');
  const file = push('android4', String(lastClaims().mechanismUid), { d: 'jane-id' });
  await phone.run('approve', '--message', file, '--number', '57');
  await phone.run('refresh', '--token', 'TOKEN-2');
  expect(JSON.parse(last().body).username).toBe('jane-id');
});
