import { expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.ts';

test.each([
  ['', 'not valid JSON'],
  ['{"a":1} x', 'not valid JSON'],
  ['// c\n{}', 'not valid JSON'],
  ['{"authId":1,"authId":2}', 'occurs twice'],
  ['{"a":{"b":1,"\\u0062":2}}', 'occurs twice'],
  ['{"__proto__":{"isAdmin":true}}', '__proto__ is not allowed'],
  ['{"a":[{"constructor":1}]}', 'constructor is not allowed'],
  ['{"prototype":1}', 'prototype is not allowed'],
  [`${'['.repeat(40)}1${']'.repeat(40)}`, 'nested too deeply'],
  [JSON.stringify(Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`k${at}`, 0]))), 'too many members'],
])('%.40s is refused (SEC-65, A151, A152)', (text, message) => {
  expect(() => parseStrictJson(text)).toThrow(message);
});

test.each(['{"a":"x:y \\"q\\": z","b":[{"c":1},{"c":2}]}', '[]', 'null', '"a:b"', '{"":":"}'])('%s is read', (text) => {
  expect(parseStrictJson(text)).toEqual(JSON.parse(text));
});

const HALF = '\\ud800';

test.each([
  ['{"a":"x\\u0000"}', 'The member a holds'],
  [`{"a":{"b":[1,{"c":"${HALF}x"}]}}`, 'The member a/b/1/c holds'],
  [`{"a":"\\ude00${HALF}"}`, 'The member a holds'],
  ['{"a\\u0000b":1}', 'The member ab holds'],
  ['["\\u0000"]', 'The member 0 holds'],
  ['"\\u0000"', 'The body holds'],
  ['{"a":"x\ud800"}', 'The member a holds'],
])('%j is refused by the member that no store can keep (OPS-15)', (text, message) => {
  expect(() => parseStrictJson(text)).toThrow(
    new SyntaxError(`${message} a NUL character or half of a surrogate pair; leave that out.`),
  );
});

test.each(['{"a":"\\ud83d\\ude00","b":"\\u0001\\u00e9😀"}', '{"a":"\\\\u0000"}'])(
  '%s is whole, however it is escaped (OPS-15)',
  (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  },
);
