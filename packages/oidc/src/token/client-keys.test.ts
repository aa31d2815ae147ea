import { simulatedClock } from '@assent/engine/testing';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Outbound } from '../protocol/outbound.ts';
import { ClientKeys, usableKeys } from './client-keys.ts';

const URI = 'https://app.example/jwks';
const MINUTE = 60_000;

let key: JWK;
let privateKey: JWK;
beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
  privateKey = { ...(await exportJWK(pair.privateKey)), kid: 'k1' };
});

const setOf = (...keys: readonly object[]): string => JSON.stringify({ keys });

const world = (answer: Outbound = async () => ({ status: 200, body: setOf(key) })) => {
  const clock = simulatedClock();
  const asked: string[] = [];
  let current = answer;
  const keys = new ClientKeys({
    clock,
    outbound: (address, call) => {
      asked.push(address);
      return current(address, call);
    },
  });
  return {
    clock,
    asked,
    answerWith: (next: Outbound) => {
      current = next;
    },
    kids: async (kid?: string, uri = URI, realm = '/') =>
      (await keys.of({ realm, keys: { uri } }, kid)).map((it) => it.kid),
    ofSet: (set: string) => keys.of({ realm: '/', keys: { set } }, undefined),
  };
};

describe('keys at an address', () => {
  test('are fetched once, and kept for ten minutes', async () => {
    const { kids, asked, clock } = world();
    expect(await kids('k1')).toEqual(['k1']);
    clock.advance(10 * MINUTE - 1);
    expect(await kids('k1')).toEqual(['k1']);
    expect(asked).toEqual([URI]);
    clock.advance(1);
    await kids('k1');
    expect(asked).toHaveLength(2);
  });

  test('are fetched by one of fifty who want them at once', async () => {
    const { kids, asked } = world();
    const all = await Promise.all(Array.from({ length: 50 }, () => kids('k1')));
    expect(all.every((it) => it[0] === 'k1')).toBe(true);
    expect(asked).toHaveLength(1);
  });

  test('that nobody knows are looked for once in a minute, however often somebody names ever new ones', async () => {
    const { kids, asked, clock } = world();
    for (let at = 0; at < 600; at += 1) {
      await kids(`forged-${at}`);
      clock.advance(1_000);
    }
    expect(asked).toHaveLength(10);
  });

  test('that were rotated are found within a minute', async () => {
    const { kids, clock, answerWith } = world();
    await kids('k1');
    answerWith(async () => ({ status: 200, body: setOf({ ...key, kid: 'k2' }) }));
    clock.advance(MINUTE);
    expect(await kids('k2')).toEqual(['k2']);
  });

  test.each<[string, Outbound]>([
    ['nobody answers', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['the answer is an error', async () => ({ status: 500, body: setOf({}) })],
    ['the answer leads elsewhere', async () => ({ status: 302, body: '' })],
    ['the answer is no JSON', async () => ({ status: 200, body: '<html>' })],
    ['the answer is no set', async () => ({ status: 200, body: '{"keys":{}}' })],
    ['the answer is nothing', async () => ({ status: 200, body: 'null' })],
    ['the set is endless', async () => ({ status: 200, body: setOf(...Array.from({ length: 51 }, () => key)) })],
  ])('where %s there are none, and it is tried again after a minute', async (_what, answer) => {
    const { kids, asked, clock, answerWith } = world(answer);
    for (let at = 0; at < 60; at += 1) {
      expect(await kids('k1')).toEqual([]);
      clock.advance(1_000);
    }
    expect(asked).toHaveLength(1);
    answerWith(async () => ({ status: 200, body: setOf(key) }));
    expect(await kids('k1')).toEqual(['k1']);
  });

  test('are asked for by another realm at once where too many look-ups of the first one wait (SEC-93)', async () => {
    const full = Object.assign(new Error('too many'), { code: 'EAI_AGAIN' });
    const { kids, asked } = world(async (_address, { realm }) => {
      if (realm === '/greedy') throw full;
      return { status: 200, body: setOf(key) };
    });
    const [refused, found] = await Promise.all([kids('k1', URI, '/greedy'), kids('k1', URI, '/')]);
    expect([refused, found]).toEqual([[], ['k1']]);
    expect(asked).toHaveLength(2);
  });

  test('that too many look-ups kept from being asked for begin no cool-down (SEC-93)', async () => {
    const { kids, answerWith } = world(() => Promise.reject(Object.assign(new Error('full'), { code: 'EAI_AGAIN' })));
    expect(await kids('k1')).toEqual([]);
    answerWith(async () => ({ status: 200, body: setOf(key) }));
    expect(await kids('k1')).toEqual(['k1']);
  });

  test('stay good for an hour where their address is down, and no longer', async () => {
    const { kids, clock, answerWith } = world();
    await kids('k1');
    answerWith(() => Promise.reject(new Error('down')));
    clock.advance(60 * MINUTE - 1);
    expect(await kids('k1')).toEqual(['k1']);
    clock.advance(1);
    expect(await kids('k1')).toEqual([]);
  });

  test('of one address are not those of another', async () => {
    const { kids, asked } = world(async (address) => ({ status: 200, body: setOf({ ...key, kid: address }) }));
    expect(await kids(undefined, 'https://a.example/')).toEqual(['https://a.example/']);
    expect(await kids(undefined, 'https://b.example/')).toEqual(['https://b.example/']);
    expect(asked).toHaveLength(2);
  });

  test.each<[string, number, number]>([
    ['large ones', 300, 60_000],
    ['small ones', 1_500, 0],
  ])('of a realm stay where another one has ever more of them: %s (SEC-93)', async (_, count, padding) => {
    const { kids, asked } = world(async () => ({ status: 200, body: setOf({ ...key, pad: 'x'.repeat(padding) }) }));
    await kids('k1', URI, '/small');
    await kids('k1', 'https://app.example/first', '/large');
    for (let at = 0; at < count; at += 1) await kids('k1', `https://large.example/${at}`, '/large');
    const before = asked.length;
    expect(await kids('k1', URI, '/small')).toEqual(['k1']);
    expect(await kids('k1', `https://large.example/${count - 1}`, '/large')).toEqual(['k1']);
    expect(asked).toHaveLength(before);
    // Within the bounds, the realm that uses the most has lost its oldest.
    await kids('k1', 'https://app.example/first', '/large');
    expect(asked).toHaveLength(before + 1);
  });

  test('that two realms share stay as long as one of them uses little (SEC-93)', async () => {
    const { kids, asked } = world();
    await kids('k1', URI, '/small');
    await kids('k1', URI, '/large');
    for (let at = 0; at < 1_500; at += 1) await kids('k1', `https://large.example/${at}`, '/large');
    const before = asked.length;
    await kids('k1', URI, '/small');
    expect(asked).toHaveLength(before);
  });

  test('are read with a bound', async () => {
    const bounds: (number | undefined)[] = [];
    const { kids } = world(async (_address, { maxBytes, method }) => {
      bounds.push(maxBytes);
      expect(method).toBe('GET');
      return { status: 200, body: setOf(key) };
    });
    await kids();
    expect(bounds).toEqual([65_536]);
  });
});

test('of a key no more is kept than the text that signatures are checked by: the rest takes more room than its letters', async () => {
  const { ofSet } = world();
  const many = Array.from({ length: 1_000 }, () => []);
  const rest = { x5c: many, key_ops: ['verify', ...many], use: 'sig', n: many, constructor: {} };
  const own = { ...key, alg: 'ES256' };
  expect(await ofSet(setOf({ ...own, ...rest }, { ...own, ...rest, kid: many }))).toEqual([
    own,
    { ...own, kid: undefined },
  ]);
});

describe('a key that signatures are not checked by (OIDC-16)', () => {
  test.each<[string, () => object]>([
    ['a private one', () => privateKey],
    ['a secret', () => ({ kty: 'oct', k: 'AAAA', kid: 'k1' })],
    ['one for encryption', () => ({ ...key, use: 'enc' })],
    ['one for other operations', () => ({ ...key, key_ops: ['encrypt'] })],
    ['one of another algorithm', () => ({ ...key, alg: 'HS256' })],
    ['one of none', () => ({ ...key, alg: 'none' })],
    ['one on another curve', () => ({ ...key, crv: 'secp256k1' })],
    ['one without its half', () => ({ ...key, y: undefined })],
    ['a short one of RSA', () => ({ kty: 'RSA', n: 'A'.repeat(171), e: 'AQAB' })],
    ['an endless one of RSA', () => ({ kty: 'RSA', n: 'A'.repeat(1_366), e: 'AQAB' })],
    ['one of RSA with an endless exponent', () => ({ kty: 'RSA', n: 'A'.repeat(342), e: 'A'.repeat(342) })],
    ['no object', () => null as never],
  ])('%s', async (_what, given) => {
    expect(usableKeys(setOf(given(), { ...key, kid: 'good' }))?.map(({ kid }) => kid)).toEqual(['good']);
    expect(await world().ofSet(setOf(given()))).toEqual([]);
  });
});
