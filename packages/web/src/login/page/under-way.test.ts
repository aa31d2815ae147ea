import { expect, test } from 'vitest';
import { cookieOfUnderWay, isUnderWay } from './under-way.ts';

test.each([
  ['', false],
  ['other=1', false],
  ['xassent-under-way=1', false],
  ['assent-under-way=', false],
  ['jb=abc; assent-under-way=1', true],
])('the cookies %j say that a journey is under way: %s', (cookies, expected) => {
  expect(isUnderWay(cookies)).toBe(expected);
});

test('the cookie is for the login page alone, and only where the page is encrypted for such connections', () => {
  expect(cookieOfUnderWay(true, { context: 'http://localhost:8080/am/', path: '/am/login' })).toBe(
    'assent-under-way=1; Path=/am/login; Max-Age=3600; SameSite=Strict',
  );
  expect(cookieOfUnderWay(false, { context: 'https://id.example.com/', path: '/login' })).toBe(
    'assent-under-way=1; Path=/login; Max-Age=0; SameSite=Strict; Secure',
  );
});
