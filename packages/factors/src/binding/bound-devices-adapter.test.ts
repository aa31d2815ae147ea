import { testRealm } from '@assent/engine/testing';
import { TestUnitOfWork } from '@assent/push/testing';
import { describe, expect, test } from 'vitest';
import type { BoundDevice, BoundDeviceJwk } from '../model/bound-device.ts';
import { factorWorld } from '../testing/stored/factor-world.ts';
import type { NewBoundDevice } from './bound-devices.ts';

const KEY = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'key-1', use: 'sig', alg: 'ES256' } as const;

const setUp = () => {
  const world = factorWorld();
  const { ports, user } = world;
  const unit = (maxDevices = 5) => new TestUnitOfWork({ committer: ports.committer, realm: testRealm({ maxDevices }) });
  const create = (step: TestUnitOfWork, kid: string, given: Partial<NewBoundDevice> = {}): BoundDevice =>
    world.bind.boundDevices(step).create({
      identity: user,
      binding: {
        kid,
        key: { ...KEY, kid } as BoundDeviceJwk,
        applicationId: 'com.example.app',
        certificates: [],
      },
      deviceName: 'Phone of Jane',
      deviceId: 'installation-1',
      authenticationType: 'NONE',
      attested: false,
      ...given,
    });
  const save = async (
    kid: string,
    { identity = user, maxDevices = 0, ofRealm = 5, isFirst = false, step = unit(ofRealm) } = {},
  ) => {
    const device = create(step, kid, { identity });
    const { status } = await world.bind.boundDevices(step).save(identity, device, { maxDevices, isFirst });
    return { status, device, step };
  };
  const saved = async (...given: Parameters<typeof save>) => {
    const { device, status, step } = await save(...given);
    return { device, status, ...(await step.commit()) };
  };
  return { ...world, unit, create, save, saved };
};

describe('storing a bound device', () => {
  test('writes what was verified, a clean name and a row of audit', async () => {
    const it = setUp();
    const { status, committed, device } = await it.saved('key-1');
    expect({ status, committed }).toEqual({ status: 'stored', committed: true });
    expect(await it.ports.boundDevices.get('/', 'key-1')).toEqual(device);
    expect(device).toMatchObject({ uuid: 'key-1', userId: it.user.id, key: KEY, deviceName: 'Phone of Jane' });
    expect(it.ports.audit.at(-1)).toMatchObject({
      event: 'DEVICE_ADD',
      userId: it.user.id,
      detail: { device: 'key-1', type: 'binding' },
    });
  });

  test.each([
    ['', 'Device Name'],
    [' \u202e\n', 'Device Name'],
    ['x'.repeat(200), 'x'.repeat(64)],
    ['My\nphone', 'My phone'],
  ])('calls a device that says %j: %j', (deviceName, name) => {
    const it = setUp();
    expect(it.create(it.unit(), 'key-1', { deviceName }).deviceName).toBe(name);
  });

  test.each([
    ['the node', { maxDevices: 1 }],
    ['the realm, where the node has none', { ofRealm: 1 }],
    ['the realm, where it is lower', { maxDevices: 9, ofRealm: 1 }],
  ])('is limited by %s, also in the commit (WA-19)', async (_by, limit) => {
    const it = setUp();
    const [one, other] = [await it.save('key-1', limit), await it.save('key-2', limit)];
    expect([one.status, other.status]).toEqual(['stored', 'stored']);
    expect((await one.step.commit()).committed).toBe(true);
    expect(await other.step.commit()).toEqual({ committed: false, refused: 'bound.insert' });
    expect((await it.saved('key-3', limit)).status).toBe('limit');
  });

  test('never takes the place of a key of that name, whoever has it, be it in the same commit (WA-44)', async () => {
    const it = setUp();
    const eve = it.ports.addIdentity({ id: 'user-2', username: 'eve' });
    const [one, other] = [await it.save('key-1'), await it.save('key-1', { identity: eve })];
    expect((await one.step.commit()).committed).toBe(true);
    expect((await other.step.commit()).committed).toBe(false);
    expect((await it.saved('key-1', { identity: eve })).status).toBe('taken');
    const step = it.unit();
    expect((await it.save('key-2', { step })).status).toBe('stored');
    expect((await it.save('key-2', { step })).status).toBe('taken');
    expect(await it.ports.boundDevices.ofUser(eve.id)).toEqual([]);
  });

  test('as the first factor gets in alone, whatever kind the other one is that would have been the first (§10.1)', async () => {
    const it = setUp();
    const oath = it.unit();
    const port = it.bind.oathDevices(oath);
    const options = { secretBytes: 20, digits: 6, checksumDigit: false, truncationOffset: -1 } as const;
    await port.save(it.user, port.create({ identity: it.user, issuer: 'Acme', ...options }));
    const bound = await it.save('key-1', { isFirst: true });
    expect((await oath.commit()).committed).toBe(true);
    expect(await bound.step.commit()).toEqual({ committed: false, refused: 'identity.attributes' });
    expect(await it.bind.secondFactors(it.unit()).any(it.user.id)).toBe(true);
  });
});

