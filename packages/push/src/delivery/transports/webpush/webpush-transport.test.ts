import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushEnvelope } from '../../../model/messages.ts';
import { type GuardedRequestsOptions, guardedRequests } from '../../../outbound/guarded-requests.ts';
import { hostileUrls, NOT_PUBLIC_ADDRESSES } from '../../../testing/hostile-addresses.ts';
import { startWebPushFake, type WebPushFake } from '../../../testing/providers/web-push-fake.ts';
import { describePushTransportContract } from '../../../testing/push-transport-contract.ts';
import { repeatableRandom } from '../../../testing/simulated.ts';
import { localHints, phoneHint } from '../../hints.ts';
import { newVapidSecret, vapidKeys } from './vapid-keys.ts';
import { webPushTransport } from './webpush-transport.ts';

const keys = vapidKeys(newVapidSecret());
const EXPIRES_AT = Date.now() + 120_000;

/** A clock that only waiting moves; tokens are dated by the machine's. */
const world = (
  given: Partial<GuardedRequestsOptions> & { readonly hosts?: readonly string[]; readonly tryMillis?: number } = {},
) => {
  let now = EXPIRES_AT - 120_000;
  const waits: number[] = [];
  const hints = localHints();
  const { allowsLoopback = true, resolve, hosts = [], tryMillis = 5_000 } = given;
  const transport = webPushTransport({
    hints,
    keys,
    contact: 'mailto:admin@example.com',
    endpoints: { hosts, allowsLoopback },
    requests: guardedRequests({ allowsLoopback, ...(resolve && { resolve }) }).of('/alpha'),
    clock: { now: () => now },
    random: repeatableRandom(),
    tryMillis,
    wait: async (millis) => {
      waits.push(millis);
      now += millis;
    },
  });
  return { transport, waits, hints, pass: (millis: number) => (now += millis) };
};

describePushTransportContract('Web Push', async () => {
  const fake = await startWebPushFake(keys.publicKey, Date.now);
  return {
    transport: world().transport,
    communicationType: 'webpush',
    tokenOf: fake.subscription,
    async delivered(communicationId) {
      const mine = fake.taken.filter(({ name }) => communicationId.includes(`/push/${name}`));
      return mine.map(({ text }) => (JSON.parse(text) as { readonly messageId: string }).messageId);
    },
    provider: {
      break: async () => fake.answerWith(...Array<number>(20).fill(500)),
      silence: async () => fake.answerWith(...Array<'hang'>(20).fill('hang')),
      repair: async () => fake.repair(),
      impatient: world({ tryMillis: 100 }).transport,
    },
    close: () => fake.close(),
  };
});

