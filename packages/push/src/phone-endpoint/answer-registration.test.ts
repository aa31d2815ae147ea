import { testRealm } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { newEcKeyPair } from '../jose/index.ts';
import { pushWorld } from '../testing/stored/push-world.ts';
import { TestPhone } from '../testing/test-phone.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;
const own = { communicationType: 'relay', deviceType: 'web', hasKey: true, deviceName: 'Pocket' } as const;

async function shown(options: ConstructorParameters<typeof TestPhone>[0] = own) {
  const world = pushWorld();
  const phone = new TestPhone(options);
  const code = await world.openCode();
  const scanned = phone.scan(code.uri);
  const post = (claims: object = {}) => world.call('register', phone.registration(scanned, claims));
  return { ...world, phone, code, scanned, post };
}

describe.each([
  ['an official app', official],
  ['our own phone', own],
])('the registration of %s', (_name, options) => {
  test('is accepted, and its claims wait for the journey (A043)', async () => {
    const { post, status, code, phone, events } = await shown(options);
    expect(await post()).toEqual({ status: 200 });
    expect(await status(code.messageId)).toMatchObject({
      status: 'approved',
      claims: {
        mechanismUid: phone.mechanismUid,
        deviceId: phone.deviceId,
        communicationType: options.communicationType,
        communicationId: expect.stringContaining(phone.deviceId),
        ...(phone.publicJwk && { xKey: phone.publicJwk }),
      },
    });
    expect(events().at(-1)).toBe('REG_CLAIM approved');
  });

  test('works once: a second phone is refused and audited, the first untouched (A044, SEC-02)', async () => {
    const { post, call, scanned, status, code, phone, events } = await shown(options);
    await post();
    const second = new TestPhone(options);
    expect(await call('register', second.registration(scanned))).toMatchObject({ status: 400 });
    expect(events().at(-1)).toBe('REG_REPLAY approved');
    const told = events().length;
    expect(await call('register', second.registration(scanned))).toMatchObject({ status: 400 });
    expect(events()).toHaveLength(told);
    expect(await status(code.messageId)).toMatchObject({ claims: { mechanismUid: phone.mechanismUid } });
  });

  test('may be repeated byte for byte for a minute, not with other claims (A045, A046)', async () => {
    const { phone, scanned, call, clock, ports, code } = await shown(options);
    const body = phone.registration(scanned);
    await call('register', body);
    const row = ports.row(code.messageId);
    clock.advance(59_000);
    expect(await call('register', body)).toEqual({ status: 200 });
    expect(await call('register', phone.registration(scanned, { deviceId: 'another' }))).toMatchObject({ status: 400 });
    expect(ports.row(code.messageId)).toEqual(row);
  });

  test('is refused when the time is up or the journey has moved on (A047, SEC-07)', async () => {
    const late = await shown(options);
    late.clock.advance(60_000);
    const commits = late.ports.writes.length;
    expect(await late.post()).toMatchObject({ status: 400 });
    expect(late.ports.writes).toHaveLength(commits);
    expect(await late.status(late.code.messageId)).toEqual({ status: 'expired' });

    const left = await shown(options);
    const step = left.unit();
    left.bind.messages(step).close(left.code.messageId, 'exit');
    await step.commit();
    expect(await left.post()).toMatchObject({ status: 400 });
  });

  test('can be a signed no', async () => {
    const { post, status, code } = await shown(options);
    expect(await post({ deny: true })).toEqual({ status: 200 });
    expect(await status(code.messageId)).toEqual({ status: 'denied', reason: 'denied' });
    expect(await post()).toMatchObject({ status: 400 });
  });

  test('of fifty phones on one code, one is registered (A106)', async () => {
    const { scanned, call, status, code } = await shown(options);
    const phones = Array.from({ length: 50 }, () => new TestPhone(options));
    const replies = await Promise.all(phones.map((it) => call('register', it.registration(scanned))));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    const winner = phones[replies.findIndex((reply) => reply.status === 200)];
    expect(await status(code.messageId)).toMatchObject({ claims: { mechanismUid: winner?.mechanismUid } });
  });
});