test('what a node has bound, the next node of the same submit sees', async () => {
  const it = setUp();
  const { step, device } = await it.save('key-1');
  expect(await it.bind.boundDevices(step).ofUser(it.user.id)).toEqual([device]);
  expect(await it.bind.secondFactors(step).any(it.user.id)).toBe(true);
  expect(await it.bind.secondFactors(it.unit()).any(it.user.id)).toBe(false);
});

describe('a bound device that has signed', () => {
  const withDevice = async () => {
    const it = setUp();
    const { device } = await it.saved('key-1');
    return { ...it, device };
  };

  test('was used then, and is dead at once when it was removed meanwhile (WA-32)', async () => {
    const it = await withDevice();
    it.clock.advance(1_000);
    const [one, late] = [it.unit(), it.unit()];
    expect(await it.bind.boundDevices(one).used(it.device)).toBe(true);
    expect((await it.bind.boundDevices(one).ofUser(it.user.id))[0]?.lastAccessAt).toBe(it.clock.now());
    expect((await one.commit()).committed).toBe(true);
    expect(it.events().at(-1)).toBe('BINDING_OK');
    await it.bind.boundDevices(late).used(it.device);
    await it.ports.committer.commit([{ type: 'bound.delete', realm: '/', uuid: 'key-1' }]);
    expect(await late.commit()).toEqual({ committed: false, refused: 'bound.accessed' });
  });

  test('has signed a text once: the same answer is taken by one commit, and by none after it (WA-41)', async () => {
    const it = await withDevice();
    const once = { answer: 'header.claims', until: it.clock.now() + 90_000 };
    const steps = [it.unit(), it.unit()];
    for (const step of steps) expect(await it.bind.boundDevices(step).used(it.device, once)).toBe(true);
    const results = await Promise.all(steps.map((step) => step.commit()));
    expect(results.map(({ committed }) => committed)).toEqual([true, false]);
    expect(await it.bind.boundDevices(it.unit()).used(it.device, once)).toBe(false);
    expect(await it.bind.boundDevices(it.unit()).used(it.device, { ...once, answer: 'other.claims' })).toBe(true);
  });

  test('something wrong counts against the place that it comes from, also where the journey ends in error, and locks nobody (WA-28)', async () => {
    const it = await withDevice();
    for (let at = 0; at < 100; at += 1) {
      const step = it.unit();
      it.bind.boundDevices(step).refused(it.user.id, 'signature');
      expect((await it.ports.committer.commit(step.kept)).committed).toBe(true);
    }
    expect(it.events().at(-1)).toBe('BINDING_FAIL signature');
    expect(it.ports.throttle('source:198.51.100.7')?.hits).toHaveLength(100);
    const step = it.unit();
    expect(await it.bind.boundDevices(step).used(it.device)).toBe(true);
    expect((await step.commit()).committed).toBe(true);
  });
});
