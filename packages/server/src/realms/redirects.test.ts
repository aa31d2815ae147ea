import { expect, test } from 'vitest';
import { newRealmSettings } from './realm-defaults.ts';
import { isAllowedRedirect } from './redirects.ts';

const PUBLIC_URL = 'https://login.example.com/am';
const realm = {
  ...newRealmSettings('/', PUBLIC_URL),
  gotoDestinations: ['https://app.example.com/*', 'https://one.example.com/exact', 'https://any.example.com*'],
};

test.each([
  '',
  '//evil',
  '\\\\evil',
  'https:evil',
  'https://good@evil',
  'https://app.example.com@evil.com/',
  'https://app.example.com.evil/',
  'http://app.example.com/x',
  'https://any.example.com.evil/',
  'https://any.example.com:444/',
  'https://one.example.com/exact2',
  'javascript:alert(1)',
  'data:text/html,x',
  '/%0d%0aSet-Cookie:x\r\n',
  '/%5cevil',
  '/\tevil',
  '/..//evil.com',
  '/x/../..//evil.com',
  'https://login.example.com//evil.com',
  `/${'x'.repeat(2_048)}`,
])('a goto of %j is not followed (SEC-64, A144)', (url) => {
  expect(isAllowedRedirect(url, realm, PUBLIC_URL)).toBe(false);
});

test.each([
  '/am/account',
  '/am/account?tab=1#top',
  'https://login.example.com/am/console',
  'https://app.example.com/deep/link?x=1',
  'https://one.example.com/exact',
  'https://any.example.com/deep',
])('a goto of %j is followed', (url) => {
  expect(isAllowedRedirect(url, realm, PUBLIC_URL)).toBe(true);
});

test('without a list only our own origin is left', () => {
  expect(isAllowedRedirect('https://app.example.com/x', newRealmSettings('/', PUBLIC_URL), PUBLIC_URL)).toBe(false);
});
