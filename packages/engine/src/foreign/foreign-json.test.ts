import { expect, test } from 'vitest';
import { parseForeignJson } from './foreign-json.ts';

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

test.each(['null', '"[[["', '{"a":[1,{"b":"c"}],"__proto__":1}', lists(32), objects(32), `[${'[],'.repeat(10_000)}1]`])(
  'reads what JSON.parse reads: %.40s',
  (text) => {
    expect(parseForeignJson(text)).toEqual(JSON.parse(text));
  },
);

test.each([
  ['33 lists', lists(33)],
  ['33 objects', objects(33)],
  ['9,000 lists', lists(9_000)],
  ['64 KiB of lists', lists(32_768)],
  ['a deep member among others', `{"a":1,"b":[0,${lists(32)}],"c":2}`],
])('refuses %s, and says why (SEC-94)', (_, text) => {
  expect(() => parseForeignJson(text)).toThrow('The JSON text is nested over 32 levels.');
});

test('refuses what is no JSON', () => {
  expect(() => parseForeignJson('{')).toThrow(SyntaxError);
});
