import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copyOfJson, isJson } from './json-value.ts';

test('what JSON gives is JSON, and its copy holds the same and shares nothing', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text);
      const copy = copyOfJson(value);
      expect(isJson(value)).toBe(true);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
    }),
  );
});

test('a copy has a member of its own where the text had one called __proto__', () => {
  const copy = copyOfJson(JSON.parse('{"__proto__":{"admin":true}}')) as { readonly admin?: boolean };
  expect(copy.admin).toBeUndefined();
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true}}');
});

test.each([
  undefined,
  Number.NaN,
  new Date(0),
  new Map(),
  { of: undefined },
  [undefined],
  new Array(1),
  { toJSON: () => 1 },
  Object.create(null),
])('%s is none', (value) => {
  expect(isJson(value)).toBe(false);
  expect(isJson({ inside: [value] })).toBe(false);
});
