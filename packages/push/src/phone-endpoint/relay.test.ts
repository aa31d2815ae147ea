import { testRealm } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import { phoneHint } from '../delivery/hints.ts';
import { signHs256 } from '../jose/index.ts';
import { PUBLIC_URL, pushWorld } from '../testing/stored/push-world.ts';
import type { RelayListener } from './relay.ts';

const own = { communicationType: 'relay', deviceType: 'web', hasKey: true } as const;
const AUDIENCE = `${PUBLIC_URL}/json/push/relay`;

async function withPhone(options: { communicationType: 'relay'; deviceType: 'web'; hasKey: boolean } = own) {
  const world = pushWorld({ realms: [testRealm(), testRealm({ realm: '/beta' })] });
  const phone = await world.registeredPhone(options);
  const [device] = await world.ports.devices.ofUser(world.user.id);
  if (device === undefined) throw new Error('no device');
  const authenticate = (token: string, mechanismUid: string | undefined = phone.mechanismUid, realm = '/') =>
    world.relay.authenticate({ realm, mechanismUid, authorization: `Bearer ${token}` });
  return { ...world, phone, device, authenticate };
}

describe('a bearer token', () => {
  test.each([true, false])('proves its device, with a key of its own: %s', async (hasKey) => {
    const { authenticate, phone, clock, device } = await withPhone({ ...own, hasKey });
    expect(await authenticate(phone.relayToken(AUDIENCE, clock.now()))).toEqual(device);
  });

  test.each([
    ['of six minutes ago', { iat: 1_760_000_300 - 301 }],
    ['of the future', { iat: 1_760_000_300 + 301 }],
    ['without iat', { iat: undefined }],
    ['without jti', { jti: undefined }],
    ['for another audience', { aud: `${PUBLIC_URL}/json/beta/push/relay` }],
    ['without audience', { aud: undefined }],
    ['of another mechanism', { mechanismUid: 'another' }],
  ])('%s proves nothing', async (_what, claims) => {
    const { authenticate, phone, clock } = await withPhone();
    expect(await authenticate(phone.relayToken(AUDIENCE, clock.now(), claims))).toBeUndefined();
  });

  test('by the shared secret proves nothing once the phone has a key of its own (SEC-10)', async () => {
    const { authenticate, phone, clock } = await withPhone();
    const claims = { iat: clock.now() / 1000, jti: 'x', mechanismUid: phone.mechanismUid, aud: AUDIENCE };
    expect(await authenticate(signHs256(claims, phone.secret))).toBeUndefined();
  });

  test('proves nothing for another mechanism, in another realm, or in another scheme', async () => {
    const { authenticate, relay, phone, clock, registeredPhone } = await withPhone();
    const other = await registeredPhone(own);
    const token = phone.relayToken(AUDIENCE, clock.now());
    expect(await authenticate(token, other.mechanismUid)).toBeUndefined();
    expect(await authenticate(token, 'unknown')).toBeUndefined();
    expect(await authenticate(token, phone.mechanismUid, '/beta')).toBeUndefined();
    for (const authorization of [undefined, '', token, `Basic ${token}`, `Bearer ${token} x`]) {
      expect(await relay.authenticate({ realm: '/', mechanismUid: phone.mechanismUid, authorization })).toBeUndefined();
    }
  });

  test('says itself whose it is where the address does not, and then has to prove that', async () => {
    const { relay, phone, clock, device } = await withPhone();
    const without = (token: string) =>
      relay.authenticate({ realm: '/', mechanismUid: undefined, authorization: `Bearer ${token}` });
    expect(await without(phone.relayToken(AUDIENCE, clock.now()))).toEqual(device);
    expect(await without(phone.relayToken(AUDIENCE, clock.now(), { mechanismUid: 'another' }))).toBeUndefined();
    expect(await without(phone.relayToken(AUDIENCE, clock.now(), { mechanismUid: undefined }))).toBeUndefined();
    expect(await without('no.token.at-all')).toBeUndefined();
  });

  test('of a deleted device proves nothing', async () => {
    const { authenticate, phone, clock, device, ports } = await withPhone();
    await ports.committer.commit([{ type: 'device.delete', uuid: device.uuid }]);
    expect(await authenticate(phone.relayToken(AUDIENCE, clock.now()))).toBeUndefined();
  });
});

test('the list has what waits for an answer, and only for this device', async () => {
  const { relay, device, sendTo, registeredPhone, ports, phone, call, clock } = await withPhone();
  await registeredPhone(own, ports.addIdentity({ id: 'user-2', username: 'john' }));
  const [theirs] = await ports.devices.ofUser('user-2');
  expect(await relay.list(device)).toEqual([]);
  const { id, jwt } = (await sendTo()).rowFor(phone);
  expect(await relay.list(device)).toEqual([{ messageId: id, message: jwt }]);
  expect(theirs && (await relay.list(theirs))).toEqual([]);
  await call('authenticate', phone.answer(id, jwt, { now: clock.now() }));
  expect(await relay.list(device)).toEqual([]);
  await sendTo({ journeyId: 'journey-2' });
  clock.advance(120_000);
  expect(await relay.list(device)).toEqual([]);
});

test('a phone marks its own messages as shown, and no other', async () => {
  const { relay, device, sendTo, ports } = await withPhone();
  const { messageId } = await sendTo();
  expect(await relay.shown(device, { messageId })).toBe(true);
  expect(ports.row(messageId).delivery).toBe('shown');
  expect(await relay.shown({ ...device, uuid: 'another' }, { messageId })).toBe(false);
  for (const body of [undefined, {}, { messageId: 1 }, { messageId: 'unknown' }]) {
    expect(await relay.shown(device, body)).toBe(false);
  }
});

