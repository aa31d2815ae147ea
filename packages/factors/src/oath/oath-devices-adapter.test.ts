import type { Identity } from '@assent/engine';
import { testRealm } from '@assent/engine/testing';
import { TestUnitOfWork } from '@assent/push/testing';
import { expect, test } from 'vitest';
import type { OathDevice } from '../model/oath-device.ts';
import { factorWorld } from '../testing/stored/factor-world.ts';
import { hotp, totp } from './one-time-password.ts';
import type { OathRules } from './verify-one-time-password.ts';

const RULES: OathRules = { algorithm: 'TOTP', hash: 'SHA1', intervalSeconds: 30, steps: 1, maxDriftSteps: 5 };

const withDevice = async () => {
  const world = factorWorld();
  const { ports, clock, user } = world;
  const unit = (maxDevices = 5) => new TestUnitOfWork({ committer: ports.committer, realm: testRealm({ maxDevices }) });
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
  /** A guess from a browser that the user is known by, or from an address. */
  const enterFrom = async (from: { readonly browser?: string; readonly address?: string }, password: string) => {
    const step = world.unit({ from });
    const { status } = await world.bind.oathDevices(step).verify({ identity: user, password, rules: RULES });
    return { status, committed: (await step.commit()).committed };
  };
  const enterInVain = async (username: string, password = '123456', identity?: Identity) => {
    const step = unit();
    const options = { username, identity, password, rules: RULES };
    const { status } = await world.bind.oathDevices(step).verifyInVain(options);
    return { status, committed: (await step.commit()).committed };
  };
  return { ...world, newStep: () => unit(), add, device, codeOf, enter, enterFrom, enterInVain };
};

test('of 50 logins at once with one password, one is good (SEC-49, A109)', async () => {
  const { codeOf, device, enter } = await withDevice();
  const results = await Promise.all(Array.from({ length: 50 }, () => enter(codeOf(device))));
  expect(results.filter(({ status, committed }) => status === 'accepted' && committed)).toHaveLength(1);
});

