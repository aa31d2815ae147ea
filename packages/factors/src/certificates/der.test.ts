import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DER_TAG, derChildren, derNumber, derValues } from './der.ts';
import { keyDescriptionIn, readKeyDescription } from './key-description.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');

test('values are read one after the other, in the lengths and tags of DER', () => {
  expect(derValues(bytes('020101 bf8545020500'.replace(' ', '')))).toMatchObject([
    { tagClass: 0, tag: 2 },
    { tagClass: 2, tag: 709 },
  ]);
  expect(derNumber(derChildren(derValues(bytes('3004 02020100'.replace(' ', '')))[0], DER_TAG.sequence)[0], 2)).toBe(
    256,
  );
});

test.each([
  ['02', 'without a length'],
  ['0201', 'without contents'],
  ['0202aa', 'that is cut off'],
  ['3080', 'of indefinite length'],
  ['028101aa', 'with a length of more bytes than it takes'],
  ['02820001aa', 'with a length that begins with zero'],
  ['0284ffffffff', 'longer than anything'],
  ['bfffffffff', 'with a tag that does not end'],
])('%s is refused: a value %s', (hex) => {
  expect(() => derValues(bytes(hex))).toThrow(RangeError);
});

test('very many values are refused', () => {
  expect(() => derValues(Buffer.alloc(4_000))).toThrow(RangeError);
});

test('whatever bytes come, they are read or refused, and nothing else happens (WA-20)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
      for (const read of [derValues, keyDescriptionIn, readKeyDescription]) {
        try {
          read(any);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }),
  );
});