test.each([
  ['no mechanism', { mechanismUid: undefined }],
  ['no device id', { deviceId: null }],
  ['an empty device id', { deviceId: '' }],
  ['an unknown type', { communicationType: 'pigeon' }],
  ['a device type that is a list', { deviceType: ['web'] }],
  ['deny: false', { deny: false }],
  ['a number', { challengeResponse: '57' }],
])('with %s it is refused, and the code stays good for a better phone (A050)', async (_what, claims) => {
  const { post, ports, code } = await shown();
  for (let n = 0; n < 6; n += 1) expect(await post(claims)).toMatchObject({ status: 400 });
  expect(ports.row(code.messageId)).toMatchObject({ state: 'pending', attempts: 0 });
  expect(await post()).toEqual({ status: 200 });
});

test('five wrong signatures or answers close the code (A048, A049)', async () => {
  const { post, ports, code, openCode, call } = await shown();
  const other = await openCode(undefined, 'journey-2');
  const foreign = new TestPhone(own).registration(new TestPhone(own).scan(other.uri));
  for (let n = 0; n < 2; n += 1)
    expect(await call('register', { ...foreign, messageId: code.messageId })).toMatchObject({ status: 400 });
  for (let n = 0; n < 3; n += 1) {
    expect(await post({ response: Buffer.alloc(32).toString('base64') })).toMatchObject({ status: 400 });
  }
  expect(ports.row(code.messageId)).toMatchObject({ state: 'closed', reason: 'attempts' });
  expect(await post()).toMatchObject({ status: 400 });
});

test.each([
  ['another curve', () => ({ ...newEcKeyPair('P-384').publicKey.export({ format: 'jwk' }) })],
  ['a point off the curve', () => ({ kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) })],
  ['a private key', () => ({ ...newEcKeyPair().privateKey.export({ format: 'jwk' }) })],
  ['text', () => 'key'],
])('an x_key that is %s is refused (A059)', async (_what, make) => {
  const { post, ports, code } = await shown();
  expect(await post({ x_key: make() })).toMatchObject({ status: 400 });
  expect(ports.row(code.messageId).state).toBe('pending');
});

test('a provider that refuses the token leaves the code scannable', async () => {
  const { post, provider, status, code } = await shown(official);
  provider.failure = { permanent: false, cause: 'InvalidParameter' };
  expect(await post()).toEqual({ status: 400, cause: 'the provider refused the phone: InvalidParameter' });
  expect(await status(code.messageId)).toEqual({ status: 'pending' });
  provider.failure = undefined;
  expect(await post()).toEqual({ status: 200 });
});

test('the provider is asked for nobody without a right answer', async () => {
  const { post, provider } = await shown(official);
  let asked = 0;
  const { register } = provider;
  provider.register = (...given) => {
    asked += 1;
    return register(...given);
  };
  await post({ response: Buffer.alloc(32).toString('base64') });
  expect(asked).toBe(0);
  await post();
  expect(asked).toBe(1);
});

test('an official app in a realm without its provider is refused, and the log names the setting', async () => {
  const { openCode, call, dependencies } = pushWorld();
  const phone = new TestPhone({ communicationType: 'apns', deviceType: 'ios' });
  const scanned = phone.scan((await openCode()).uri);
  Object.assign(dependencies.transports, {
    served: () => ['relay'],
    find: () => undefined,
    missing: () => 'The pushNotification service lacks appleEndpoint.',
  });
  expect(await call('register', phone.registration(scanned))).toEqual({
    status: 400,
    cause: 'The pushNotification service lacks appleEndpoint.',
  });
});

test('a code of one realm is nothing in another (SEC-03)', async () => {
  const { openCode, call } = pushWorld({ realms: [testRealm(), testRealm({ realm: '/beta' })] });
  const phone = new TestPhone(own);
  const body = phone.registration(phone.scan((await openCode()).uri));
  expect(await call('register', body, '/beta')).toMatchObject({ status: 400 });
  expect(await call('register', body)).toEqual({ status: 200 });
});
