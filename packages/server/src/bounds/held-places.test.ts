import { expect, test } from 'vitest';
import { HeldPlaces } from './held-places.ts';

const at = (owner: string, clientAddress: string) => ({ owner, clientAddress });

test('there is no place beyond what an owner, a source or the server may have, until one is given back (A7, REL-14)', () => {
  const places = new HeldPlaces({ most: 4, mostOfSource: 3, mostOfOwner: 2 });
  const first = places.take(at('one', '2001:db8::1'));
  places.take(at('one', '2001:db8::2'));
  expect(places.refusal(at('one', '203.0.113.1'))).toBe('too-many-of-owner');
  places.take(at('two', '2001:db8::3'));
  expect(places.refusal(at('three', '2001:db8::4'))).toBe('too-many-of-source');
  places.take(at('three', '203.0.113.1'));
  expect(places.refusal(at('four', '203.0.113.2'))).toBe('full');
  first();
  first();
  expect(places.refusal(at('one', '2001:db8::1'))).toBeUndefined();
  places.take(at('one', '2001:db8::1'));
  expect(places.refusal(at('four', '203.0.113.2'))).toBe('full');
});
