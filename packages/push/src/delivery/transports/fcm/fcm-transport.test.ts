import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushEnvelope } from '../../../model/messages.ts';
import { guardedRequests } from '../../../outbound/guarded-requests.ts';
import { parseProviderPayload } from '../../../protocol/index.ts';
import { type FcmFake, startFcmFake } from '../../../testing/providers/fcm-fake.ts';
import { newServiceAccount } from '../../../testing/providers/provider-keys.ts';
import { transportConditions } from '../../../testing/providers/transport-conditions.ts';
import { describePushTransportContract } from '../../../testing/push-transport-contract.ts';
import { fcmService } from '../../fcm-service.ts';
import { fcmTransport } from './fcm-transport.ts';

const worldOf = async () => {
  const conditions = transportConditions();
  const fake = await startFcmFake({ now: conditions.clock.now });
  const settings = fcmService.parse({
    projectId: fake.projectId,
    serviceAccount: fake.account.file,
    endpoint: fake.endpoint,
  });
  const transport = fcmTransport({ settings, ...conditions.options });
  return {
    ...conditions,
    fake,
    settings,
    transport,
    async close() {
      conditions.requests.close();
      await fake.close();
    },
  };
};

describePushTransportContract('FCM', async () => {
  const { transport, settings, options, fake, close } = await worldOf();
  return {
    transport,
    communicationType: 'gcm',
    async delivered(communicationId) {
      const mine = fake.delivered.filter(({ token }) => communicationId === `gcm:${token}`);
      return mine.map(({ data }) => data.messageId ?? '');
    },
    provider: {
      break: async () => fake.script({ answer: 503 }),
      silence: async () => fake.script({ answer: 'hang' }),
      repair: async () => fake.repair(),
      impatient: fcmTransport({ settings, ...options, tryMillis: 100 }),
    },
    close,
  };
});

let world: Awaited<ReturnType<typeof worldOf>>;
let fake: FcmFake;
beforeEach(async () => {
  world = await worldOf();
  fake = world.fake;
});
afterEach(() => world.close());

const envelope = (changes: Partial<PushEnvelope> = {}): PushEnvelope => ({
  communicationType: 'gcm',
  communicationId: 'gcm:phone-1',
  messageId: 'AUTHENTICATE:1',
  jwt: 'a.b.c',
  text: 'Is this you?',
  pushType: 'CHALLENGE',
  expiresAt: world.clock.now() + 119_500,
  ...changes,
});
const send = (changes: Partial<PushEnvelope> = {}) => world.transport.send(envelope(changes));

/** Google has taken a message with these settings. */
const prove = async (): Promise<void> => {
  expect(await send({ communicationId: 'gcm:phone-0', messageId: 'AUTHENTICATE:0' })).toEqual({ status: 'sent' });
};

describe('a message (OPS-48)', () => {
  test('has the data that Android apps read, wakes the phone, and is kept by Google no longer than it lives', async () => {
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.refusals).toEqual([]);
    expect(fake.delivered).toEqual([
      { token: 'phone-1', ttlSeconds: 120, priority: 'HIGH', data: { message: 'a.b.c', messageId: 'AUTHENTICATE:1' } },
    ]);
  });

  test('that has run out is not kept by Google at all', async () => {
    await send({ expiresAt: world.clock.now() - 1 });
    expect(fake.taken[0]?.ttlSeconds).toBe(0);
  });

  test('that comes twice is one message to an app, by its id', async () => {
    fake.mode = 'twice';
    await send();
    const read = fake.delivered.map(({ data }) => parseProviderPayload(JSON.stringify({ data })));
    expect(read).toHaveLength(2);
    expect(new Set(read.map((it) => it.ok && it.value.messageId))).toEqual(new Set(['AUTHENTICATE:1']));
  });

  test.each(['never', 'late'] as const)('that Google takes and delivers %s was sent', async (mode) => {
    fake.mode = mode;
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.delivered).toEqual([]);
    fake.deliverLate();
    expect(fake.delivered).toHaveLength(mode === 'late' ? 1 : 0);
  });

  test('to an address of another provider goes nowhere', async () => {
    const refused = { status: 'failed', permanent: false, blame: 'address' };
    for (const communicationId of ['arn:aws:sns:us-east-1:1:endpoint/GCM/x', 'apns:abcd', 'phone-1'])
      expect(await send({ communicationId })).toMatchObject(refused);
    expect(fake.calls).toEqual([]);
  });

  test.each(['a token', 'token\r\nx: y', '', '../x', 'x'.repeat(5_000)])(
    'no phone is registered as %j',
    async (token) => {
      expect(await world.transport.register(token, 'gcm')).toMatchObject({ status: 'failed', blame: 'address' });
    },
  );
});