describe('a stream', () => {
  const streaming = async () => {
    const world = await withPhone();
    const told: string[] = [];
    const listener: RelayListener = {
      onPush: ({ messageId }) => told.push(`push ${messageId}`),
      onWithdrawn: (messageId) => told.push(`withdrawn ${messageId}`),
      onError: (cause) => told.push(`error ${String(cause)}`),
    };
    const open = () => world.relay.subscribe(world.device, listener);
    /** Hints are microtasks, and reading the tables takes a few more. */
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    return { ...world, told, open, settle };
  };

  test('begins with what waits, tells what comes, and what is withdrawn by the next one', async () => {
    const { open, settle, sendTo, told } = await streaming();
    const first = await sendTo();
    open();
    await settle();
    const second = await sendTo({ journeyId: 'journey-2' });
    await settle();
    expect(told).toEqual([`push ${first.messageId}`, `withdrawn ${first.messageId}`, `push ${second.messageId}`]);
  });

  test('tells what was committed a moment ago without reading it again, and reads where something may have gone', async () => {
    const { open, settle, sendTo, told, ports } = await streaming();
    open();
    await settle();
    const { pendingFor } = ports.messages;
    let looks = 0;
    ports.messages.pendingFor = (...given) => {
      looks += 1;
      return pendingFor(...given);
    };
    const first = await sendTo();
    await settle();
    expect([told, looks]).toEqual([[`push ${first.messageId}`], 0]);
    const second = await sendTo({ journeyId: 'journey-2' });
    await settle();
    expect(told.slice(1)).toEqual([`withdrawn ${first.messageId}`, `push ${second.messageId}`]);
    expect(looks).toBeGreaterThan(0);
  });

  test('withdraws what was answered a moment ago without reading it again, unless it is reading already', async () => {
    const { open, settle, sendTo, told, ports, call, clock, registeredPhone } = await streaming();
    const phone = await registeredPhone({ communicationType: 'gcm', deviceType: 'android' });
    const stream = open();
    await settle();
    const { pendingFor } = ports.messages;
    let looks = 0;
    const waiting: (() => void)[] = [];
    ports.messages.pendingFor = async (...given) => {
      looks += 1;
      const rows = await pendingFor(...given);
      if (looks === 1) await new Promise<void>((resolve) => waiting.push(resolve));
      return rows;
    };
    const answered = async (journeyId: string) => {
      const { rowFor } = await sendTo({ journeyId });
      const { id, jwt } = rowFor(phone);
      return { answer: () => call('authenticate', phone.answer(id, jwt, { now: clock.now() })) };
    };

    const first = await answered('first');
    await settle();
    const shown = told.length;
    await first.answer();
    await settle();
    expect([told.slice(shown).map((it) => it.split(' ')[0]), looks]).toEqual([['withdrawn'], 0]);

    const second = await answered('second');
    await settle();
    const look = stream.refresh();
    await second.answer();
    await settle();
    const beforeLook = told.length;
    for (const resolve of waiting) resolve();
    await look;
    expect([told.slice(beforeLook).map((it) => it.split(' ')[0]), looks]).toEqual([['withdrawn'], 2]);
  });

  test('tells nothing that is for another device by the same address', async () => {
    const { open, settle, told, hints, device } = await streaming();
    open();
    await settle();
    const message = { messageId: 'AUTHENTICATE:theirs', message: 'jwt' };
    const theirs = phoneHint({ userId: device.userId, deviceUuid: 'another' });
    hints.publish(theirs, { request: message.messageId, message });
    await settle();
    expect(told).toEqual([]);
  });

  test('withdraws what another phone has answered, and what the browser has left', async () => {
    const { open, settle, sendTo, told, registeredPhone, call, clock, unit, bind, device } = await streaming();
    const other = await registeredPhone({ communicationType: 'gcm', deviceType: 'android' });
    open();
    const request = await sendTo();
    await settle();
    const mine = request.rows.find((row) => row.deviceUuid === device.uuid)?.id;
    const { id, jwt } = request.rowFor(other);
    await call('authenticate', other.answer(id, jwt, { now: clock.now() }));
    await settle();
    expect(told).toEqual([`push ${mine}`, `withdrawn ${mine}`]);

    const left = await sendTo({ journeyId: 'left' });
    await settle();
    const step = unit({ journeyId: 'left' });
    bind.messages(step).close(left.messageId, 'exit');
    await step.commit();
    await settle();
    expect(told).toHaveLength(4);
    expect(told.at(-1)).toMatch(/^withdrawn /);
  });

  test('withdraws what has expired, or what no hint came for, with the next refresh', async () => {
    const { open, settle, sendTo, told, clock } = await streaming();
    const stream = open();
    const { messageId } = await sendTo();
    await settle();
    clock.advance(120_000);
    await settle();
    expect(told).toHaveLength(1);
    await stream.refresh();
    expect(told).toEqual([`push ${messageId}`, `withdrawn ${messageId}`]);
  });

  test('tells nothing after it was closed', async () => {
    const { open, settle, sendTo, told } = await streaming();
    const stream = open();
    await settle();
    stream.close();
    await sendTo();
    await settle();
    expect(told).toEqual([]);
  });

  test('tells of a failing store and goes on', async () => {
    const { open, settle, sendTo, told, ports } = await streaming();
    const { pendingFor } = ports.messages;
    ports.messages.pendingFor = () => Promise.reject(new Error('down'));
    const stream = open();
    await settle();
    expect(told).toEqual(['error Error: down']);
    ports.messages.pendingFor = pendingFor;
    const { messageId } = await sendTo();
    await settle();
    await stream.refresh();
    expect(told.slice(1)).toEqual([`push ${messageId}`]);
  });
});
