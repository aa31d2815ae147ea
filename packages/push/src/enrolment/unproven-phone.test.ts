import { testRealm } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { DEFAULT_DEVICE_NAME } from '../model/devices.ts';
import { refusalSubject } from '../model/push-limits.ts';
import { PUBLIC_URL, pushWorld } from '../testing/stored/push-world.ts';
import { TestPhone, type TestPhoneOptions } from '../testing/test-phone.ts';

const own = { communicationType: 'relay', deviceType: 'web', hasKey: true } as const;
const official = { communicationType: 'gcm', deviceType: 'android' } as const;
const LIFE = 60_000;

/** A code that a phone has scanned and answered, and its journey has stored unproven, with the request that proves it. */
async function withUnproven(options: TestPhoneOptions = own, given: Parameters<typeof pushWorld>[0] = {}) {
  const world = pushWorld(given);
  const { bind, ports, unit, user, call, clock } = world;
  const begin = async (phone: TestPhone, journeyId = 'journey-1') => {
    const { uri, messageId } = await world.openCode(user, journeyId, LIFE);
    const body = phone.registration(phone.scan(uri));
    const reply = await call('register', body);
    if (reply.status !== 200) throw new Error(reply.cause);
    const step = unit({ journeyId });
    const messages = bind.messages(step);
    const status = await messages.status(messageId);
    if (status.status !== 'approved' || status.claims === undefined) throw new Error(status.status);
    const proveBy = clock.now() + LIFE;
    const { claims } = status;
    const saved = await bind.devices(step).register({ identity: user, messageId, issuer: 'Acme', claims, proveBy });
    if (saved.status !== 'stored') return { ...saved, uri, body };
    const sent = await messages.send({
      identity: user,
      devices: [saved.device],
      text: 'Connect this phone?',
      namelessText: '',
      user: user.username,
      pushType: 'CHALLENGE',
      timeoutMillis: LIFE,
      payload: {},
      waitForProvider: false,
    });
    if (sent.status !== 'sent' || sent.number === undefined) throw new Error(sent.status);
    expect(await step.commit()).toEqual({ committed: true });
    const row = ports.row(sent.messageId);
    const { device } = saved;
    return { status: 'asked', uri, body, phone, device, request: sent.messageId, number: sent.number, row, proveBy };
  };
  const asked = async (phone: TestPhone, journeyId?: string) => {
    const result = await begin(phone, journeyId);
    if (!('row' in result) || result.row === undefined) throw new Error(result.status);
    return result;
  };
  type Asked = Awaited<ReturnType<typeof asked>>;
  const answer = ({ phone, row }: Asked, how: { readonly number?: string; readonly deny?: true }) =>
    call('authenticate', phone.answer(row.id, row.envelope?.jwt ?? '', { now: clock.now(), ...how }));
  const confirm = async ({ request }: Asked, journeyId = 'journey-1', identity = user) => {
    const step = unit({ journeyId });
    const messages = bind.messages(step);
    await messages.status(request);
    const result = await bind.devices(step).confirm({ identity, messageId: request });
    if (result.status === 'stored') messages.consume(request, 'approved');
    return { status: result.status, step };
  };
  const discard = async (journeyId = 'journey-1') => {
    const step = unit({ journeyId });
    bind.devices(step).discard();
    return step.commit();
  };
  const isUnproven = ({ device }: Asked) => ports.device(device.uuid)?.pending !== undefined;
  const first = await asked(new TestPhone(options));
  return { ...world, begin, asked, answer, confirm, discard, isUnproven, first };
}

describe('a phone that has yet to prove itself (A043)', () => {
  test('is nobody’s factor: no login rings it, and its user may still skip', async () => {
    const { ports, user, first, events, isUnproven } = await withUnproven();
    expect(await ports.devices.ofUser(user.id)).toEqual([]);
    expect((await ports.identities.findById(user.id))?.attributes).toEqual({});
    expect(isUnproven(first)).toBe(true);
    expect(events()).toEqual(['REG_START', 'REG_CLAIM approved', 'PUSH_SENT']);
  });

  test('fetches the request that proves it, and nothing that is for another phone', async () => {
    const world = await withUnproven();
    const { relay, first, clock, ports } = world;
    const token = first.phone.relayToken(`${PUBLIC_URL}/json/push/relay`, clock.now());
    const { mechanismUid } = first.phone;
    const device = await relay.authenticate({ realm: '/', mechanismUid, authorization: `Bearer ${token}` });
    expect(device?.uuid).toBe(first.device.uuid);
    expect(device && (await relay.list(device))).toMatchObject([{ messageId: first.request }]);
    expect(ports.rows().filter(({ kind }) => kind === 'AUTHENTICATE')).toHaveLength(1);
  });

  test('gets the same yes when it sends its registration again, because the first yes was lost', async () => {
    const { call, first, ports, user } = await withUnproven();
    expect(await call('register', first.body)).toEqual({ status: 200 });
    expect(ports.rows().filter(({ kind }) => kind === 'REGISTER')).toHaveLength(1);
    expect(await ports.devices.countOfUser(user.id, 0)).toBe(1);
  });

  test('stays unproven when it gets a new address', async () => {
    const { call, first, clock, ports, isUnproven } = await withUnproven();
    expect(await call('refresh', first.phone.refresh(clock.now()))).toEqual({ status: 200 });
    expect(ports.device(first.device.uuid)?.deviceId).toBe(`new-${first.phone.deviceId}`);
    expect(isUnproven(first)).toBe(true);
  });
});