describe('the access token', () => {
  test('is fetched once, however many wait for it', async () => {
    const sent = await Promise.all(Array.from({ length: 20 }, (_, at) => send({ messageId: `AUTHENTICATE:${at}` })));
    expect(sent.every(({ status }) => status === 'sent')).toBe(true);
    expect(fake.tokensGiven()).toBe(1);
    expect(fake.taken).toHaveLength(20);
  });

  test('is kept until five minutes before its end, and not a second longer', async () => {
    await send();
    world.clock.advance((3_599 - 301) * 1_000);
    await send();
    expect(fake.tokensGiven()).toBe(1);
    world.clock.advance(1_000);
    await send();
    expect(fake.tokensGiven()).toBe(2);
    expect(fake.refusals).toEqual([]);
  });

  test('that Google has taken back is replaced within the same send', async () => {
    await prove();
    fake.revokeTokens();
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.tokensGiven()).toBe(2);
    expect(world.alarms).toEqual([]);
  });

  test('that Google wants in no way is the realm’s to mend, and asked for twice at most', async () => {
    fake.script({ on: 'send', answer: 401 });
    expect(await send()).toEqual({
      status: 'failed',
      permanent: false,
      cause: 'UNAUTHENTICATED',
      blame: 'credentials',
    });
    expect(fake.tokensGiven()).toBe(2);
    expect(world.alarms).toEqual([{ setting: 'serviceAccount', cause: 'UNAUTHENTICATED' }]);
  });

  test('is not given for a key that Google does not know', async () => {
    const other = newServiceAccount({ tokenUri: `${fake.endpoint}/token`, ofOtherKey: true });
    const transport = fcmTransport({
      settings: { ...world.settings, serviceAccount: other.file },
      ...world.options,
    });
    const refused = { status: 'failed', permanent: false, cause: 'invalid_grant', blame: 'credentials' };
    expect(await transport.send(envelope())).toEqual(refused);
    expect(fake.refusals).toEqual(['token: a bad signature']);
    expect(world.alarms).toEqual([{ setting: 'serviceAccount', cause: 'invalid_grant' }]);
  });

  test('is not given to a clock that is wrong', async () => {
    const slow = transportConditions();
    slow.clock.advance(-7_200_000);
    const transport = fcmTransport({ settings: world.settings, ...slow.options });
    expect(await transport.send(envelope())).toMatchObject({ cause: 'invalid_grant', blame: 'credentials' });
    slow.requests.close();
  });

  test.each([429, 500, 503])('is asked for again where Google cannot give one (%d)', async (answer) => {
    fake.script({ on: 'token', answer, times: 2 });
    expect(await send()).toEqual({ status: 'sent' });
    expect(world.waits).toHaveLength(2);
  });

  test('that is no token is a fault of the provider', async () => {
    fake.script({ on: 'token', answer: 200 });
    expect(await send()).toMatchObject({ permanent: false, cause: 'NoAccessToken', blame: 'provider' });
  });

  test('is fetched from an address that may be called', async () => {
    const inside = newServiceAccount({ tokenUri: 'https://169.254.169.254/token' });
    const transport = fcmTransport({ settings: { ...world.settings, serviceAccount: inside.file }, ...world.options });
    expect(await transport.send(envelope())).toMatchObject({ cause: 'EndpointNotAllowed', blame: 'credentials' });
    expect(fake.calls).toEqual([]);
  });
});

