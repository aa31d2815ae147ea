import { testRealm } from '@assent/engine/testing';
import { describe, expect, test } from 'vitest';
import type { RegistrationClaims } from '../model/messages.ts';
import { pushWorld } from '../testing/stored/push-world.ts';
import { TestPhone } from '../testing/test-phone.ts';

const own = { communicationType: 'relay', deviceType: 'web', hasKey: true } as const;

/** A phone has answered; the journey has not stored it yet. */
async function claimed(
  options: ConstructorParameters<typeof TestPhone>[0] = own,
  given: Parameters<typeof pushWorld>[0] = {},
) {
  const world = pushWorld(given);
  const phone = new TestPhone(options);
  const { uri, messageId } = await world.openCode();
  await world.call('register', phone.registration(phone.scan(uri)));
  const { claims } = world.ports.row(messageId);
  if (claims === undefined) throw new Error('no claims');
  const register = (step = world.unit(), change: Partial<RegistrationClaims> = {}, identity = world.user) =>
    world.bind.devices(step).register({ identity, messageId, issuer: 'Acme', claims: { ...claims, ...change } });
  return { ...world, phone, messageId, claims, register };
}

describe('storing a phone', () => {
  test('writes device, flag, consumed message and audit in one commit', async () => {
    const { register, unit, ports, user, phone, messageId, events } = await claimed();
    const step = unit();
    expect(await register(step)).toMatchObject({ status: 'stored', device: { deviceName: 'Push Device' } });
    expect(await ports.devices.ofUser(user.id)).toEqual([]);
    expect(await step.commit()).toEqual({ committed: true });
    expect(await ports.devices.ofUser(user.id)).toMatchObject([
      {
        userId: user.id,
        username: 'jane',
        realm: '/',
        issuer: 'Acme',
        mechanismUid: phone.mechanismUid,
        xKey: phone.publicJwk,
        secret: phone.secret,
        refreshHashes: [],
      },
    ]);
    expect((await ports.identities.findById(user.id))?.attributes).toEqual({ push2faEnabled: ['2'] });
    expect(ports.row(messageId).state).toBe('consumed');
    expect(events().at(-1)).toBe('DEVICE_ADD');
  });

  test('leaves nothing when the commit fails, and can then be done again (F14)', async () => {
    const { register, unit, ports, user } = await claimed();
    const step = unit();
    await register(step);
    await ports.committer.commit([
      { type: 'identity.attributes', id: user.id, seenRev: 1, attributes: { mail: ['x'] } },
    ]);
    expect(await step.commit()).toMatchObject({ committed: false, refused: 'identity.attributes' });
    expect(await ports.devices.ofUser(user.id)).toEqual([]);
    const again = unit();
    await register(again);
    expect(await again.commit()).toEqual({ committed: true });
  });

  test('asks for the end of the message once, whoever asks', async () => {
    const { register, unit, bind, messageId } = await claimed();
    const step = unit();
    const messages = bind.messages(step);
    await messages.status(messageId);
    await register(step);
    messages.consume(messageId, 'approved');
    expect(step.toCommit.filter(({ type }) => type === 'push.consume')).toHaveLength(1);
    expect(await step.commit()).toEqual({ committed: true });
  });

  test('joins the change that another port makes to the user', async () => {
    const { register, unit, bind, user, ports } = await claimed();
    const step = unit();
    await bind.identities(step).update(user.username, 'oath2faEnabled', () => ['1']);
    await register(step);
    expect(await step.commit()).toEqual({ committed: true });
    expect((await ports.identities.findById(user.id))?.attributes).toEqual({
      push2faEnabled: ['2'],
      oath2faEnabled: ['1'],
    });
  });

  test.each([
    ['<img src=x>', '<img src=x>'],
    ['A\u202eB\r\n\u001b[31mC', 'AB [31mC'],
    ['x'.repeat(65_536), 'x'.repeat(64)],
    [' \u0000 ', 'Push Device'],
  ])('cleans the name %j (A052, SEC-14)', async (deviceName, stored) => {
    const { register } = await claimed();
    expect(await register(undefined, { deviceName })).toMatchObject({
      status: 'stored',
      device: { deviceName: stored },
    });
  });

  test('is refused for another user, and for a message that is not approved (A056)', async () => {
    const { register, unit, ports, openCode, bind, claims, user } = await claimed();
    const john = ports.addIdentity({ id: 'user-2', username: 'john' });
    expect(await register(unit(), {}, john)).toEqual({ status: 'invalid' });
    expect(await register(unit({ journeyId: 'other' }))).toEqual({ status: 'invalid' });
    const { messageId } = await openCode();
    expect(await bind.devices(unit()).register({ identity: user, messageId, issuer: 'Acme', claims })).toEqual({
      status: 'invalid',
    });
  });

  test('is invalid with a blank member', async () => {
    const { register } = await claimed();
    expect(await register(undefined, { communicationId: ' ' })).toEqual({ status: 'invalid' });
  });

  test('stops at the limit of devices and voids the code (SEC-12)', async () => {
    const { register, registeredPhone, unit, ports, messageId, user } = await claimed(own, {
      realms: [testRealm({ maxDevices: 2 })],
    });
    await registeredPhone(own);
    await registeredPhone(own);
    const step = unit();
    expect(await register(step)).toEqual({ status: 'limit' });
    await step.commit();
    expect(ports.row(messageId)).toMatchObject({ state: 'closed', reason: 'limit' });
    expect(await ports.devices.ofUser(user.id)).toHaveLength(2);
  });

  test('replaces the same credential of the same user, also at the limit, and keeps the codes', async () => {
    const { register, unit, ports, bind, openCode, call, phone, user, stageCode } = await claimed(own, {
      realms: [testRealm({ maxDevices: 1 })],
    });
    const step = unit();
    await register(step);
    stageCode(step);
    await step.commit();
    const [before] = await ports.devices.ofUser(user.id);

    const { uri, messageId } = await openCode();
    await call('register', phone.registration(phone.scan(uri)));
    const { claims } = ports.row(messageId);
    const next = unit();
    if (claims === undefined) throw new Error('no claims');
    await bind.devices(next).register({ identity: user, messageId, issuer: 'Acme', claims });
    expect(await next.commit()).toEqual({ committed: true });
    const after = await ports.devices.ofUser(user.id);
    expect(after).toHaveLength(1);
    expect(after[0]?.uuid).not.toBe(before?.uuid);
    expect(ports.codes()).toHaveLength(1);
  });

  test('the same mechanism of another user stays where it is (A051)', async () => {
    const { register, unit, ports, registeredPhone } = await claimed();
    const john = ports.addIdentity({ id: 'user-2', username: 'john' });
    await registeredPhone(own, john);
    const [device] = await ports.devices.ofUser(john.id);
    const step = unit();
    await register(step, { mechanismUid: device?.mechanismUid ?? '' });
    expect(await step.commit()).toEqual({ committed: true });
    expect(await ports.devices.ofUser(john.id)).toEqual([device]);
  });
});

