import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushEnvelope } from '../../../model/messages.ts';
import { guardedRequests } from '../../../outbound/guarded-requests.ts';
import { apnsPayload } from '../../../protocol/index.ts';
import { type ApnsFake, startApnsFake } from '../../../testing/providers/apns-fake.ts';
import { newApnsKey } from '../../../testing/providers/provider-keys.ts';
import { transportConditions } from '../../../testing/providers/transport-conditions.ts';
import { describePushTransportContract } from '../../../testing/push-transport-contract.ts';
import { apnsService } from '../../apns-service.ts';
import { apnsTransport } from './apns-transport.ts';

const worldOf = async () => {
  let now = (): number => 0;
  const fake = await startApnsFake({ now: () => now() });
  const conditions = transportConditions({ trusted: fake.certificate });
  now = conditions.clock.now;
  const settings = apnsService.parse({ ...fake.account, endpoint: fake.endpoint });
  const transport = apnsTransport({ settings, ...conditions.options });
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

/** Tokens of iPhones are 32 bytes. */
const tokenOf = (name: string): string => Buffer.from(name.padEnd(32, '.')).toString('hex');
const PHONE = tokenOf('phone-1');

describePushTransportContract('APNs', async () => {
  const { transport, settings, options, fake, close } = await worldOf();
  return {
    transport,
    communicationType: 'apns',
    tokenOf,
    async delivered(communicationId) {
      const mine = fake.delivered.filter(({ token }) => communicationId === `apns:${token}`);
      return mine.map(({ payload }) => String(payload.messageId));
    },
    provider: {
      break: async () => fake.script({ answer: 503, code: 'ServiceUnavailable' }),
      silence: async () => fake.script({ answer: 'hang' }),
      repair: async () => fake.repair(),
      impatient: apnsTransport({ settings, ...options, tryMillis: 100 }),
    },
    close,
  };
});

let world: Awaited<ReturnType<typeof worldOf>>;
let fake: ApnsFake;
beforeEach(async () => {
  world = await worldOf();
  fake = world.fake;
});
afterEach(() => world.close());

const envelope = (changes: Partial<PushEnvelope> = {}): PushEnvelope => ({
  communicationType: 'apns',
  communicationId: `apns:${PHONE}`,
  messageId: 'AUTHENTICATE:1',
  jwt: 'a.b.c',
  text: 'Is this you?',
  pushType: 'CHALLENGE',
  expiresAt: 1_760_000_420_999,
  ...changes,
});
const send = (changes: Partial<PushEnvelope> = {}) => world.transport.send(envelope(changes));

/** Apple has taken a message with these settings. */
const prove = async (): Promise<void> => {
  const communicationId = `apns:${tokenOf('phone-0')}`;
  expect(await send({ communicationId, messageId: 'AUTHENTICATE:0' })).toEqual({ status: 'sent' });
};

describe('a message (OPS-48)', () => {
  test('is what iPhone apps read, byte for byte what Amazon is given for them', async () => {
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.refusals).toEqual([]);
    const given = {
      messageId: 'AUTHENTICATE:1',
      message: 'a.b.c',
      text: 'Is this you?',
      pushType: 'CHALLENGE',
    } as const;
    expect(fake.delivered).toEqual([
      {
        token: PHONE,
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8/),
        collapseId: expect.any(String),
        expiration: 1_760_000_420,
        text: apnsPayload(given),
        payload: expect.objectContaining({ messageId: 'AUTHENTICATE:1', message: 'a.b.c' }),
      },
    ]);
  });

  test('that is sent twice, or that Apple delivers twice, is one prompt; another message is another', async () => {
    await send();
    fake.mode = 'twice';
    await send();
    expect(fake.delivered).toHaveLength(3);
    expect(fake.shown(PHONE)).toHaveLength(1);
    await send({ messageId: 'AUTHENTICATE:2' });
    expect(fake.shown(PHONE)).toHaveLength(2);
    expect(new Set(fake.taken.map(({ id }) => id)).size).toBe(2);
  });

  test.each(['never', 'late'] as const)('that Apple takes and delivers %s was sent', async (mode) => {
    fake.mode = mode;
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.shown(PHONE)).toEqual([]);
    fake.deliverLate();
    expect(fake.shown(PHONE)).toHaveLength(mode === 'late' ? 1 : 0);
  });

  test('to an address of another provider, or with a token that is none, goes nowhere', async () => {
    const refused = { status: 'failed', permanent: false, blame: 'address' };
    for (const communicationId of ['arn:aws:sns:us-east-1:1:endpoint/APNS/x', `gcm:${PHONE}`, 'apns:../1', 'apns:'])
      expect(await send({ communicationId })).toMatchObject(refused);
    expect(fake.sessions()).toBe(0);
  });

  test.each(['token-1', `${PHONE}0`, '', '../3/device/x', 'ab'.repeat(300)])(
    'no phone is registered as %j',
    async (token) => {
      expect(await world.transport.register(token, 'apns')).toMatchObject({ status: 'failed', blame: 'address' });
    },
  );
});

