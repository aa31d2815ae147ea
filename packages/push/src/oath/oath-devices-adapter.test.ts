import type { Identity } from '@assent/engine';
import { testRealm } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import type { OathDevice } from '../model/devices.ts';
import { MemoryUnitOfWork, pushWorld } from '../testing/index.ts';
import { totp } from './one-time-password.ts';
import type { OathRules } from './verify-one-time-password.ts';

const RULES: OathRules = { algorithm: 'TOTP', hash: 'SHA1', intervalSeconds: 30, steps: 1, maxDriftSteps: 5 };

const withDevice = async () => {
  const world = pushWorld();
  const { ports, clock, user } = world;
  const unit = (maxDevices = 5) =>
    new MemoryUnitOfWork({ committer: ports.committer, realm: testRealm({ maxDevices }) });
  const add = async (maxDevices?: number) => {
    const step = unit(maxDevices);
    const port = world.bind.oathDevices(step);
    const options = { secretBytes: 20, digits: 6, checksumDigit: false, truncationOffset: -1 } as const;
    const device = port.create({ identity: user, issuer: 'Acme', ...options });
    const { status } = await port.save(user, device);
    return { device, status, ...(await step.commit()) };
  };
  const { device } = await add();
  const codeOf = (it: OathDevice, away = 0) =>
    totp({ secret: it.secret, digits: 6, intervalSeconds: 30, atMillis: clock.now() + away * 30_000 });
  const enter = async (password: string) => {
    const step = unit();
    const { status } = await world.bind.oathDevices(step).verify({ identity: user, password, rules: RULES });
    return { status, committed: (await step.commit()).committed };
  };
  const enterInVain = async (username: string, password = '123456', identity?: Identity) => {
    const step = unit();
    const options = { username, identity, password, rules: RULES };
    const { status } = await world.bind.oathDevices(step).verifyInVain(options);
    return { status, committed: (await step.commit()).committed };
  };
  return { ...world, add, device, codeOf, enter, enterInVain };
};

test('of 50 logins at once with one password, one is good (SEC-49, A109)', async () => {
  const { codeOf, device, enter } = await withDevice();
  const results = await Promise.all(Array.from({ length: 50 }, () => enter(codeOf(device))));
  expect(results.filter(({ status, committed }) => status === 'accepted' && committed)).toHaveLength(1);
});

test('the fifth wrong password in a row locks for a quarter of an hour, the right one included (SEC-46)', async () => {
  const { clock, codeOf, device, enter } = await withDevice();
  for (let at = 0; at < 4; at += 1) expect(await enter('12345')).toEqual({ status: 'refused', committed: true });
  expect(await enter('12345')).toEqual({ status: 'locked', committed: true });
  expect((await enter(codeOf(device))).status).toBe('locked');
  clock.advance(900_000);
  expect((await enter(codeOf(device))).status).toBe('accepted');
});

test('passwords for a name that nobody has, or a user without a device, are counted and lock alike (SEC-59)', async () => {
  const { user, enterInVain, ports, events } = await withDevice();
  for (const identity of [undefined, user]) {
    const statuses: string[] = [];
    for (let at = 0; at < 6; at += 1) statuses.push((await enterInVain('Eve', '123456', identity)).status);
    expect(statuses).toEqual(['refused', 'refused', 'refused', 'refused', 'locked', 'locked']);
  }
  expect(events().slice(-2)).toEqual(['OTP_FAIL wrong', 'THROTTLED otp']);
  // What is counted says nothing of the name.
  expect(ports.throttle(`otp:${user.id}`)?.hits).toHaveLength(5);
  expect(ports.throttle('otp:nobody:eve')).toBeUndefined();
});

test('a password may have blanks, is good for any of the user’s devices, and once', async () => {
  const { add, codeOf, device, enter, events } = await withDevice();
  const second = (await add()).device;
  const code = codeOf(device);
  expect(await enter(` ${code.slice(0, 3)} ${code.slice(3)} `)).toEqual({ status: 'accepted', committed: true });
  expect((await enter(code)).status).toBe('refused');
  expect((await enter(codeOf(second))).status).toBe('accepted');
  expect(events()).toContain('OTP_FAIL sameStep');
});

test('a stored device makes the user one who must not skip, and the limit of the realm is kept', async () => {
  const { add, ports, user } = await withDevice();
  expect((await ports.identities.findById(user.id))?.attributes.oath2faEnabled).toEqual(['2']);
  expect((await add(1)).status).toBe('limit');
});

test('a user without a device is distinguished, and a pending one is checked without being stored', async () => {
  const { ports, device, codeOf, user, unit, bind } = await withDevice();
  await ports.committer.commit([{ type: 'oath.delete', uuid: device.uuid }]);
  const step = unit();
  const port = bind.oathDevices(step);
  const given = { identity: user, password: codeOf(device), rules: RULES };
  expect(await port.verify(given)).toEqual({ status: 'noDevice' });
  expect(await port.verify({ ...given, pending: device })).toMatchObject({ status: 'accepted' });
  expect(await port.verify({ ...given, pending: device })).toMatchObject({ status: 'refused' });
  await step.commit();
  expect(await ports.oathDevices.ofUser(user.id)).toEqual([]);
});