test('an opt-out at the same time never leaves a device beside a skip (A107)', async () => {
  const { register, unit, bind, user, ports } = await claimed();
  const registering = unit();
  const optingOut = unit({ journeyId: 'journey-2' });
  await register(registering);
  await bind.identities(optingOut).update(user.username, 'push2faEnabled', () => ['1']);
  expect(await registering.commit()).toEqual({ committed: true });
  expect(await optingOut.commit()).toMatchObject({ committed: false });
  expect((await ports.identities.findById(user.id))?.attributes.push2faEnabled).toEqual(['2']);
});

test('knows which device answered, and notes that it was used', async () => {
  const { registeredPhone, sendTo, call, clock, bind, unit, ports } = pushWorld();
  await registeredPhone(own);
  const second = await registeredPhone({ communicationType: 'gcm', deviceType: 'android' });
  const request = await sendTo();
  expect(await bind.devices(unit()).answeredBy(request.messageId)).toBeUndefined();
  const { id, jwt } = request.rowFor(second);
  clock.advance(1_000);
  await call('authenticate', second.answer(id, jwt, { now: clock.now() }));
  const step = unit();
  const devices = bind.devices(step);
  const uuid = (await devices.answeredBy(request.messageId))?.uuid ?? '';
  expect(ports.device(uuid)?.mechanismUid).toBe(second.mechanismUid);
  devices.accessed(uuid);
  await step.commit();
  expect(ports.device(uuid)?.lastAccessAt).toBe(clock.now());
});