describe('with the fake', () => {
  let fake: WebPushFake;
  beforeEach(async () => {
    fake = await startWebPushFake(keys.publicKey, Date.now);
  });
  afterEach(() => fake.close());

  const envelopeTo = async ({ transport }: ReturnType<typeof world>, changes: Partial<PushEnvelope> = {}) => {
    const registered = await transport.register(fake.subscription('jane'), 'webpush');
    if (registered.status !== 'registered') throw new Error(registered.cause);
    return {
      communicationType: 'webpush',
      communicationId: registered.communicationId,
      messageId: 'AUTHENTICATE:1',
      jwt: 'a.b.c',
      text: 'jane is signing in to Acme',
      pushType: 'CHALLENGE',
      expiresAt: EXPIRES_AT,
      ...changes,
    } satisfies PushEnvelope;
  };

  test('seals the message for the one browser, signed by our key, and says how long it is worth (SEC-81)', async () => {
    const given = world();
    expect(await given.transport.send(await envelopeTo(given))).toEqual({ status: 'sent' });
    expect(fake.refusals).toEqual([]);
    expect(fake.taken).toEqual([
      {
        name: 'jane',
        ttl: 120,
        urgency: 'high',
        topic: expect.stringMatching(/^[\w-]{32}$/),
        vapid: { aud: fake.origin, exp: expect.any(Number), sub: 'mailto:admin@example.com' },
        bytes: expect.any(Number),
        text: expect.stringMatching(/^\{"messageId":"AUTHENTICATE:1","message":"a\.b\.c"\} *$/),
      },
    ]);
  });

  test('neither the length nor the topic of what the service sees says what is in it', async () => {
    const given = world();
    const short = await envelopeTo(given, { jwt: 'a.b.c' });
    await given.transport.send(short);
    await given.transport.send({ ...short, messageId: 'AUTHENTICATE:2', jwt: `a.${'b'.repeat(600)}.c` });
    await given.transport.send({ ...short, jwt: `a.${'b'.repeat(3_900)}.c` });
    const [first, second, third] = fake.taken;
    expect(second?.bytes).toBe(first?.bytes);
    expect(second?.topic).not.toBe(first?.topic);
    expect(third?.topic).toBe(first?.topic);
    expect(third?.bytes).toBeLessThanOrEqual(4_096);
  });

  test('a message that has run out is not kept by the service', async () => {
    const given = world();
    given.pass(600_000);
    await given.transport.send(await envelopeTo(given));
    expect(fake.taken[0]?.ttl).toBe(0);
  });

  test('an open page hears of it through the relay too', async () => {
    const given = world();
    const envelope = await envelopeTo(given);
    let woken = 0;
    const ring = { request: 'AUTHENTICATE:1', userId: 'jane', deviceUuid: 'browser' };
    given.hints.subscribe(phoneHint(ring), () => {
      woken += 1;
    });
    await given.transport.send(envelope, ring);
    expect(woken).toBe(1);
  });

  test('a subscription that was given up is a dead channel, and not tried again (REL-09)', async () => {
    const given = world();
    const envelope = await envelopeTo(given);
    fake.unsubscribe('jane');
    const gone = { status: 'failed', permanent: true, cause: 'SubscriptionGone', blame: 'address' };
    expect(await given.transport.send(envelope)).toEqual(gone);
    fake.answerWith(404);
    expect(await given.transport.send(envelope)).toEqual(gone);
    expect(given.waits).toEqual([]);
  });

  test.each([500, 503, 429])('after a %d it tries again, three times in all', async (status) => {
    const given = world();
    const envelope = await envelopeTo(given);
    fake.answerWith(status, status);
    expect(await given.transport.send(envelope)).toEqual({ status: 'sent' });
    expect(given.waits).toHaveLength(2);
    fake.answerWith(status, status, status);
    const failed = { status: 'failed', permanent: false, cause: `PushService${status}`, blame: 'provider' };
    expect(await given.transport.send(envelope)).toEqual(failed);
  });

  test.each([400, 403, 413])('a refusal (%d) is not tried again', async (status) => {
    const given = world();
    const envelope = await envelopeTo(given);
    fake.answerWith(status);
    const failed = { status: 'failed', permanent: false, cause: `PushService${status}` };
    expect(await given.transport.send(envelope)).toEqual(failed);
    expect(fake.calls()).toBe(1);
  });

  test('a redirect is not followed (SEC-69)', async () => {
    const given = world();
    fake.answerWith(307);
    expect(await given.transport.send(await envelopeTo(given))).toMatchObject({
      status: 'failed',
      cause: 'PushService307',
    });
    expect(fake.calls()).toBe(1);
  });

  test('a service that cannot be reached is a result, tried three times', async () => {
    const given = world();
    const envelope = await envelopeTo(given);
    await fake.close();
    expect(await given.transport.send(envelope)).toEqual({
      status: 'failed',
      permanent: false,
      cause: 'ECONNREFUSED',
      blame: 'provider',
    });
    expect(given.waits).toHaveLength(2);
    fake = await startWebPushFake(keys.publicKey, Date.now);
  });

  test('another server cannot ring our browsers', async () => {
    const other = await startWebPushFake(vapidKeys(newVapidSecret()).publicKey, Date.now);
    const { transport } = world();
    const registered = await transport.register(other.subscription('jane'), 'webpush');
    const communicationId = registered.status === 'registered' ? registered.communicationId : '';
    const sent = await transport.send({ ...(await envelopeTo(world())), communicationId });
    expect(sent).toMatchObject({ status: 'failed', cause: 'PushService403' });
    expect(other.refusals).toEqual(['a key that the browser did not subscribe for']);
    await other.close();
  });

  test('a name that leads into our own network is not called, though it is allowed by name (A053)', async () => {
    for (const address of NOT_PUBLIC_ADDRESSES) {
      const family = address.includes(':') ? 6 : 4;
      const resolve = async () => [
        { address: '93.184.215.14', family: 4 },
        { address, family },
      ];
      const given = world({ allowsLoopback: false, resolve, hosts: ['push.example.com'] });
      const { keys: browserKeys } = JSON.parse(fake.subscription('jane')) as { readonly keys: object };
      const subscription = JSON.stringify({ endpoint: 'https://push.example.com/x', keys: browserKeys });
      const registered = await given.transport.register(subscription, 'webpush');
      const communicationId = registered.status === 'registered' ? registered.communicationId : '';
      const sent = await given.transport.send({ ...(await envelopeTo(world())), communicationId });
      expect(sent, address).toEqual({
        status: 'failed',
        permanent: true,
        cause: 'EndpointNotAllowed',
        blame: 'address',
      });
      expect(given.waits).toEqual([]);
    }
    expect(fake.calls()).toBe(0);
  });
});