describe('the provider token', () => {
  test('is one for all messages of forty minutes, then another', async () => {
    for (const minutes of [0, 20, 19.9]) {
      world.clock.advance(minutes * 60_000);
      expect(await send()).toEqual({ status: 'sent' });
    }
    expect(fake.providerTokens).toHaveLength(1);
    world.clock.advance(60_000);
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.providerTokens).toHaveLength(2);
    expect(fake.refusals).toEqual([]);
  });

  test('that Apple finds too old is replaced within the same send, if it is old enough for another', async () => {
    await prove();
    world.clock.advance(25 * 60_000);
    fake.script({ answer: 403, code: 'ExpiredProviderToken', times: 1 });
    expect(await send()).toEqual({ status: 'sent' });
    expect(fake.providerTokens).toHaveLength(2);
    expect(world.alarms).toEqual([]);
  });

  test('that Apple finds too old at once says that a clock is wrong: no other is made', async () => {
    fake.script({ answer: 403, code: 'ExpiredProviderToken' });
    const failed = { status: 'failed', permanent: false, cause: 'ExpiredProviderToken', blame: 'credentials' };
    expect(await send()).toEqual(failed);
    expect(world.alarms).toEqual([{ setting: 'key', cause: 'ExpiredProviderToken' }]);
    expect(world.waits).toEqual([]);
  });

  test('comes anew after a clock was set back', async () => {
    await prove();
    world.clock.advance(-3_600_000);
    await send();
    expect(fake.refusals).toEqual([
      'TooManyProviderTokenUpdates',
      'TooManyProviderTokenUpdates',
      'TooManyProviderTokenUpdates',
    ]);
  });

  test.each([
    ['another key', () => ({ key: newApnsKey().file })],
    ['another key id', () => ({ keyId: 'OTHERKEY01' })],
    ['another team', () => ({ teamId: 'OTHERTEAM1' })],
  ])('of %s is the realm’s to mend', async (_what, wrong) => {
    const transport = apnsTransport({ settings: { ...world.settings, ...wrong() }, ...world.options });
    const failed = { status: 'failed', permanent: false, cause: 'InvalidProviderToken', blame: 'credentials' };
    expect(await transport.send(envelope())).toEqual(failed);
    expect(world.alarms).toEqual([{ setting: 'key', cause: 'InvalidProviderToken' }]);
    expect(world.waits).toEqual([]);
  });
});

