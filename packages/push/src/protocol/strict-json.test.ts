import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonObject } from './strict-json.ts';

test.each([
  '[]',
  'null',
  '"x"',
  '1',
  '',
  '{',
  '{"a":1,"a":2}',
  '{"response":"x","respons\\u0065":"y"}',
  '{"a":{"b":1,"b":1}}',
  '{"a":[{"b":1,"b":1}]}',
  '{"__proto__":{"deny":true}}',
  '{"a":{"__proto__":1}}',
  '{"\\u005f_proto__":1}',
  '\ufeff{}',
  '{"mechanismUid":"a\\u0000"}',
  '{"a":["\\udc00"]}',
  `{"a":${'['.repeat(4000)}${']'.repeat(4000)}}`,
])('refuses %s (A012)', (text) => {
  expect(parseJsonObject(text).ok).toBe(false);
});

test('colons and quotes inside strings are not members', () => {
  const value = { 'a:"b\\': '{"x":1,"x":2}', c: [':', { d: '\\"' }] };
  expect(parseJsonObject(JSON.stringify(value))).toEqual({ ok: true, value });
});

test('reads every object that JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('__proto__') && !text.includes('\\u0000'));
      expect(parseJsonObject(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});
