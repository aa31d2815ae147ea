import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameJson } from './same-json.ts';

test('agrees with the texts of any two values', () => {
  const value = fc.jsonValue();
  fc.assert(fc.property(value, value, (a, b) => sameJson(a, b) === (JSON.stringify(a) === JSON.stringify(b))));
});

test('a copy has the same text, whatever it holds', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => sameJson(value, JSON.parse(JSON.stringify(value)))));
});

test('the order of members counts, and a member that has no text does not', () => {
  expect(sameJson({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(false);
  expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
});

test('an array is no object with numbers for names', () => {
  expect(sameJson(['x'], { 0: 'x' })).toBe(false);
});

test('what has a text of its own is judged by it', () => {
  expect(sameJson({ at: new Date(0) }, { at: new Date(1) })).toBe(false);
  expect(sameJson({ at: new Date(0) }, { at: new Date(0) })).toBe(true);
  expect(sameJson([Object(1)], [Object(2)])).toBe(false);
});