describe('the proof', () => {
  test('makes it a device, with flag, consumed request and audit in one commit', async () => {
    const { answer, confirm, first, ports, user, events } = await withUnproven();
    expect(await answer(first, { number: first.number })).toEqual({ status: 200 });
    const { status, step } = await confirm(first);
    expect(status).toBe('stored');
    expect(await ports.devices.ofUser(user.id)).toEqual([]);
    expect(await step.commit()).toEqual({ committed: true });
    expect(await ports.devices.ofUser(user.id)).toMatchObject([{ uuid: first.device.uuid, issuer: 'Acme' }]);
    expect((await ports.identities.findById(user.id))?.attributes).toEqual({ push2faEnabled: ['2'] });
    expect(ports.row(first.request).state).toBe('consumed');
    expect(events().slice(-3)).toEqual(['PUSH_ANSWERED approved', 'REG_PROVEN', 'DEVICE_ADD']);
  });

  test('leaves the phone as it was when the commit is lost, and can then be taken again (F14)', async () => {
    const { answer, confirm, first, ports, user, isUnproven } = await withUnproven();
    await answer(first, { number: first.number });
    const lost = await confirm(first);
    await ports.committer.commit([
      { type: 'identity.attributes', id: user.id, seenRev: 1, attributes: { mail: ['x'] } },
    ]);
    expect(await lost.step.commit()).toMatchObject({ committed: false });
    expect(isUnproven(first)).toBe(true);
    const { step } = await confirm(first);
    expect(await step.commit()).toEqual({ committed: true });
    expect(isUnproven(first)).toBe(false);
  });

  test('is taken by one of two tabs', async () => {
    const { answer, confirm, first } = await withUnproven();
    await answer(first, { number: first.number });
    const [one, two] = [await confirm(first), await confirm(first)];
    expect(await one.step.commit()).toEqual({ committed: true });
    expect(await two.step.commit()).toMatchObject({ committed: false });
  });

  test('is not there before the answer, in another journey, for another user, or when its time is over', async () => {
    const { answer, confirm, first, ports, clock } = await withUnproven();
    expect((await confirm(first)).status).toBe('invalid');
    await answer(first, { number: first.number });
    expect((await confirm(first, 'journey-2')).status).toBe('invalid');
    const john = ports.addIdentity({ id: 'user-2', username: 'john' });
    expect((await confirm(first, 'journey-1', john)).status).toBe('invalid');
    clock.advance(LIFE + 29_999);
    expect((await confirm(first)).status).toBe('stored');
    clock.advance(1);
    expect((await confirm(first)).status).toBe('invalid');
  });

  test('does not stand where the owner says no before it is taken (SEC-18)', async () => {
    const { answer, confirm, first, status } = await withUnproven();
    await answer(first, { number: first.number });
    const late = await confirm(first);
    await answer(first, { deny: true });
    expect(await late.step.commit()).toMatchObject({ committed: false });
    expect(await status(first.request)).toEqual({ status: 'denied', reason: 'denied' });
  });

  test('never leaves a device beside a skip that is written at the same time (A107)', async () => {
    const { answer, confirm, first, bind, unit, user, ports } = await withUnproven();
    await answer(first, { number: first.number });
    const { step } = await confirm(first);
    const optingOut = unit({ journeyId: 'journey-2' });
    await bind.identities(optingOut).update(user.username, 'push2faEnabled', () => ['1']);
    expect(await step.commit()).toEqual({ committed: true });
    expect(await optingOut.commit()).toMatchObject({ committed: false });
    expect((await ports.identities.findById(user.id))?.attributes.push2faEnabled).toEqual(['2']);
  });

  test('replaces the same credential of the user, and not before it is given (SEC-12)', async () => {
    const { answer, confirm, asked, first, ports, user, stageCode } = await withUnproven();
    await answer(first, { number: first.number });
    const { step } = await confirm(first);
    stageCode(step);
    await step.commit();
    const second = await asked(first.phone, 'journey-2');
    expect((await ports.devices.ofUser(user.id)).map(({ uuid }) => uuid)).toEqual([first.device.uuid]);
    await answer(second, { number: second.number });
    expect(await (await confirm(second, 'journey-2')).step.commit()).toEqual({ committed: true });
    expect((await ports.devices.ofUser(user.id)).map(({ uuid }) => uuid)).toEqual([second.device.uuid]);
    expect(ports.codes()).toHaveLength(1);
  });
});

