import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newRsaKeyPair } from '../testing/bound-phone.ts';
import { BoundPhone, type OtherWords } from '../testing/index.ts';
import { verifyBinding } from './verify-binding.ts';

const NOW = 1_760_000_300_000;
const SECONDS = NOW / 1_000;
const USER = 'id=demo,ou=user,ou=services,ou=am-config';
const CHALLENGE = randomBytes(32).toString('base64');
const asked = { userId: USER, challenge: CHALLENGE, now: NOW };
const expected = {
  applicationIds: ['com.example.other', 'com.example.app'],
  subject: USER,
  challenge: CHALLENGE,
  timeoutSeconds: 60,
  now: NOW,
};
const ios = new BoundPhone({ platform: 'ios', kid: 'B6E1A2C0-4B5A-4B1E-9E0B-5C2C6D8B7A10' });
const android = new BoundPhone({ platform: 'android', kid: '3f6d2c1e-9b1a-4a7e-8f3e-0a1b2c3d4e5f' });
const reasonOf = async (jws: string, change: Partial<typeof expected> = {}) => {
  const verified = await verifyBinding(jws, { ...expected, ...change });
  return verified.ok ? 'bound' : verified.reason;
};
const bound = (other: OtherWords, phone = ios) => reasonOf(phone.bind(asked, other));

describe('an app that has made a key (A10)', () => {
  test.each([
    ['Android', android, 'RSA', 'RS512'],
    ['iOS', ios, 'EC', 'ES256'],
  ])('on %s is bound by the public members of it', async (_name, phone, kty, alg) => {
    const verified = await verifyBinding(phone.bind(asked, { jwk: { x5c: ['AAAA'], more: 1 } }), expected);
    expect(verified).toMatchObject({
      ok: true,
      binding: { kid: phone.kid, applicationId: 'com.example.app', certificates: ['AAAA'] },
    });
    const { key } = (verified as Extract<typeof verified, { ok: true }>).binding;
    expect(key).toEqual(phone.jwk);
    expect(key).toMatchObject({ kty, alg, kid: phone.kid, use: 'sig' });
  });

  test('may add claims of its own, and leave out those that it need not have', async () => {
    expect(await bound({ claims: { device: { model: 'x' }, iat: undefined, nbf: undefined } })).toBe('bound');
    expect(await bound({ jwk: { alg: undefined, kid: undefined, use: undefined } })).toBe('bound');
  });

  test('has a clock that may be off by half a minute', async () => {
    expect(await bound({ claims: { exp: SECONDS - 29, iat: SECONDS + 30, nbf: SECONDS + 30 } })).toBe('bound');
  });
});

describe('is not bound (WA-41, WA-42)', () => {
  test.each([
    ['an answer to another question', { challenge: randomBytes(32).toString('base64') }, 'challenge'],
    [
      'the challenge in the other alphabet',
      { challenge: Buffer.from(CHALLENGE, 'base64').toString('base64url') },
      'challenge',
    ],
    ['no challenge', { challenge: undefined }, 'challenge'],
    ['a challenge that is no text', { challenge: [CHALLENGE] }, 'challenge'],
    ['a foreign app', { iss: 'com.example.evil' }, 'issuer'],
    ['no app', { iss: undefined }, 'issuer'],
    ['an app without a name', { iss: '' }, 'issuer'],
    ['several apps', { iss: ['com.example.app'] }, 'issuer'],
    ['another user', { sub: 'id=eve,ou=user,ou=services,ou=am-config' }, 'subject'],
    ['the user in another spelling', { sub: USER.toUpperCase() }, 'subject'],
    ['the bare name of the user', { sub: 'demo' }, 'subject'],
    ['no user', { sub: undefined }, 'subject'],
    ['no end', { exp: undefined }, 'time'],
    ['an end that is text', { exp: String(SECONDS + 60) }, 'time'],
    ['an end that is over', { exp: SECONDS - 30 }, 'expired'],
    ['an end that is too far', { exp: SECONDS + 60 + 301 }, 'expiresTooLate'],
    ['a beginning that is to come', { nbf: SECONDS + 31 }, 'notYet'],
    ['a beginning that is text', { nbf: 'now' }, 'time'],
    ['a time of issue that is to come', { iat: SECONDS + 31 }, 'issuedLater'],
  ])('by %s', async (_what, claims, reason) => {
    expect(await bound({ claims })).toBe(reason);
  });

  test('where no app is listed, nor by an empty name in the list', async () => {
    expect(await reasonOf(ios.bind(asked), { applicationIds: [] })).toBe('issuer');
    expect(await reasonOf(ios.bind(asked, { claims: { iss: '' } }), { applicationIds: [''] })).toBe('issuer');
  });

  test('by an end that is exactly as far as can be, one second later', async () => {
    expect(await bound({ claims: { exp: SECONDS + 360 } })).toBe('bound');
    expect(await reasonOf(ios.bind(asked, { claims: { exp: SECONDS + 360 } }), { now: NOW - 1_000 })).toBe(
      'expiresTooLate',
    );
  });
});

