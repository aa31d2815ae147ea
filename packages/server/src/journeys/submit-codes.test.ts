import { heldKeys } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { submitCodes } from './submit-codes.ts';

const [first, second] = [
  { id: '1', bytes: new Uint8Array(32).fill(1) },
  { id: '2', bytes: new Uint8Array(32).fill(2) },
];

test('a code of before is compared under the key that made it, until that is gone (SEC-39, SEC-76)', () => {
  const before = submitCodes(heldKeys(first))('typed');
  expect(before).toMatch(/^[\w-]{43}$/);
  const during = submitCodes(heldKeys(second, first));
  expect(during('typed', before)).toBe(before);
  expect(during('something else', before)).not.toBe(before);
  const fresh = during('typed');
  expect(fresh).toMatch(/^2\.[\w-]{43}$/);
  expect(during('typed', fresh)).toBe(fresh);
  const after = submitCodes(heldKeys(second));
  expect(after('typed', fresh)).toBe(fresh);
  expect(after('typed', before)).not.toBe(before);
});