describe('a refusal', () => {
  test('of a token that is gone is a dead address, whatever was before (REL-09)', async () => {
    fake.setPhone('phone-1', 'gone');
    const dead = { status: 'failed', permanent: true, cause: 'UNREGISTERED', blame: 'address' };
    expect(await send()).toEqual(dead);
    expect(fake.calls.filter((it) => it.includes('messages:send'))).toHaveLength(1);
    expect(world.alarms).toEqual([]);
  });

  test('of what is no token is a dead address', async () => {
    fake.setPhone('phone-1', 'malformed');
    expect(await send()).toEqual({ status: 'failed', permanent: true, cause: 'INVALID_TOKEN', blame: 'address' });
  });

  test('of a token of another project is a dead address once the project has proven right', async () => {
    await prove();
    fake.setPhone('phone-1', 'of another project');
    expect(await send()).toEqual({ status: 'failed', permanent: true, cause: 'SENDER_ID_MISMATCH', blame: 'address' });
    expect(world.alarms).toEqual([]);
  });

  test('of such a token before that is a wrong project: no phone is called dead for it', async () => {
    for (const token of ['phone-1', 'phone-2']) {
      fake.setPhone(token, 'of another project');
      expect(await send({ communicationId: `gcm:${token}` })).toMatchObject({ permanent: false, blame: 'credentials' });
    }
    expect(world.alarms).toEqual([{ setting: 'projectId', cause: 'SENDER_ID_MISMATCH' }]);
  });

  test('of a message that is too long is neither the phone’s fault nor Google’s', async () => {
    const failed = { status: 'failed', permanent: false, cause: 'INVALID_ARGUMENT' };
    expect(await send({ jwt: 'x'.repeat(4_200) })).toEqual(failed);
    expect(world.alarms).toEqual([{ cause: 'INVALID_ARGUMENT' }]);
    expect(world.waits).toEqual([]);
  });

  test.each<readonly [number, string | undefined, string, string]>([
    [403, undefined, 'PERMISSION_DENIED', 'serviceAccount'],
    [401, 'THIRD_PARTY_AUTH_ERROR', 'THIRD_PARTY_AUTH_ERROR', 'serviceAccount'],
    [404, undefined, 'NOT_FOUND', 'projectId'],
    [302, undefined, 'UNKNOWN', 'endpoint'],
  ])(
    'with %d %s is the realm’s to mend, is not tried again, and names a setting',
    async (answer, code, cause, setting) => {
      fake.script({ on: 'send', answer, ...(code !== undefined && { code }) });
      expect(await send()).toEqual({ status: 'failed', permanent: false, cause, blame: 'credentials' });
      expect(world.waits).toEqual([]);
      expect(world.alarms).toEqual([{ setting, cause }]);
    },
  );

  test('is told to those who run the server once a minute, not once a message', async () => {
    fake.script({ on: 'send', answer: 403 });
    for (let at = 0; at < 5; at += 1) await send();
    expect(world.alarms).toHaveLength(1);
    world.clock.advance(60_000);
    await send();
    expect(world.alarms).toHaveLength(2);
  });

  test('of another project than the service account may send for is the realm’s to mend', async () => {
    const transport = fcmTransport({ settings: { ...world.settings, projectId: 'acme-other' }, ...world.options });
    expect(await transport.send(envelope())).toMatchObject({ cause: 'PERMISSION_DENIED', blame: 'credentials' });
  });

  test.each([500, 502, 503])(
    'with %d passes on its third try, or was the provider’s fault (REL-07)',
    async (answer) => {
      fake.script({ on: 'send', answer, times: 2 });
      expect(await send()).toEqual({ status: 'sent' });
      expect(world.waits).toHaveLength(2);
      fake.script({ on: 'send', answer });
      expect(await send()).toMatchObject({ status: 'failed', permanent: false, blame: 'provider' });
    },
  );

  test('is tried again no earlier than Google says (OPS-44)', async () => {
    fake.script({ on: 'send', answer: 503, retryAfter: '4', times: 1 });
    expect(await send()).toEqual({ status: 'sent' });
    expect(world.waits).toEqual([4_000]);
  });

  test('is not tried again inside ten seconds where Google says later', async () => {
    const later = new Date(world.clock.now() + 30_000).toUTCString();
    fake.script({ on: 'send', answer: 429, code: 'QUOTA_EXCEEDED', retryAfter: later });
    expect(await send()).toMatchObject({ cause: 'QUOTA_EXCEEDED', blame: 'provider', retryAfterMillis: 30_000 });
    fake.repair();
    fake.script({ on: 'send', answer: 429 });
    expect(await send()).toMatchObject({ cause: 'RESOURCE_EXHAUSTED', retryAfterMillis: 60_000 });
    expect(world.waits).toEqual([]);
  });

  test('without an answer, by a connection that breaks, is tried again', async () => {
    fake.script({ on: 'send', answer: 'reset', times: 2 });
    expect(await send()).toEqual({ status: 'sent' });
  });
});

test('nobody at the address is the provider’s fault, tried three times', async () => {
  await fake.close();
  expect(await send()).toEqual({ status: 'failed', permanent: false, cause: 'ECONNREFUSED', blame: 'provider' });
  expect(world.waits).toHaveLength(2);
});

test.each(['http://fcm.internal', 'https://10.0.0.7', 'https://127.0.0.1'])(
  'the endpoint %s is not called without being allowed (SEC-69)',
  async (endpoint) => {
    const requests = guardedRequests({ allowsLoopback: false }).of('/alpha');
    const transport = fcmTransport({ settings: { ...world.settings, endpoint }, ...world.options, requests });
    expect(await transport.send(envelope())).toMatchObject({ cause: 'EndpointNotAllowed', blame: 'credentials' });
  },
);

describe('the check of the settings (OPS-51)', () => {
  test('finds them right, and sends nothing', async () => {
    expect(await world.transport.check()).toEqual({ status: 'right' });
    expect(fake.taken).toEqual([]);
    expect(fake.refusals).toEqual([]);
  });

  test.each([
    ['serviceAccount', 'invalid_grant', { on: 'token', answer: 400, code: 'invalid_grant' }],
    ['serviceAccount', 'PERMISSION_DENIED', { on: 'send', answer: 403 }],
    ['projectId', 'NOT_FOUND', { on: 'send', answer: 404 }],
  ] as const)('names %s where Google says %s', async (setting, cause, given) => {
    fake.script(given);
    expect(await world.transport.check()).toEqual({ status: 'wrong', setting, cause });
    expect(world.alarms).toEqual([]);
  });

  test('does not blame them for a provider that is down', async () => {
    fake.script({ answer: 503 });
    expect(await world.transport.check()).toMatchObject({ status: 'unreachable' });
  });
});