describe('is not bound by a header that is not of the list (WA-43)', () => {
  const rsa = android.jwk;
  test.each([
    ['none', { alg: 'none' }, 'algorithm'],
    ['NONE', { alg: 'NONE' }, 'algorithm'],
    ['HMAC', { alg: 'HS256' }, 'algorithm'],
    ['EdDSA', { alg: 'EdDSA' }, 'algorithm'],
    ['a list of algorithms', { alg: ['ES256'] }, 'algorithm'],
    ['no algorithm', { alg: undefined }, 'algorithm'],
    ['another algorithm than the key has', { alg: 'ES384' }, 'keyMismatch'],
    ['an algorithm of another kind of key', { alg: 'RS512' }, 'keyMismatch'],
    ['crit', { crit: ['exp'] }, 'critical'],
    ['an empty crit', { crit: [] }, 'critical'],
    ['b64', { crit: ['b64'], b64: false }, 'critical'],
    ['no key', { jwk: undefined }, 'noKey'],
    ['a key that is a text', { jwk: 'key' }, 'noKey'],
    ['a symmetric key', { jwk: { kty: 'oct', k: 'AAAA' } }, 'privateKey'],
    ['a key of a curve for other things', { jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } }, 'keyType'],
    ['no kid', { kid: undefined }, 'kid'],
    ['a kid that is a path', { kid: '../../demo' }, 'kid'],
    ['a kid with a blank', { kid: 'a b' }, 'kid'],
    ['a kid without end', { kid: 'x'.repeat(129) }, 'kid'],
    ['another kid than the key has', { kid: 'other' }, 'keyMismatch'],
  ])('%s', async (_what, header, reason) => {
    expect(await bound({ header })).toBe(reason);
  });

  test('nor by a key that was private, is for encryption, or names another algorithm', async () => {
    expect(await bound({ jwk: { d: 'AAAA' } })).toBe('privateKey');
    expect(await bound({ jwk: { p: 'AAAA' } }, android)).toBe('privateKey');
    expect(await bound({ jwk: { use: 'enc' } })).toBe('keyMismatch');
    expect(await bound({ jwk: { alg: 'ES512' } })).toBe('keyMismatch');
  });

  test('nor by a key that is weak, or none', async () => {
    const weak = newRsaKeyPair(1_024).publicKey.export({ format: 'jwk' });
    expect(await bound({ jwk: { n: weak.n } }, android)).toBe('weakKey');
    expect(await bound({ jwk: { e: 'AQ' } }, android)).toBe('weakKey');
    expect(await bound({ jwk: { n: 7 } }, android)).toBe('keyType');
    const point = Buffer.alloc(32, 7).toString('base64url');
    expect(await bound({ jwk: { x: point, y: point } })).toBe('keyType');
  });

  test('nor by an HMAC under the RSA key', async () => {
    const input = android
      .bind(asked, { header: { alg: 'HS512' }, jwk: { alg: undefined } })
      .split('.')
      .slice(0, 2)
      .join('.');
    const key = android.publicKey.export({ type: 'spki', format: 'pem' });
    const mac = createHmac('sha512', key).update(input).digest('base64url');
    expect(await reasonOf(`${input}.${mac}`)).toBe('algorithm');
  });

  test('and keys elsewhere are not looked for', async () => {
    const elsewhere = { jku: 'https://evil.example/keys', x5u: 'https://evil.example/chain', x5c: ['AAAA'] };
    expect(await bound({ header: elsewhere })).toBe('bound');
    expect(await bound({ header: { jwk: { ...rsa, kid: ios.kid } } })).toBe('keyMismatch');
  });
});

describe('is not bound by a text that is not what was signed', () => {
  const jws = ios.bind(asked);
  const [head = '', payload = '', signature = ''] = jws.split('.');

  test('by another key', async () => {
    const stranger = new BoundPhone({ kid: ios.kid });
    const input = `${head}.${payload}`;
    expect(await reasonOf(`${input}.${stranger.signature(input).toString('base64url')}`)).toBe('signature');
    expect(await bound({ header: { jwk: stranger.jwk } })).toBe('signature');
  });

  test('with one bit flipped in any part of it', async () => {
    const flipped = (segment: string) => {
      const bytes = Buffer.from(segment, 'base64url');
      bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
      return bytes.toString('base64url');
    };
    expect(await reasonOf(`${flipped(head)}.${payload}.${signature}`)).not.toBe('bound');
    expect(await reasonOf(`${head}.${flipped(payload)}.${signature}`)).not.toBe('bound');
    expect(await reasonOf(`${head}.${payload}.${flipped(signature)}`)).toBe('signature');
  });

  test.each([
    ['nothing', ''],
    ['dots alone', '..'],
    ['three words', 'x.y.z'],
    ['a header alone', head],
    ['no signature', `${head}.${payload}`],
    ['an empty signature', `${head}.${payload}.`],
    ['no claims', `${head}..${signature}`],
    ['four parts', `${jws}.x`],
    ['a blank before it', ` ${jws}`],
    ['padding', `${jws}=`],
    ['padding inside', `${head}.${payload}=.${signature}`],
    ['very much', 'x'.repeat(40_000)],
    ['the JSON form', JSON.stringify({ protected: head, payload, signature })],
  ])('nor by %s, which is no compact JWS', async (_what, text) => {
    expect(await reasonOf(text)).toBe('malformed');
  });

  test.each([
    ['a member twice', `{"sub":"${USER}","sub":"x"}`],
    ['an array', '[]'],
    ['half a surrogate', '{"sub":"\\ud800"}'],
  ])('nor by claims with %s', async (_what, text) => {
    const input = `${head}.${Buffer.from(text).toString('base64url')}`;
    expect(await reasonOf(`${input}.${ios.signature(input).toString('base64url')}`)).toBe('malformed');
  });
});
