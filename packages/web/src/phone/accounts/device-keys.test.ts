import { createHmac, createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { SECRET } from '../testing/phone-fixtures.ts';
import { answerChallenge, importCodeKey, importSharedKey, makeDeviceKey, signByDeviceKey } from './device-keys.ts';

test('no key can be read back', async () => {
  const keys = [await importSharedKey(SECRET), await importCodeKey(SECRET, 'SHA1'), (await makeDeviceKey()).privateKey];
  for (const key of keys) {
    expect(key.extractable).toBe(false);
    for (const format of ['raw', 'jwk', 'pkcs8'] as const) {
      await expect(crypto.subtle.exportKey(format, key)).rejects.toThrow();
    }
  }
});

// push-protocol.md §12.1
test('the answer to a challenge is the one of the worked example', async () => {
  const key = await importSharedKey(Buffer.from('vuUj5LiGHko89joabTsc1FWX8vcN8IIrc+KFRkCNe5k=', 'base64'));
  const challenge = Buffer.from('fPpwe+VqEbfjH61FSC5gfSK9LF5sM1kXetvAa+Geb2c=', 'base64');
  expect(await answerChallenge(key, challenge)).toBe('P/InVkw5+b4Y2LXwR4gZqt6cTLG+moIf8nlWKaJhWxw=');
});

test('a challenge that could spell a JWT is not answered (push-protocol §0.4)', async () => {
  const key = await importSharedKey(SECRET);
  for (const length of [0, 31, 33, 200]) {
    await expect(answerChallenge(key, new Uint8Array(length))).rejects.toThrow(RangeError);
  }
  const right = createHmac('sha256', SECRET).update(new Uint8Array(32)).digest('base64');
  expect(await answerChallenge(key, new Uint8Array(32))).toBe(right);
});

test('what its own key signs, others can check by the public half', async () => {
  const { privateKey, publicJwk } = await makeDeviceKey();
  const jwt = await signByDeviceKey({ mid: 'AUTHENTICATE:1' }, privateKey);
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  expect(Buffer.from(header, 'base64url').toString()).toBe('{"typ":"JWT","alg":"ES256"}');
  const key = createPublicKey({ key: { ...publicJwk }, format: 'jwk' });
  const input = Buffer.from(`${header}.${payload}`);
  const isGenuine = verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  expect(isGenuine).toBe(true);
  expect(publicJwk).not.toHaveProperty('d');
});
