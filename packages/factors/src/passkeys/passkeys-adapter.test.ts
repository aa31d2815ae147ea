import { testRealm } from '@assent/engine/testing';
import { TestUnitOfWork } from '@assent/push/testing';
import { describe, expect, test } from 'vitest';
import { SoftwareAuthenticator } from '../testing/index.ts';
import { factorWorld } from '../testing/stored/factor-world.ts';
import type { Passkeys } from './passkeys.ts';

const CHALLENGE = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const ORIGIN = 'http://localhost:8080';
const RULES = { preference: 'none', certificationLevel: 'OFF', isRevocationEnforced: false, trustStore: '' } as const;

const setUp = () => {
  const world = factorWorld();
  const { ports, user } = world;
  const bind = world.bind.passkeys;
  const unit = (maxDevices = 5) => new TestUnitOfWork({ committer: ports.committer, realm: testRealm({ maxDevices }) });
  const authenticator = new SoftwareAuthenticator();
  const relyingParty = { id: 'localhost', origins: [ORIGIN] };
  const ceremony = { challenge: CHALLENGE, relyingParty, userVerification: 'preferred' } as const;
  const client = { challenge: CHALLENGE, origin: ORIGIN, rpId: 'localhost' };
  const make = async (port: Passkeys, owner = user) => {
    const { answer } = authenticator.create({ ...client, userHandle: port.handleOf(owner) });
    const made = await port.verifyRegistration(owner, answer, {
      ...ceremony,
      algorithms: [-7],
      isUserPresenceRequired: true,
      attestation: RULES,
    });
    if (!made.ok) throw new Error(made.reason);
    return made.passkey;
  };
  const add = async (options: { maxDevices?: number; isFirst?: boolean; ofRealm?: number } = {}) => {
    const step = unit(options.ofRealm);
    const port = bind(step);
    const passkey = await make(port);
    const status = await port.save(user, passkey, {
      maxDevices: options.maxDevices ?? 0,
      isFirst: options.isFirst ?? false,
    });
    return { passkey, status, step, port };
  };
  const signIn = async (port: Passkeys, credentialId: string, signCount?: number, isUsernameless = false) => {
    const passkey = await port.find(credentialId);
    if (passkey === undefined) return { ok: false, reason: 'unknown' } as const;
    const { answer } = authenticator.get({ ...client, credentialId, ...(signCount !== undefined && { signCount }) });
    const verified = await port.verifyAssertion(passkey, answer, { ...ceremony, isUsernameless });
    if (verified.ok)
      port.used(passkey, verified, { owner: { id: 'user-1', credentialRev: 1 }, relyingParty, isMismatchTold: false });
    return verified;
  };
  return { ...world, bind, unit, authenticator, make, add, signIn };
};

test('a passkey that was shown at a known browser ends what was refused there, and nothing of strangers (spec: webauthn §10.5, A17)', async () => {
  const { add, bind, signIn, ports, refuse, isHeldBack } = setUp();
  const { passkey, step } = await add();
  await step.commit();
  for (const place of ['browser-of-jane', undefined]) await refuse(place);
  const held = () => Promise.all(['browser-of-jane', undefined].map((place) => isHeldBack(place)));
  expect(await held()).toEqual([true, true]);
  for (const from of [{ address: '198.51.100.1' }, { browser: 'browser-of-jane', address: '203.0.113.9' }]) {
    const shown = new TestUnitOfWork({ committer: ports.committer, from });
    expect(await signIn(bind(shown), passkey.credentialId)).toMatchObject({ ok: true });
    await shown.commit();
  }
  expect(await held()).toEqual([false, true]);
});

