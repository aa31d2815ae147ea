import { createHash, createPublicKey } from 'node:crypto';
import { simulatedClock } from '@assent/engine/testing';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { pooledKeys, storedOAuthPorts } from '../testing/index.ts';
import { newPrivateKey } from './new-signing-key.ts';
import { MAX_SIGNED_MILLIS, SigningKeys } from './signing-keys.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Spec: oidc §1.4. */
const SIGNS_MILLIS = 90 * DAY;
const SHOWN_BEFORE_MILLIS = DAY;
/** The longest life of what it has signed, and a day. */
const SHOWN_AFTER_MILLIS = 8 * DAY;

const world = () => {
  const store = storedOAuthPorts();
  const clock = simulatedClock();
  const makeKey = pooledKeys();
  let made = 0;
  const newKey: typeof makeKey = (algorithm) => {
    made += 1;
    return makeKey(algorithm);
  };
  const instance = () =>
    new SigningKeys({ signingKeys: store.signingKeys, committer: store.committer, clock, newPrivateKey: newKey });
  const rows = async (realm = '/') => store.signingKeys.ofRealm(realm);
  const shown = async (keys: SigningKeys, realm = '/') => (await keys.publicKeys(realm)).map(({ kid }) => kid);
  return { store, clock, instance, rows, shown, made: () => made };
};

test('a realm has its keys from the first use on, and another realm others (OIDC-13)', async () => {
  const { instance, rows } = world();
  const keys = instance();
  const key = await keys.active('/', 'RS256');
  expect(key.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2_048 });
  expect((await keys.active('/', 'ES256')).publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
  expect((await keys.active('/alpha', 'RS256')).kid).not.toBe(key.kid);
  expect(await keys.byKid('/alpha', key.kid)).toBeUndefined();
  expect((await rows()).map(({ status }) => status)).toEqual(['active', 'active']);
});

test('the name of a key is its thumbprint, and the key set holds nothing of its private half', async () => {
  const { instance } = world();
  const set = await instance().publicKeys('/');
  expect(set).toHaveLength(2);
  for (const jwk of set) {
    expect(jwk).toMatchObject({ use: 'sig', kid: await calculateJwkThumbprint(jwk) });
    const secret = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
    expect(Object.keys(jwk).filter((name) => secret.includes(name))).toEqual([]);
  }
});

test('a hundred who need the first key at once make one', async () => {
  const { instance, rows, made } = world();
  const keys = instance();
  const kids = await Promise.all(Array.from({ length: 100 }, async () => (await keys.active('/', 'ES256')).kid));
  expect(new Set(kids).size).toBe(1);
  expect(await rows()).toHaveLength(2);
  expect(made()).toBe(2);
});

test('of two instances that make the first key at once one does, and the other takes it', async () => {
  const { store, instance, rows } = world();
  const [one, other] = [instance(), instance()];
  let isFirst = true;
  store.beforeCommit = async () => {
    if (!isFirst) return;
    isFirst = false;
    await other.active('/', 'RS256');
  };
  expect((await one.active('/', 'RS256')).kid).toBe((await other.active('/', 'RS256')).kid);
  expect(await rows()).toHaveLength(2);
});

test('keys of a realm that signs all the time are read once a second, and imported once', async () => {
  const { store, clock, instance } = world();
  const keys = instance();
  const key = await keys.active('/', 'ES256');
  const before = store.reads;
  for (let at = 0; at < 100; at += 1) {
    expect(await keys.active('/', 'ES256')).toBe(key);
    await keys.active('/', 'RS256');
    clock.advance(100);
  }
  expect(store.reads - before).toBe(9);
});

describe('in the course of time', () => {
  test('the next key is shown for a day before it signs, and the last one until nothing of it is good', async () => {
    const { clock, instance, shown } = world();
    const keys = instance();
    const first = (await keys.active('/', 'ES256')).kid;
    clock.advance(SIGNS_MILLIS - SHOWN_BEFORE_MILLIS - 1_000);
    expect(await shown(keys)).toHaveLength(2);
    clock.advance(1_000);
    expect(await shown(keys)).toHaveLength(4);
    expect((await keys.active('/', 'ES256')).kid).toBe(first);
    clock.advance(SHOWN_BEFORE_MILLIS);
    const second = (await keys.active('/', 'ES256')).kid;
    expect(second).not.toBe(first);
    expect(await shown(keys)).toContain(first);
    expect(await keys.byKid('/', first)).toBeDefined();
    clock.advance(SHOWN_AFTER_MILLIS - 1);
    expect(await shown(keys)).toContain(first);
    clock.advance(1_001);
    expect(await shown(keys)).not.toContain(first);
    expect(await keys.byKid('/', first)).toBeUndefined();
    expect((await keys.active('/', 'ES256')).kid).toBe(second);
  });

  test('day by day for a year, whoever has fetched the keys in the last day knows the one that signs (OIDC-26)', async () => {
    const { clock, instance, shown } = world();
    const [signing, showing] = [instance(), instance()];
    let known = await shown(showing);
    const signed: { kid: string; until: number }[] = [];
    for (let hour = 0; hour < 366 * 24; hour += 6) {
      const { kid } = await signing.active('/', 'ES256');
      expect(known).toContain(kid);
      signed.push({ kid, until: clock.now() + MAX_SIGNED_MILLIS });
      if (hour % 24 === 0) {
        known = await shown(showing);
        const good = signed.filter(({ until }) => until > clock.now());
        expect(new Set(known)).toEqual(new Set([...known, ...good.map((it) => it.kid)]));
        expect(known.length).toBeLessThanOrEqual(6);
      }
      clock.advance(DAY / 4);
    }
    expect(new Set(signed.map(({ kid }) => kid)).size).toBe(5);
  });

  test('a server that stood still for a year signs with a key that was shown for a day', async () => {
    const { clock, instance, shown } = world();
    const keys = instance();
    const first = (await keys.active('/', 'ES256')).kid;
    clock.advance(365 * DAY);
    expect((await keys.active('/', 'ES256')).kid).toBe(first);
    const known = await shown(keys);
    clock.advance(DAY);
    expect(known).toContain((await keys.active('/', 'ES256')).kid);
  });
});

