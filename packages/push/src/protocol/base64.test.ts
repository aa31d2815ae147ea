import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeBase64,
  decodeBase64UrlExactly,
  decodeText,
  encodeBase64,
  encodeBase64Url,
  encodeTextUrl,
  utf8Text,
} from './base64.ts';

test.each(['A', 'AAAAA', 'AA A', 'AAAA\n', 'AA==AA', 'A===', '====', 'AAA*', 'AAAé', 'ＡＡＡＡ', 'AAA\u0000'])(
  'refuses %j',
  (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  },
);

test.each(['AB', 'AAB', 'AA==', 'AA+A', 'AA/A', 'A'])(
  'the exact decoder refuses %j, which nobody encodes so',
  (text) => {
    expect(decodeBase64UrlExactly(text)).toBeUndefined();
  },
);

test('a key that somebody made by hand may end in bits that belong to no byte', () => {
  expect(decodeBase64('AB')).toEqual(Uint8Array.of(0));
  expect(decodeBase64('AP_')).toEqual(Uint8Array.of(0, 0xff));
});

test('bytes that are not UTF-8 are no text, and a byte order mark stays', () => {
  expect(utf8Text(Uint8Array.of(0xff, 0xfe))).toBeUndefined();
  expect(decodeText('_w')).toBeUndefined();
  expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b))).toBe('\ufeff{');
});

test.each([3_071, 3_072, 3_073, 20_000])('encodes %d bytes, and a few after them, as Buffer does', (length) => {
  const many = Uint8Array.from({ length }, (_, at) => at * 7);
  const few = Uint8Array.of(1, 2);
  for (const bytes of [many, few]) {
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
  }
});

test('encodes as Buffer does, and reads every spelling of it back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const standard = encodeBase64(bytes);
      const urlSafe = encodeBase64Url(bytes);
      expect(standard).toBe(Buffer.from(bytes).toString('base64'));
      expect(urlSafe).toBe(Buffer.from(bytes).toString('base64url'));
      for (const spelling of [standard, urlSafe, standard.replaceAll('=', ''), urlSafe.padEnd(standard.length, '=')]) {
        expect(decodeBase64(spelling)).toEqual(bytes);
      }
      expect(decodeBase64UrlExactly(urlSafe)).toEqual(bytes);
    }),
  );
});

test('well-formed text comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeText(encodeTextUrl(text))).toBe(text);
    }),
  );
});
