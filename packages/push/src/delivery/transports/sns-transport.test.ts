import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushEnvelope } from '../../model/messages.ts';
import { type SnsFake, startSnsFake } from '../../testing/providers/sns-fake.ts';
import { describePushTransportContract } from '../../testing/push-transport-contract.ts';
import { repeatableRandom } from '../../testing/simulated.ts';
import type { RealmAlarm } from './realm-alarm.ts';
import { SNS_CLIENT, SNS_CLIENT_MISSING, snsTransport } from './sns-transport.ts';

const settings = {
  accessKey: 'AKIAEXAMPLE',
  secret: 'example-secret',
  appleEndpoint: 'arn:aws:sns:eu-west-1:123456789012:app/APNS/phone',
  googleEndpoint: 'arn:aws:sns:eu-west-1:123456789012:app/GCM/phone',
  region: 'eu-west-1',
};

/** A clock that only waiting moves. */
const transportTo = (endpoint: string, tryMillis = 5_000) => {
  let now = 0;
  const waits: number[] = [];
  const alarms: Parameters<RealmAlarm>[0][] = [];
  const transport = snsTransport({
    settings,
    endpoint,
    alarm: (fault) => alarms.push(fault),
    clock: { now: () => now },
    random: repeatableRandom(),
    tryMillis,
    wait: async (millis) => {
      waits.push(millis);
      now += millis;
    },
  });
  return { transport, waits, alarms, pass: (millis: number) => (now += millis) };
};

describePushTransportContract('Amazon SNS', async () => {
  const fake = await startSnsFake();
  return {
    transport: transportTo(fake.endpoint).transport,
    communicationType: 'gcm',
    async delivered(communicationId) {
      const data = fake.published
        .filter(({ targetArn }) => targetArn === communicationId)
        .map(({ payload }) => (payload.GCM as { data: { messageId: string } }).data);
      return data.map(({ messageId }) => messageId);
    },
    provider: {
      async break() {
        for (const action of ['Publish', 'CreatePlatformEndpoint'] as const) {
          fake.fail({ action, code: 'InternalError', httpStatus: 500 });
        }
      },
      silence: async () => fake.fail({ action: 'Publish', code: 'hang' }),
      repair: async () => fake.repair(),
      impatient: transportTo(fake.endpoint, 100).transport,
    },
    close: () => fake.close(),
  };
});