describe('the connection', () => {
  test('is one for all messages, also for those that come at once', async () => {
    const sent = await Promise.all(Array.from({ length: 50 }, (_, at) => send({ messageId: `AUTHENTICATE:${at}` })));
    expect(sent.every(({ status }) => status === 'sent')).toBe(true);
    await send();
    expect(fake.sessions()).toBe(1);
    expect(fake.taken).toHaveLength(51);
  });

  test('that Apple ends is replaced, and no message is lost', async () => {
    await prove();
    fake.script({ answer: 'drain', times: 1 });
    const sent = await Promise.all(Array.from({ length: 10 }, (_, at) => send({ messageId: `AUTHENTICATE:${at}` })));
    expect(sent).toEqual(Array(10).fill({ status: 'sent' }));
    expect(fake.sessions()).toBe(2);
    expect(fake.shown(PHONE)).toHaveLength(10);
  });

  test('that Apple ends while nothing is under way is replaced', async () => {
    await prove();
    fake.drain();
    await expect.poll(async () => (await send()).status, { interval: 5 }).toBe('sent');
    await send();
    expect(fake.sessions()).toBe(2);
  });

  test('on which there was no answer is not trusted any more', async () => {
    const impatient = apnsTransport({ settings: world.settings, ...world.options, tryMillis: 200 });
    fake.script({ answer: 'hang', times: 1 });
    expect(await impatient.send(envelope())).toEqual({ status: 'sent' });
    expect(fake.sessions()).toBe(2);
  });

  test('whose streams are reset is used again, three times', async () => {
    fake.script({ answer: 'reset', times: 2 });
    expect(await send()).toEqual({ status: 'sent' });
    fake.script({ answer: 'reset' });
    expect(await send()).toMatchObject({ status: 'failed', permanent: false, blame: 'provider' });
    expect(fake.sessions()).toBe(1);
  });

  test('to nobody is the provider’s fault, tried three times', async () => {
    await fake.close();
    expect(await send()).toEqual({ status: 'failed', permanent: false, cause: 'ECONNREFUSED', blame: 'provider' });
    expect(world.waits).toHaveLength(2);
  });

  test('is not made to a server that cannot prove who it is', async () => {
    const requests = guardedRequests({ allowsLoopback: true }).of('/alpha');
    const transport = apnsTransport({ settings: world.settings, ...world.options, requests });
    expect(await transport.send(envelope())).toMatchObject({ status: 'failed', blame: 'provider' });
    expect(fake.taken).toEqual([]);
  });

  test.each(['https://10.0.0.7', 'https://127.0.0.1:1', 'http://apns.internal'])(
    'is not made to %s without being allowed (SEC-69)',
    async (endpoint) => {
      const requests = guardedRequests({ allowsLoopback: false }).of('/alpha');
      const transport = apnsTransport({ settings: { ...world.settings, endpoint }, ...world.options, requests });
      expect(await transport.send(envelope())).toMatchObject({ cause: 'EndpointNotAllowed', blame: 'credentials' });
    },
  );

  test('is not made to a name that leads into our own network', async () => {
    const requests = guardedRequests({
      allowsLoopback: false,
      resolve: async () => [{ address: '10.0.0.7', family: 4 }],
    }).of('/alpha');
    const settings = { ...world.settings, endpoint: 'https://apns.example.com' };
    const transport = apnsTransport({ settings, ...world.options, requests });
    expect(await transport.send(envelope())).toMatchObject({ cause: 'EndpointNotAllowed', blame: 'credentials' });
  });
});