describe('a passkey is stored', () => {
  test('not beyond the limit of the node, nor that of the realm where the node has none (WA-19)', async () => {
    const { add } = setUp();
    for (const { step } of [await add(), await add()]) await step.commit();
    expect((await add({ maxDevices: 2 })).status).toBe('limit');
    expect((await add({ ofRealm: 2 })).status).toBe('limit');
    expect((await add({ maxDevices: 9, ofRealm: 2 })).status).toBe('limit');
  });

  test('by one of two who are at the last place at once (WA-19)', async () => {
    const { add } = setUp();
    const both = [await add({ maxDevices: 1 }), await add({ maxDevices: 1 })];
    expect(both.map(({ status }) => status)).toEqual(['stored', 'stored']);
    const results = await Promise.all(both.map(({ step }) => step.commit()));
    expect(results.filter(({ committed }) => committed)).toHaveLength(1);
  });

  test('for one owner in the realm, also of two at once (WA-08)', async () => {
    const { add, bind, unit, user } = setUp();
    const { passkey, step } = await add();
    const other = unit();
    expect(await bind(other).save(user, { ...passkey, uuid: 'other' }, { maxDevices: 0, isFirst: false })).toBe(
      'stored',
    );
    expect((await step.commit()).committed).toBe(true);
    expect((await other.commit()).committed).toBe(false);
    expect(await bind(unit()).save(user, { ...passkey, uuid: 'third' }, { maxDevices: 0, isFirst: false })).toBe(
      'taken',
    );
  });

  test('as the first second factor by one of two who both had none (WA-18)', async () => {
    const { add } = setUp();
    const both = [await add({ isFirst: true }), await add({ isFirst: true })];
    const results = await Promise.all(both.map(({ step }) => step.commit()));
    expect(results.filter(({ committed }) => committed)).toHaveLength(1);
  });

  test('and seen by whatever runs after it in the same unit of work', async () => {
    const { add, user } = setUp();
    const { passkey, port } = await add();
    expect(await port.ofUser(user.id)).toEqual([passkey]);
    expect(await port.find(passkey.credentialId)).toEqual(passkey);
    expect(passkey.userHandle).toBe(port.handleOf(user));
  });
});

describe('a passkey signs in', () => {
  test('not once it was removed, be it in the middle of a journey (WA-32)', async () => {
    const { add, bind, ports, signIn, unit } = setUp();
    const { passkey, step } = await add();
    await step.commit();
    const begun = unit();
    expect(await signIn(bind(begun), passkey.credentialId)).toMatchObject({ ok: true });
    await ports.committer.commit([{ type: 'passkey.delete', uuid: passkey.uuid }]);
    expect((await begun.commit()).committed).toBe(false);
    expect(await signIn(bind(unit()), passkey.credentialId)).toMatchObject({ reason: 'unknown' });
  });

  test('once of two with the same count, and a lower count never lowers what is stored (WA-11)', async () => {
    const { add, bind, events, ports, signIn, unit } = setUp();
    const { passkey, step } = await add();
    await step.commit();
    const both = [unit(), unit()];
    for (const begun of both) expect(await signIn(bind(begun), passkey.credentialId, 5)).toMatchObject({ ok: true });
    const results = await Promise.all(both.map((begun) => begun.commit()));
    expect(results.filter(({ committed }) => committed)).toHaveLength(1);
    for (const count of [5, 3, 0]) {
      const begun = unit();
      expect(await signIn(bind(begun), passkey.credentialId, count)).toMatchObject({ isCounterMismatch: true });
      expect((await begun.commit()).committed).toBe(true);
    }
    expect(await ports.passkeys.get(passkey.uuid)).toMatchObject({
      signCount: 5,
      counterMismatchAt: expect.any(Number),
    });
    expect(events().filter((event) => event === 'PASSKEY_COUNTER accepted')).toHaveLength(3);
    // What its user gets one mail of in a day.
    const counted = ports.audit.filter(({ event }) => event === 'PASSKEY_COUNTER');
    expect(counted.map(({ detail }) => detail?.again)).toEqual([undefined, true, true]);
  });

  test('and what is refused counts against where it came from, and against no account (WA-28)', async () => {
    const { bind, events, ports, unit, user } = setUp();
    for (let at = 0; at < 101; at += 1) {
      const step = unit();
      bind(step).refused(user.id, 'signature');
      await step.commit();
    }
    expect(ports.throttle('source:198.51.100.7')?.lockedUntil).toBeGreaterThan(0);
    expect(ports.throttle(`passkey:${user.id}`)).toBeUndefined();
    expect(events().at(-1)).toBe('PASSKEY_FAIL signature');
  });
});

test('who has no passkey is asked for some that nobody has, the same each time, and at even times (WA-17)', async () => {
  const { add, bind, unit } = setUp();
  const { passkey, step } = await add();
  await step.commit();
  const begun = unit();
  const port = bind(begun);
  const pretended = port.hidden('nobody', []);
  expect(pretended).toEqual(bind(unit()).hidden('Nobody', []));
  expect(pretended).not.toEqual(port.hidden('somebody', []));
  expect(port.hidden('demo', [passkey])).toEqual([{ id: passkey.credentialId, transports: [] }]);
  for (const { id } of pretended) expect(id).toMatch(/^[\w-]{22,43}$/);
  expect(begun.isAnsweredEvenly).toBe(true);
});
