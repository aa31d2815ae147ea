import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { HmacSha256 } from './hmac-sha256.ts';

test.each([
  [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
])('the code by the key %j is that of RFC 4231', (key, text, code) => {
  expect(Buffer.from(new HmacSha256(key).of(text), 'base64url').toString('hex')).toBe(code);
});

test('the code of a text is the same whatever came before it, and however long it is', () => {
  const key = Buffer.alloc(32, 7);
  const mac = new HmacSha256(key);
  for (const length of [9_000, 0, 1, 55, 64, 600, 4_096, 4_097, 600]) {
    const text = 'abc.'.repeat(Math.ceil(length / 4)).slice(0, length);
    expect(mac.of(text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
  }
});

test('a key that is longer than a block of the digest counts by its own digest', () => {
  const mac = new HmacSha256(Buffer.alloc(131, 0xaa));
  expect(mac.bytesOf('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex')).toBe(
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  );
});

test('bytes have the code that the same text has, and no key leaves a trace in the next', () => {
  const [one, other] = [new HmacSha256(Buffer.alloc(64, 1)), new HmacSha256(Buffer.alloc(32, 2))];
  for (const mac of [one, other, one]) {
    const bytes = mac.bytesOf(Buffer.from('abc'));
    expect(bytes.toString('base64url')).toBe(mac.of('abc'));
    expect(mac.bytesOf('abc')).toEqual(bytes);
  }
  expect(other.of('abc')).toBe(createHmac('sha256', Buffer.alloc(32, 2)).update('abc').digest('base64url'));
});