describe('a refusal', () => {
  test.each(['gone', 'of another app', 'of the other environment'] as const)(
    'of a token that is %s is a dead address once the settings have proven right (REL-09)',
    async (is) => {
      await prove();
      fake.setPhone(PHONE, is);
      expect(await send()).toMatchObject({ status: 'failed', permanent: true, blame: 'address' });
      expect([world.waits, world.alarms]).toEqual([[], []]);
    },
  );

  test('of a token that is gone is a dead address at any time', async () => {
    fake.setPhone(PHONE, 'gone');
    expect(await send()).toEqual({ status: 'failed', permanent: true, cause: 'Unregistered', blame: 'address' });
  });

  test.each([
    ['of the other environment', 'sandbox', 'BadDeviceToken'],
    ['of another app', 'topic', 'DeviceTokenNotForTopic'],
  ] as const)(
    'of tokens %s before that is a wrong setting, %s: no phone is called dead for it',
    async (is, setting, cause) => {
      fake.setPhone(PHONE, is);
      expect(await send()).toEqual({ status: 'failed', permanent: false, cause, blame: 'credentials' });
      expect(world.alarms).toEqual([{ setting, cause }]);
    },
  );

  test.each<readonly [number, string, string]>([
    [403, 'Forbidden', 'key'],
    [403, 'BadEnvironmentKeyIdInToken', 'sandbox'],
    [403, 'UnrelatedKeyIdInToken', 'keyId'],
    [400, 'BadTopic', 'topic'],
    [400, 'TopicDisallowed', 'topic'],
    [404, 'BadPath', 'endpoint'],
    [405, 'MethodNotAllowed', 'endpoint'],
  ])('with %d %s is the realm’s to mend, and names %s', async (answer, code, setting) => {
    fake.script({ answer, code });
    expect(await send()).toEqual({ status: 'failed', permanent: false, cause: code, blame: 'credentials' });
    expect(world.waits).toEqual([]);
    expect(world.alarms).toEqual([{ setting, cause: code }]);
  });

  test.each<readonly [number, string]>([
    [400, 'BadExpirationDate'],
    [400, 'PayloadEmpty'],
    [413, 'PayloadTooLarge'],
  ])('with %d %s is of that message, and is told', async (answer, code) => {
    fake.script({ answer, code });
    expect(await send()).toEqual({ status: 'failed', permanent: false, cause: code });
    expect(world.alarms).toEqual([{ cause: code }]);
  });

  test('of a message that is too long is what Apple says of it', async () => {
    expect(await send({ jwt: 'x'.repeat(4_200) })).toEqual({
      status: 'failed',
      permanent: false,
      cause: 'PayloadTooLarge',
    });
  });

  test.each<readonly [number, string]>([
    [429, 'TooManyProviderTokenUpdates'],
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailable'],
    [503, 'Shutdown'],
    [400, 'IdleTimeout'],
  ])('with %d %s passes on its third try, or was the provider’s fault (REL-07)', async (answer, code) => {
    fake.script({ answer, code, times: 2 });
    expect(await send()).toEqual({ status: 'sent' });
    fake.script({ answer, code });
    expect(await send()).toEqual({ status: 'failed', permanent: false, cause: code, blame: 'provider' });
  });

  test('for too many messages to one phone says nothing of Apple', async () => {
    fake.script({ answer: 429, code: 'TooManyRequests' });
    expect(await send()).toEqual({ status: 'failed', permanent: false, cause: 'TooManyRequests', blame: 'address' });
  });

  test('is tried again no earlier than Apple says (OPS-44)', async () => {
    fake.script({ answer: 503, code: 'ServiceUnavailable', retryAfter: '3', times: 1 });
    expect(await send()).toEqual({ status: 'sent' });
    expect(world.waits).toEqual([3_000]);
  });
});

describe('the check of the settings (OPS-51)', () => {
  test('finds them right, and rings nobody', async () => {
    expect(await world.transport.check()).toEqual({ status: 'right' });
    expect(fake.taken).toEqual([]);
  });

  test.each([
    ['key', 403, 'InvalidProviderToken'],
    ['topic', 400, 'TopicDisallowed'],
    ['sandbox', 403, 'BadEnvironmentKeyIdInToken'],
  ] as const)('names %s where Apple says %d %s', async (setting, answer, code) => {
    fake.script({ answer, code });
    expect(await world.transport.check()).toEqual({ status: 'wrong', setting, cause: code });
    expect(world.alarms).toEqual([]);
  });

  test('does not blame them for a provider that is down', async () => {
    fake.script({ answer: 503, code: 'ServiceUnavailable' });
    expect(await world.transport.check()).toEqual({ status: 'unreachable', cause: 'ServiceUnavailable' });
  });
});
