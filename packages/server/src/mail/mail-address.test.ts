import { expect, test } from 'vitest';
import { readAddress } from './mail-address.ts';

test.each([
  ['demo@example.org', { name: '', address: 'demo@example.org' }],
  [' "Log in" <a@b.example> ', { name: 'Log in', address: 'a@b.example' }],
  ['<a@b.example>, <c@d.example>', undefined],
  ['a@b.example <c@d.example> x', undefined],
  [`${'a'.repeat(250)}@b.example`, undefined],
  ['', undefined],
])('reads %s as an address', (text, address) => {
  expect(readAddress(text)).toEqual(address);
});