describe('an unproven phone that is left', () => {
  test('is gone with its request, and no answer of it counts', async () => {
    const { answer, discard, first, ports, relay, clock } = await withUnproven();
    await answer(first, { number: first.number });
    expect(await discard('journey-2')).toEqual({ committed: true });
    expect(ports.device(first.device.uuid)).toBeDefined();
    expect(await discard()).toEqual({ committed: true });
    expect(ports.device(first.device.uuid)).toBeUndefined();
    expect((await answer(first, { number: first.number })).status).toBe(400);
    const token = first.phone.relayToken(`${PUBLIC_URL}/json/push/relay`, clock.now());
    const { mechanismUid } = first.phone;
    expect(await relay.authenticate({ realm: '/', mechanismUid, authorization: `Bearer ${token}` })).toBeUndefined();
  });

  test('takes a place of the user’s until its time is over, and then no more (SEC-12)', async () => {
    const { begin, clock } = await withUnproven(own, { realms: [testRealm({ maxDevices: 1 })] });
    expect(await begin(new TestPhone(own), 'journey-2')).toMatchObject({ status: 'limit' });
    clock.advance(LIFE + 30_000);
    expect(await begin(new TestPhone(own), 'journey-3')).toMatchObject({ status: 'asked' });
  });

  test('cannot be proven any more once a second registration has asked for its own proof (SEC-24)', async () => {
    const { asked, answer, confirm, first, ports, user, status } = await withUnproven();
    const second = await asked(new TestPhone(own), 'journey-2');
    expect((await answer(first, { number: first.number })).status).toBe(400);
    expect(await status(first.request)).toEqual({ status: 'pending' });
    await answer(second, { number: second.number });
    await (await confirm(second, 'journey-2')).step.commit();
    expect((await ports.devices.ofUser(user.id)).map(({ uuid }) => uuid)).toEqual([second.device.uuid]);
  });
});

describe('a photographed code', () => {
  test('lets a stranger’s phone in first, but it does not know the number, and dies (A058)', async () => {
    const { call, first: stranger, answer, status, discard, ports, user, events } = await withUnproven();
    const owner = new TestPhone(own);
    expect((await call('register', owner.registration(owner.scan(stranger.uri)))).status).toBe(400);
    expect(events()).toContain('REG_REPLAY consumed');
    expect((await answer(stranger, {})).status).toBe(200);
    expect(await status(stranger.request)).toEqual({ status: 'denied', reason: 'number' });
    expect((await answer(stranger, { number: stranger.number })).status).toBe(400);
    await discard();
    expect(await ports.devices.ofUser(user.id)).toEqual([]);
    expect(ports.device(stranger.device.uuid)).toBeUndefined();
  });

  test.each([
    ['our phone', own, 'x_len'],
    ['an official app', official, 'n'],
  ] as const)('tells a stranger with %s not which number it is (SEC-22, A054)', async (_what, options, member) => {
    const { first } = await withUnproven({ ...options, deviceId: 'address-of-a-stranger' });
    const claims = JSON.parse(Buffer.from(first.row.envelope?.jwt.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toHaveProperty(member);
    if (member === 'n') expect(claims.n.split(',')).toHaveLength(3);
    else expect(JSON.stringify(claims)).not.toContain(first.number);
    expect(first.device).toMatchObject({ deviceId: 'address-of-a-stranger', deviceName: DEFAULT_DEVICE_NAME });
  });

  test('does not let a stranger guess on: the second wrong number ends all requests for an hour (SEC-26)', async () => {
    const { asked, answer, discard, first, ports, user, sent } = await withUnproven(official);
    await answer(first, { number: '7' });
    await discard();
    const second = await asked(new TestPhone(official), 'journey-2');
    await answer(second, { number: '7' });
    await discard('journey-2');
    expect(ports.throttle(refusalSubject(user.id))?.lockedUntil).toBeGreaterThan(0);
    const told = sent.length;
    const third = await asked(new TestPhone(official), 'journey-3');
    expect(third.row).toMatchObject({ state: 'closed', reason: 'suppressed' });
    expect(sent).toHaveLength(told);
    expect(third.row.envelope).toBeUndefined();
  });
});