const someKeys = (() => {
  const { publicKey } = vapidKeys(newVapidSecret());
  return { p256dh: publicKey, auth: Buffer.alloc(16, 1).toString('base64url') };
})();

// security-reliability.md A053, A054
test.each<readonly [what: string, url: string]>([
  ...hostileUrls('fcm.googleapis.com'),
  ['a name that nobody allowed', 'https://push.example.com/x'],
  ['an allowed name as user', 'https://fcm.googleapis.com@evil.example/x'],
  ['an allowed name below another', 'https://fcm.googleapis.com.evil.example/x'],
  ['an allowed name with a port', 'https://fcm.googleapis.com:8443/x'],
  ['a name that only ends alike', 'https://evilpush.apple.com.example/x'],
  ['nothing', ''],
])('a phone that names %s is refused, and nothing is called', async (_what, endpoint) => {
  const resolve = () => Promise.reject(new Error('nothing may be asked'));
  const { transport } = world({ allowsLoopback: false, resolve, hosts: ['fcm.googleapis.com', '*.push.apple.com'] });
  expect(await transport.register(JSON.stringify({ endpoint, keys: someKeys }), 'webpush')).toMatchObject({
    status: 'failed',
    cause: 'EndpointNotAllowed',
  });
});

test.each([
  ['text', 'token-1'],
  ['no endpoint', JSON.stringify({ keys: someKeys })],
  ['no keys', JSON.stringify({ endpoint: 'https://fcm.googleapis.com/x' })],
  [
    'a key of another length',
    JSON.stringify({ endpoint: 'https://fcm.googleapis.com/x', keys: { ...someKeys, p256dh: 'BAAA' } }),
  ],
  [
    'a secret of another length',
    JSON.stringify({ endpoint: 'https://fcm.googleapis.com/x', keys: { ...someKeys, auth: 'AAAA' } }),
  ],
  [
    'an endless endpoint',
    JSON.stringify({ endpoint: `https://fcm.googleapis.com/${'x'.repeat(3_000)}`, keys: someKeys }),
  ],
])('a subscription that is %s is refused', async (_what, deviceId) => {
  const { transport } = world({ hosts: ['fcm.googleapis.com'] });
  expect(await transport.register(deviceId, 'webpush')).toMatchObject({ status: 'failed', cause: 'NoSubscription' });
});

test('the push services of the browsers are allowed by their names', async () => {
  const { transport } = world({ allowsLoopback: false, hosts: ['fcm.googleapis.com', '*.push.services.mozilla.com'] });
  for (const host of ['fcm.googleapis.com', 'updates.push.services.mozilla.com']) {
    const deviceId = JSON.stringify({ endpoint: `https://${host}/x`, keys: someKeys });
    expect(await transport.register(deviceId, 'webpush')).toMatchObject({ status: 'registered' });
  }
});