describe('on demand', () => {
  test('a rotation shows new keys at once, and lets them sign in a day', async () => {
    const { clock, instance, shown } = world();
    const keys = instance();
    const before = (await keys.active('/', 'RS256')).kid;
    const rotated = await keys.rotate('/', { cause: { transactionId: 't1' } });
    expect(rotated.map(({ algorithm, signsFrom }) => [algorithm, signsFrom])).toEqual([
      ['RS256', clock.now() + DAY],
      ['ES256', clock.now() + DAY],
    ]);
    expect(await shown(keys)).toEqual(expect.arrayContaining(rotated.map(({ kid }) => kid)));
    expect((await keys.active('/', 'RS256')).kid).toBe(before);
    clock.advance(DAY);
    expect((await keys.active('/', 'RS256')).kid).toBe(rotated[0]?.kid);
  });

  test('asked for twice, it makes no third key', async () => {
    const { instance, rows } = world();
    const keys = instance();
    expect(await keys.rotate('/')).toEqual(await keys.rotate('/'));
    expect(await rows()).toHaveLength(4);
  });

  test('where it must be now, the new keys sign now, and the old ones are still shown', async () => {
    const { instance, shown } = world();
    const keys = instance();
    const before = await shown(keys);
    const rotated = await keys.rotate('/', { now: true });
    expect((await keys.active('/', 'RS256')).kid).toBe(rotated[0]?.kid);
    expect((await keys.active('/', 'ES256')).kid).toBe(rotated[1]?.kid);
    expect(await shown(keys)).toEqual(expect.arrayContaining(before));
  });

  test('another instance signs with the new key, knows it and shows it within a second (OPS-28)', async () => {
    const { clock, instance, shown } = world();
    const [one, other] = [instance(), instance()];
    const [before] = await shown(other);
    const [rotated] = await one.rotate('/', { now: true });
    clock.advance(1_000);
    expect((await other.active('/', 'RS256')).kid).toBe(rotated?.kid);
    expect(await other.byKid('/', rotated?.kid ?? '')).toBeDefined();
    expect(await shown(other)).toEqual(expect.arrayContaining([before, rotated?.kid]));
  });

  test('another instance knows what a new key has signed at once, though it has just read its keys (OIDC-26)', async () => {
    const { clock, instance } = world();
    const [rotating, signing, asked] = [instance(), instance(), instance()];
    await asked.active('/', 'ES256');
    await rotating.rotate('/', { now: true });
    const { kid } = await signing.active('/', 'ES256');
    expect(await asked.byKid('/', kid)).toMatchObject({ kid });
    // Names that somebody has made up keep it from that for a second, and no longer.
    await asked.byKid('/', 'made up');
    await rotating.rotate('/', { now: true });
    clock.advance(1_000);
    const { kid: next } = await signing.active('/', 'ES256');
    expect(await asked.byKid('/', next)).toMatchObject({ kid: next });
  });

  test('names of keys that nobody has made cost one read a second', async () => {
    const { store, instance } = world();
    const keys = instance();
    await keys.active('/', 'ES256');
    const before = store.reads;
    for (let at = 0; at < 100; at += 1) expect(await keys.byKid('/', `kid-${at}`)).toBeUndefined();
    expect(store.reads - before).toBe(1);
  });

  test('the trail says what became of each key, and holds none (OIDC-18, OIDC-28)', async () => {
    const { store, instance, clock } = world();
    const keys = instance();
    await keys.rotate('/', { now: true, cause: { transactionId: 't1', by: 'command line' } });
    clock.advance(SHOWN_AFTER_MILLIS);
    await keys.active('/', 'RS256');
    const events = store.audit.map(({ event, transactionId }) => `${event} ${transactionId}`);
    expect(events.filter((it) => it === 'KEY_CREATE t1')).toHaveLength(2);
    expect(events.filter((it) => it === 'KEY_ROTATE t1')).toHaveLength(2);
    expect(events.filter((it) => it.startsWith('KEY_DELETE'))).toHaveLength(2);
    expect(store.audit.find(({ event }) => event === 'KEY_ROTATE')?.detail).toMatchObject({ by: 'command line' });
    expect(JSON.stringify(store.audit)).not.toContain('PRIVATE KEY');
  });

  test('fails where the store fails, and does it once that is back', async () => {
    const { store, instance } = world();
    const keys = instance();
    store.beforeCommit = () => {
      throw new Error('the disk is full');
    };
    await expect(keys.active('/', 'ES256')).rejects.toThrow('the disk is full');
    store.beforeCommit = undefined;
    expect((await keys.active('/', 'ES256')).kid).toMatch(/^[\w-]{43}$/);
  });
});

test('a key is made in PKCS #8, and no two are the same', async () => {
  const pems = await Promise.all([newPrivateKey('ES256'), newPrivateKey('ES256')]);
  const digests = pems.map((pem) =>
    createHash('sha256').update(createPublicKey(pem).export({ type: 'spki', format: 'der' })),
  );
  expect(pems[0]).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  expect(new Set(digests.map((it) => it.digest('hex'))).size).toBe(2);
});
