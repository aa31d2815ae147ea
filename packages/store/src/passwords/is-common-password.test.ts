import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commonPasswords } from './is-common-password.ts';

/** The list itself, from the package that it is made of. */
const listed: readonly string[] = (
  JSON.parse(
    readFileSync(
      new URL('../../../../node_modules/@zxcvbn-ts/language-common/src/passwords.json', import.meta.url),
      'utf8',
    ),
  ) as string[]
).map((it) => it.toLowerCase());

test('every password of the list that is long enough is found, and what stands beside one is not (SEC-55)', async () => {
  const isCommon = await commonPasswords();
  const long = new Set(listed.filter((it) => it.length >= 8));
  expect(long.size).toBeGreaterThan(17_000);
  expect([...long].filter((it) => !isCommon(it))).toEqual([]);
  const others = [...long].flatMap((it) => [`${it}~`, `~${it}`, it.slice(1), it.slice(0, -1)]);
  const exact = others.filter((it) => isCommon(it) !== long.has(it));
  expect(exact).toEqual([]);
});

test.each([
  ['password123', true],
  ['changeit', true],
  ['iloveyou1', true],
  ['ch4ng31t!', false],
  ['', false],
  ['password1 password123', false],
  ['correct horse battery staple', false],
  ['\0', false],
  ['~~~~~~~~~~~~', false],
  ['パスワードパスワード', false],
])('%j is common: %s', async (password, expected) => {
  expect((await commonPasswords())(password)).toBe(expected);
});
