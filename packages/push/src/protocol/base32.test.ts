import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase32, encodeBase32 } from './base32.ts';

/** RFC 4648 §10. */
test.each([
  ['', ''],
  ['f', 'MY======'],
  ['fo', 'MZXQ===='],
  ['foo', 'MZXW6==='],
  ['foob', 'MZXW6YQ='],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI======'],
])('%j is %s', (text, encoded) => {
  expect(encodeBase32(new TextEncoder().encode(text))).toBe(encoded);
  for (const spelling of [encoded, encoded.replaceAll('=', ''), encoded.toLowerCase()]) {
    expect(new TextDecoder().decode(decodeBase32(spelling))).toBe(text);
  }
});

test.each(['0189', 'MZXW6!TB', 'M', 'MZX', 'MZXW6Y', 'MZ XQ', 'MZXW6=TB'])('refuses %j', (text) => {
  expect(decodeBase32(text)).toBeUndefined();
});

test('a key that somebody made by hand may end in bits that belong to no byte', () => {
  expect(decodeBase32('ABCD')).toEqual(Uint8Array.of(0x00, 0x44));
});

test('reads back whatever it has written', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
    }),
  );
});
