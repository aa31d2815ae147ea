import { expect, test } from 'vitest';
import { chooseLanguage, cookieOfLanguage, directionOf, languageOfCookies, timeLocaleOf } from './language.ts';

// The same rules as the server's choice of node texts (nodes-mfa.md §2.3).
test.each([
  ['nothing that we speak', 'xx', undefined, ['pt-BR'], 'en'],
  ['a tag that is none', '../de', undefined, ['__proto__', ''], 'en'],
  ['a parameter that we do not speak', 'pt', 'fr', ['de'], 'fr'],
  ['the parameter', 'ar_EG', 'fr', ['de'], 'ar'],
  ['the cookie', undefined, 'ja', ['de'], 'ja'],
  ['the browser', undefined, undefined, ['pt', 'DE-at'], 'de'],
  ['a shorter tag in its own turn', undefined, undefined, ['de-AT', 'fr', 'de'], 'fr'],
] as const)('chooses by %s', (_what, parameter, cookie, browser, language) => {
  expect(chooseLanguage({ parameter, cookie, browser })).toBe(language);
});

test.each(['assent-locale=xx', 'assent-locale=constructor', 'x-assent-locale=de', 'assent-locale', ''])(
  'a cookie that says nothing of use (%j) chooses nothing',
  (cookies) => {
    expect(languageOfCookies(cookies)).toBeUndefined();
  },
);

test('a choice is remembered below the context path alone, and over TLS only where there is TLS', () => {
  expect(cookieOfLanguage('de', 'https://x.example/am/')).toBe(
    'assent-locale=de; Path=/am; Max-Age=31536000; SameSite=Lax; Secure',
  );
  expect(cookieOfLanguage('ar', 'http://localhost:8080/')).toBe(
    'assent-locale=ar; Path=/; Max-Age=31536000; SameSite=Lax',
  );
  expect(languageOfCookies('a=b; assent-locale=de')).toBe('de');
});

test.each([
  ['en', ['de-CH', 'en-GB', 'en-US'], 'en-GB-u-nu-latn'],
  ['en', ['de-CH'], 'en-u-nu-latn'],
  ['de', ['DE-ch-u-nu-arab', 'en'], 'DE-ch-u-nu-latn'],
  ['ar', [], 'ar-u-nu-latn'],
  ['en', ['eng', 'en-US@posix', 'en-GB'], 'en-u-nu-latn'],
] as const)(
  'times of a page in %s, in a browser that prefers %s, are written as in %s',
  (language, browser, locale) => {
    expect(timeLocaleOf(language, browser)).toBe(locale);
  },
);

test('Arabic alone runs from right to left', () => {
  expect(directionOf('ar')).toBe('rtl');
  expect(directionOf('ja')).toBe('ltr');
});