describe('with the fake', () => {
  let fake: SnsFake;
  let sns: ReturnType<typeof transportTo>;
  beforeEach(async () => {
    fake = await startSnsFake();
    sns = transportTo(fake.endpoint);
  });
  afterEach(() => fake.close());

  const registered = async (type: 'gcm' | 'apns' = 'gcm') => {
    const result = await sns.transport.register('token-1', type);
    if (result.status !== 'registered') throw new Error(result.cause);
    return result.communicationId;
  };
  const envelope = (communicationId: string): PushEnvelope => ({
    communicationType: 'gcm',
    communicationId,
    messageId: 'AUTHENTICATE:1',
    jwt: 'a.b.c',
    text: 'Is this you?',
    pushType: 'CHALLENGE',
    expiresAt: 0,
  });

  test('publishes text in JSON in text, for Google and Apple, without a subject (push-protocol §3.2)', async () => {
    const arn = await registered();
    await sns.transport.send(envelope(arn));
    expect(fake.published).toEqual([
      {
        targetArn: arn,
        token: 'token-1',
        texts: expect.objectContaining({
          GCM: '{"priority":"high","data":{"message":"a.b.c","messageId":"AUTHENTICATE:1"}}',
        }),
        payload: {
          GCM: { priority: 'high', data: { message: 'a.b.c', messageId: 'AUTHENTICATE:1' } },
          APNS: expect.objectContaining({ aps: expect.objectContaining({ category: 'authentication_challenge' }) }),
          APNS_SANDBOX: expect.objectContaining({ aps: expect.objectContaining({ data: 'a.b.c' }) }),
        },
      },
    ]);
  });

  test('registers an iPhone with the Apple application, all others with the Google one', async () => {
    expect(await registered('apns')).toMatch(/^arn:aws:sns:eu-west-1:123456789012:endpoint\/APNS\/phone\//);
    expect(await registered('gcm')).toMatch(/^arn:aws:sns:eu-west-1:123456789012:endpoint\/GCM\/phone\//);
  });

  test('repairs an endpoint that exists with other attributes (push-protocol §3.5)', async () => {
    const arn = await registered();
    for (const endpoint of fake.endpoints) endpoint.enabled = false;
    expect(await sns.transport.send(envelope(arn))).toMatchObject({
      cause: expect.stringContaining('EndpointDisabled'),
    });
    expect(await registered()).toBe(arn);
    expect(fake.calls.slice(-3)).toEqual(['CreatePlatformEndpoint', 'CreatePlatformEndpoint', 'SetEndpointAttributes']);
    expect(fake.endpoints).toMatchObject([{ enabled: true, token: 'token-1' }]);
    expect(await sns.transport.send(envelope(arn))).toEqual({ status: 'sent' });
  });

  test.each([
    ['a disabled endpoint', 'EndpointDisabled', 400],
    ['a deleted endpoint', 'NotFound', 404],
  ])('%s is a dead channel, and not tried again (REL-09)', async (_what, code, httpStatus) => {
    const arn = await registered();
    fake.fail({ action: 'Publish', code, httpStatus });
    expect(await sns.transport.send(envelope(arn))).toMatchObject({ status: 'failed', permanent: true });
    expect(fake.calls.filter((action) => action === 'Publish')).toHaveLength(1);
  });

  test('a refusal is not tried again', async () => {
    const arn = await registered();
    fake.fail({ action: 'Publish', code: 'AuthorizationError', httpStatus: 403 });
    expect(await sns.transport.send(envelope(arn))).toMatchObject({
      status: 'failed',
      permanent: false,
      blame: 'credentials',
    });
    expect(fake.calls.filter((action) => action === 'Publish')).toHaveLength(1);
    expect(sns.waits).toEqual([]);
    expect(sns.alarms).toEqual([{ setting: 'accessKey', cause: expect.stringContaining('AuthorizationError') }]);
  });

  test.each([
    ['a fault of the server', 'InternalError', 500],
    ['too many requests', 'Throttled', 429],
  ])('%s is tried three times with growing pauses, and may pass (REL-07)', async (_what, code, httpStatus) => {
    const arn = await registered();
    fake.fail({ action: 'Publish', code, httpStatus, times: 2 });
    expect(await sns.transport.send(envelope(arn))).toEqual({ status: 'sent' });
    fake.fail({ action: 'Publish', code, httpStatus });
    expect(await sns.transport.send(envelope(arn))).toMatchObject({ status: 'failed', permanent: false });
    expect(fake.calls.filter((action) => action === 'Publish')).toHaveLength(6);
    const [first = 0, second = 0] = sns.waits;
    expect(second).toBeGreaterThan(first - 200);
    expect(fake.published).toHaveLength(1);
  });

  test('no further try begins when the ten seconds are over', async () => {
    const arn = await registered();
    fake.fail({ action: 'Publish', code: 'InternalError', httpStatus: 500 });
    let now = 0;
    const slow = snsTransport({
      settings,
      endpoint: fake.endpoint,
      alarm: () => undefined,
      clock: {
        // Every look at the clock costs six seconds.
        now() {
          now += 6_000;
          return now;
        },
      },
      random: repeatableRandom(),
      wait: async () => undefined,
    });
    expect(await slow.send(envelope(arn))).toMatchObject({ status: 'failed' });
    expect(fake.calls.filter((action) => action === 'Publish')).toHaveLength(1);
  });

  test('no answer is given up in time, and tried again', async () => {
    const arn = await registered();
    fake.fail({ action: 'Publish', code: 'hang', times: 1 });
    const impatient = snsTransport({
      settings,
      endpoint: fake.endpoint,
      alarm: () => undefined,
      clock: { now: () => 0 },
      random: repeatableRandom(),
      wait: async () => undefined,
      tryMillis: 200,
    });
    expect(await impatient.send(envelope(arn))).toEqual({ status: 'sent' });
    expect(fake.calls.filter((action) => action === 'Publish')).toHaveLength(2);
  });

  test('nobody at the address is a failure like any other', async () => {
    const arn = await registered();
    await fake.close();
    expect(await sns.transport.send(envelope(arn))).toEqual({
      status: 'failed',
      permanent: false,
      cause: 'ECONNREFUSED',
      blame: 'provider',
    });
    expect(sns.waits).toHaveLength(2);
  });
});

describe('the fake', () => {
  test('refuses what is not signed, and shows what it has captured', async () => {
    const fake = await startSnsFake();
    const unsigned = await fetch(fake.endpoint, { method: 'POST', body: 'Action=Publish' });
    expect(unsigned.status).toBe(403);
    await transportTo(fake.endpoint).transport.register('token-1', 'gcm');
    const captured = await (await fetch(`${fake.endpoint}/captured`)).json();
    expect(captured).toMatchObject({ endpoints: [{ token: 'token-1', enabled: true }], published: [] });
    await fake.close();
  });

  test.each([
    ['a wrong application', { googleEndpoint: 'arn:aws:sns:eu-west-1:1:app/GCM/phone' }],
    ['no application', { googleEndpoint: 'nonsense' }],
  ])('refuses %s', async (_what, wrong) => {
    const fake = await startSnsFake();
    const transport = snsTransport({
      settings: { ...settings, ...wrong },
      endpoint: fake.endpoint,
      alarm: () => undefined,
      clock: { now: () => 0 },
      random: repeatableRandom(),
    });
    expect(await transport.register('token-1', 'gcm')).toMatchObject({ status: 'failed', permanent: false });
    await fake.close();
  });

  test('says which package is missing where the client of Amazon is not installed (OPS-67)', async () => {
    const alarms: Parameters<RealmAlarm>[0][] = [];
    const transport = snsTransport({
      settings,
      alarm: (fault) => alarms.push(fault),
      clock: { now: () => 0 },
      random: repeatableRandom(),
      loadClient: () => Promise.reject(Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' })),
    });
    const failed = { status: 'failed', permanent: false, cause: SNS_CLIENT_MISSING, blame: 'credentials' };
    expect(await transport.register('token-1', 'gcm')).toEqual(failed);
    expect(await transport.check?.()).toEqual({ status: 'wrong', cause: SNS_CLIENT_MISSING });
    expect(alarms).toEqual([{ cause: SNS_CLIENT_MISSING }]);
    const { peerDependencies } = JSON.parse(
      readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
    ) as { readonly peerDependencies: Readonly<Record<string, string>> };
    expect(Object.entries(peerDependencies).map((it) => it.join('@'))).toContain(SNS_CLIENT);
  });

  test('can be set to fail over HTTP, for tests in another process', async () => {
    const fake = await startSnsFake();
    const script = { action: 'CreatePlatformEndpoint', code: 'AuthorizationError', httpStatus: 403 };
    await fetch(`${fake.endpoint}/script`, { method: 'POST', body: JSON.stringify(script) });
    const { transport } = transportTo(fake.endpoint);
    expect(await transport.register('token-1', 'gcm')).toMatchObject({ status: 'failed' });
    await fetch(`${fake.endpoint}/repair`, { method: 'POST' });
    expect(await transport.register('token-1', 'gcm')).toMatchObject({ status: 'registered' });
    await fake.close();
  });
});
