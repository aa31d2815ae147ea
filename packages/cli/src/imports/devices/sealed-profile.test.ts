import { createPrivateKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { SEALED_PROFILES } from '../../testing/sealed-profiles.ts';
import { isSealedProfile, openProfile } from './sealed-profile.ts';

const { key, otherKey, profile, sealed } = SEALED_PROFILES;
const right = createPrivateKey({ key, format: 'jwk' });
const wrong = createPrivateKey({ key: otherKey, format: 'jwk' });
const [am = ''] = Object.values(sealed);
const parts = am.split('.');

test.each(Object.entries(sealed))(
  'what another program has sealed by %s opens with the key, and with no other',
  (_, text) => {
    expect(isSealedProfile(text)).toBe(true);
    expect(openProfile(text, right)).toBe(profile);
    expect(openProfile(text, wrong)).toBeUndefined();
  },
);

test('a profile in clear is not sealed', () => {
  for (const text of [profile, '', 'a.b.c', `${am}.x`, 'a.b.c.d.{}']) expect(isSealedProfile(text)).toBe(false);
});

test.each([
  ['its header', 0],
  ['its key', 1],
  ['its vector', 2],
  ['its text', 3],
  ['its tag', 4],
])('nothing opens with one bit of %s changed', (_what, at) => {
  const bytes = Buffer.from(parts[at] ?? '', 'base64url');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  const forged = parts.map((part, index) => (index === at ? bytes.toString('base64url') : part)).join('.');
  expect(openProfile(forged, right)).toBeUndefined();
});

test.each([
  ['another algorithm', { alg: 'dir', enc: 'A256CBC-HS512' }],
  ['another encryption', { alg: 'RSA1_5', enc: 'A256GCM' }],
  ['an encryption that Object has', { alg: 'RSA1_5', enc: 'constructor' }],
  ['compression', { alg: 'RSA1_5', enc: 'A256CBC-HS512', zip: 'DEF' }],
])('%s is not opened', (_what, header) => {
  const head = Buffer.from(JSON.stringify(header)).toString('base64url');
  expect(openProfile([head, ...parts.slice(1)].join('.'), right)).toBeUndefined();
});
