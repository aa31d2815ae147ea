import { describe, expect, test } from 'vitest';
import { pushWorld } from '../testing/stored/push-world.ts';

const official = { communicationType: 'gcm', deviceType: 'android' } as const;
const own = { communicationType: 'relay', deviceType: 'cli', hasKey: true } as const;

async function registered(options: typeof official | typeof own) {
  const world = pushWorld();
  const phone = await world.registeredPhone(options);
  const device = async () => {
    const [found] = await world.ports.devices.ofUser(world.user.id);
    if (found === undefined) throw new Error('no device');
    return found;
  };
  const post = (claims?: object, body?: object) =>
    world.call('refresh', phone.refresh(world.clock.now(), claims, body));
  return { ...world, phone, device, post };
}

describe.each([
  ['an official app', official],
  ['our own phone', own],
])('a refresh of %s', (_name, options) => {
  test('changes the delivery token and nothing else (A064, A068)', async () => {
    const { post, device, phone, events } = await registered(options);
    const before = await device();
    const others = { sharedSecret: 'x', username: 'mallory', uuid: 'x' };
    expect(await post({ ...others, deviceName: 'New\u202e name' })).toEqual({ status: 200 });
    const { refreshHashes, ...after } = await device();
    expect(refreshHashes).toHaveLength(1);
    expect(after).toEqual({
      ...before,
      refreshHashes: undefined,
      deviceId: `new-${phone.deviceId}`,
      communicationId: expect.stringContaining(`new-${phone.deviceId}`),
      deviceName: 'New name',
      rev: before.rev + 1,
    });
    expect(events().at(-1)).toBe('DEVICE_REFRESH');
  });

  test.each([
    ['of another mechanism', { mechanismUid: 'another' }],
    ['of another kind of device', { deviceType: 'ios' }],
    ['over another channel', { communicationType: options === official ? 'relay' : 'gcm' }],
    ['that is an answer (A067)', { response: 'x' }],
    ['that is a denial', { deny: true }],
    ['without a token', { deviceId: '' }],
  ])('is refused when it is one %s', async (_what, claims) => {
    const { post, device } = await registered(options);
    const before = await device();
    expect(await post(claims)).toMatchObject({ status: 400 });
    expect(await device()).toEqual(before);
  });

  test('repeated at once changes nothing; an old one after a newer is refused (A066, SEC-35)', async () => {
    const { phone, clock, call, device } = await registered(options);
    const first = phone.refresh(clock.now(), { deviceId: 'first' });
    const second = phone.refresh(clock.now(), { deviceId: 'second' });
    expect(await call('refresh', first)).toEqual({ status: 200 });
    const after = await device();
    expect(await call('refresh', first)).toEqual({ status: 200 });
    expect(await device()).toEqual(after);
    await call('refresh', second);
    expect(await call('refresh', first)).toMatchObject({ status: 400 });
    expect(await device()).toMatchObject({ deviceId: 'second' });
  });

  test('finds the device by its mechanism, whatever member names the user or none does', async () => {
    for (const body of [{}, { username: 'jane' }, { userId: 'JANE' }, { userId: 'user-1' }, { username: null }]) {
      expect(await (await registered(options)).post({}, body)).toEqual({ status: 200 });
    }
    const { post } = await registered(options);
    expect(await post({}, { username: 'john' })).toMatchObject({ status: 400 });
  });

  test('decides again when the device has changed meanwhile', async () => {
    const { post, ports, device } = await registered(options);
    ports.beforeCommit = async () => {
      ports.beforeCommit = undefined;
      await ports.committer.commit([{ type: 'device.update', row: { ...(await device()), deviceName: 'Renamed' } }]);
    };
    expect(await post()).toEqual({ status: 200 });
    expect(await device()).toMatchObject({ deviceName: 'Renamed', rev: 2 });
  });
});

test('an unknown mechanism, and the key of another device, are one and the same 400 (A065)', async () => {
  const { phone, registeredPhone, clock, call, ports } = await registered(official);
  const other = await registeredPhone(official, ports.addIdentity({ id: 'user-2', username: 'john' }));
  const unknown = await call('refresh', phone.refresh(clock.now(), {}, { mechanismUid: 'unknown' }));
  const foreign = await call('refresh', other.refresh(clock.now(), {}, { mechanismUid: phone.mechanismUid }));
  expect(unknown).toMatchObject({ status: 400 });
  expect(foreign).toEqual(unknown);
});

test('our own phone may ring from now on, and no more, by its own key (docs/adr/0010)', async () => {
  const { post, device } = await registered(own);
  expect(await post({ communicationType: 'webpush', deviceId: 'subscription' })).toEqual({ status: 200 });
  expect(await device()).toMatchObject({ communicationType: 'webpush', deviceId: 'subscription' });
  expect(await post({ communicationType: 'relay', deviceId: 'quiet' })).toEqual({ status: 200 });
  expect(await device()).toMatchObject({ communicationType: 'relay', communicationId: 'relay:quiet' });
});

test('a phone without a key of its own stays what it is', async () => {
  const { post, device } = await registered(official);
  for (const communicationType of ['relay', 'webpush']) {
    expect(await post({ communicationType })).toMatchObject({ status: 400 });
  }
  expect(await device()).toMatchObject({ communicationType: 'gcm' });
});

test.each([
  ['iat', { iat: undefined }],
  ['jti', { jti: undefined }],
])('a phone with a key of its own must say %s (SEC-33)', async (_what, claims) => {
  const { post } = await registered(own);
  expect(await post(claims)).toMatchObject({ status: 400 });
});

test('is refused by a provider without a change', async () => {
  const { post, provider, device } = await registered(official);
  provider.failure = { permanent: false, cause: 'Throttled' };
  const before = await device();
  expect(await post()).toMatchObject({ status: 400 });
  expect(await device()).toEqual(before);
});