test('the fifth wrong password in a row locks a known place for a quarter of an hour, the right one included (SEC-46)', async () => {
  const { clock, codeOf, device, enterFrom } = await withDevice();
  const enter = (code: string) => enterFrom({ browser: 'browser-1' }, code);
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

test.each<[string, OathRules]>([
  ['by time', RULES],
  ['by uses', { algorithm: 'HOTP', windowSize: 10 }],
])('a password of two devices with one secret, counted %s, is good once (SEC-49)', async (_, rules) => {
  const { add, bind, codeOf, device, newStep, ports, user } = await withDevice();
  const step = newStep();
  await bind.oathDevices(step).save(user, { ...device, uuid: 'twin' });
  expect((await step.commit()).committed).toBe(true);
  const other = (await add()).device;
  const code = rules.algorithm === 'TOTP' ? codeOf(device) : hotp({ secret: device.secret, digits: 6, counter: 3 });
  const enter = async () => {
    const guess = newStep();
    const { status } = await bind.oathDevices(guess).verify({ identity: user, password: code, rules });
    return [status, (await guess.commit()).committed];
  };
  expect(await enter()).toEqual(['accepted', true]);
  expect(await enter()).toEqual(['refused', true]);
  expect(await enter()).toEqual(['refused', true]);
  // A device with another secret has used up nothing.
  const after = await ports.oathDevices.ofUser(user.id);
  const [used, twin, kept] = [device.uuid, 'twin', other.uuid].map((uuid) => after.find((it) => it.uuid === uuid));
  expect([twin?.counter, twin?.lastLoginSeconds]).toEqual([used?.counter, used?.lastLoginSeconds]);
  expect(kept).toMatchObject({ counter: 0, lastLoginSeconds: 0 });
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

const HOUR = 3_600_000;
const QUARTER = HOUR / 4;

test('strangers get 20 wrong codes a day, from however many addresses, and known places go on (SEC-87)', async () => {
  const { enterFrom, codeOf, device, clock, ports, user, knownSources } = await withDevice();
  let refused = 0;
  for (let quarter = 0; quarter < 23 * 4; quarter += 1) {
    for (let n = 0; n < 3; n += 1) {
      const before = ports.throttle(`otp:${user.id}`)?.hits.length ?? 0;
      await enterFrom({ address: `198.51.100.${(quarter * 3 + n) % 250}` }, '000000');
      if ((ports.throttle(`otp:${user.id}`)?.hits.length ?? 0) > before) refused += 1;
    }
    clock.advance(QUARTER);
  }
  expect(refused).toBe(20);
  const right = () => codeOf(device);
  expect((await enterFrom({ address: '198.51.100.99' }, right())).status).toBe('locked');
  expect(await enterFrom({ browser: 'browser-1' }, right())).toEqual({ status: 'accepted', committed: true });
  // A new browser at an address that is known to be the user's draws from the part of known addresses.
  clock.advance(30_000);
  knownSources.add('203.0.113.5');
  expect(await enterFrom({ address: '203.0.113.5' }, '000000')).toEqual({ status: 'refused', committed: true });
  expect(ports.throttle(`otp:${user.id}:203.0.113.5`)?.hits).toHaveLength(1);
  expect(ports.throttle(`otp:${user.id}:addresses`)?.hits).toHaveLength(1);
  expect(await enterFrom({ address: '203.0.113.5' }, right())).toEqual({ status: 'accepted', committed: true });
  // No success takes back what strangers have guessed, nor what known places have (SEC-27).
  expect(ports.throttle(`otp:${user.id}`)?.hits).toHaveLength(20);
  expect(ports.throttle(`otp:${user.id}:addresses`)?.hits).toHaveLength(1);
  clock.advance(24 * HOUR);
  expect((await enterFrom({ address: '198.51.100.99' }, right())).status).toBe('accepted');
});

test('a success of a stranger gives no other guesses of the day back (SEC-27, SEC-87)', async () => {
  const { enterFrom, codeOf, device, clock } = await withDevice();
  let wrong = 0;
  for (let round = 0; round < 12; round += 1) {
    for (let n = 0; n < 4; n += 1)
      if ((await enterFrom({ address: `198.51.100.${10 + round}` }, '000000')).status === 'refused') wrong += 1;
    await enterFrom({ address: '198.51.100.2' }, codeOf(device));
    clock.advance(60_000);
  }
  // The twentieth locks.
  expect(wrong).toBe(19);
});

test('callers at known addresses get 20 wrong codes a day together, and lock no known browser out (SEC-87)', async () => {
  const { enterFrom, codeOf, device, ports, user, clock, knownSources } = await withDevice();
  for (const n of [1, 2, 3]) knownSources.add(`198.51.100.${n}`);
  for (let quarter = 0; quarter < 23 * 4; quarter += 1) {
    for (const n of [1, 2, 3]) await enterFrom({ address: `198.51.100.${n}` }, '000000');
    clock.advance(QUARTER);
  }
  expect(ports.throttle(`otp:${user.id}:addresses`)?.hits).toHaveLength(20);
  expect(ports.throttle(`otp:${user.id}:known`)).toBeUndefined();
  expect((await enterFrom({ address: '198.51.100.1' }, codeOf(device))).status).toBe('locked');
  const browser = { browser: 'browser-of-jane', address: '198.51.100.1' };
  expect(await enterFrom(browser, codeOf(device))).toEqual({ status: 'accepted', committed: true });
});

test('known browsers get 40 wrong codes a day together, of which each place has its own lock (SEC-87)', async () => {
  const { enterFrom, codeOf, device, ports, user } = await withDevice();
  for (let n = 0; n < 30; n += 1)
    for (let guess = 0; guess < 4; guess += 1) await enterFrom({ browser: `browser-${n}` }, '000000');
  expect(ports.throttle(`otp:${user.id}:known`)?.hits).toHaveLength(40);
  expect((await enterFrom({ browser: 'browser-of-jane' }, codeOf(device))).status).toBe('locked');
  expect((await enterFrom({ address: '198.51.100.1' }, codeOf(device))).status).toBe('accepted');
});

test('of fifty guesses at once from known places and strangers none exceeds its part (SEC-56, SEC-87)', async () => {
  const { enterFrom, ports, user, clock } = await withDevice();
  /** Another guess that was counted meanwhile refuses the commit, and the request is executed again. */
  const guess = async (from: Parameters<typeof enterFrom>[0]): Promise<void> => {
    while (!(await enterFrom(from, '000000')).committed);
  };
  for (let round = 0; round < 4; round += 1) {
    const guesses = Array.from({ length: 50 }, (_, n) =>
      guess(n % 2 === 0 ? { browser: `browser-${n}` } : { address: `198.51.100.${n}` }),
    );
    await Promise.all(guesses);
    clock.advance(QUARTER);
  }
  expect(ports.throttle(`otp:${user.id}:known`)?.hits).toHaveLength(40);
  expect(ports.throttle(`otp:${user.id}`)?.hits.length).toBeLessThanOrEqual(20);
});

test('a lock that falls while a right code is checked undoes its use, also one of the day (SEC-56)', async () => {
  for (const subject of ['otp:user-1:browser-1', 'otp:user-1:known']) {
    const { ports, user, codeOf, device, unit, bind, clock } = await withDevice();
    const step = unit({ from: { browser: 'browser-1' } });
    const given = { identity: user, password: codeOf(device), rules: RULES };
    expect((await bind.oathDevices(step).verify(given)).status).toBe('accepted');
    await ports.committer.commit([
      { type: 'throttle.put', row: { subject, hits: [], lockedUntil: clock.now() + 1, rev: 0 } },
    ]);
    expect((await step.commit()).committed).toBe(false);
  }
});

test('a generator that is not stored yet has a counter of its own: its success resets none of the stored ones (SEC-46)', async () => {
  const { ports, user, codeOf, device, unit, bind, enter } = await withDevice();
  for (let n = 0; n < 4; n += 1) await enter('000000');
  const step = unit();
  const pending = { ...device, uuid: 'pending-1' };
  const given = { identity: user, password: codeOf(device), rules: RULES, pending };
  expect((await bind.oathDevices(step).verify(given)).status).toBe('accepted');
  await step.commit();
  expect(ports.throttle(`otp:${user.id}`)?.hits).toHaveLength(4);
  expect((await enter('000000')).status).toBe('locked');
  // Nor the other way round: guesses at the one lock nothing of the other.
  const again = unit();
  expect((await bind.oathDevices(again).verify({ ...given, password: '000000' })).status).toBe('refused');
  await again.commit();
  expect(ports.throttle(`otp-new:${user.id}`)?.hits).toHaveLength(1);
});
