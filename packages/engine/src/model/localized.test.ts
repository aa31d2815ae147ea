import { describe, expect, test } from 'vitest';
import { canonicalLocale, fillIn, INVALID_LOCALE, localized, selectLocale, selectText } from './localized.ts';

describe('a map of texts in the settings', () => {
  test.each([['xx-notalocale'], ['english'], ['en_'], [''], ['zz']])('refuses the tag %j at its own path', (tag) => {
    const parsed = localized().safeParse({ en: 'Hello', [tag]: 'x' });
    expect(parsed.error?.issues).toMatchObject([{ message: INVALID_LOCALE, path: [tag] }]);
  });

  test.each([
    ['en_GB', 'en-GB'],
    ['en-gb', 'en-GB'],
    ['PT-br', 'pt-BR'],
    ['de', 'de'],
  ])('spells %s as %s', (given, canonical) => {
    expect(localized().parse({ [given]: 'text' })).toEqual({ [canonical]: 'text' });
    expect(canonicalLocale(given)).toBe(canonical);
  });

  test('refuses a text that is none', () => {
    expect(localized().safeParse({ en: 1 }).success).toBe(false);
  });

  test('is empty where it is missing', () => {
    expect(localized().parse(undefined)).toEqual({});
  });
});

describe('the best locale', () => {
  test.each([
    [['en-GB', 'en'], ['en'], 'en'],
    [['en'], ['en-GB'], 'en'],
    [['en-GB'], ['en'], undefined],
    [['en-US'], ['en-GB'], undefined],
    [['de', 'fr'], ['fr', 'de'], 'fr'],
    [['de'], ['fr', 'de-CH'], 'de'],
    [['en', 'fr'], ['en-GB', 'fr', 'en'], 'fr'],
    [['ca'], ['ca-ES-valencia'], 'ca'],
    [['EN'], ['en'], 'EN'],
    [[], ['en'], undefined],
    [['en'], [], undefined],
  ])('of %j for a reader of %j is %s', (candidates, preferred, best) => {
    expect(selectLocale(candidates, preferred)).toBe(best);
  });
});

describe('the author’s text', () => {
  const texts = { fr: 'Bonjour', de: 'Hallo' };
  test.each([
    ['realm-then-first', ['es'], ['de'], 'Hallo'],
    ['realm-then-first', ['es'], ['ja'], 'Bonjour'],
    ['first', ['es'], ['de'], 'Bonjour'],
    ['bundled', ['es'], ['de'], undefined],
    ['bundled', ['de-AT'], ['fr'], 'Hallo'],
  ] as const)('with style %s for a reader of %j in a realm of %j is %s', (style, preferred, realm, text) => {
    expect(selectText(texts, preferred, style, realm)).toBe(text);
  });

  test('is nobody’s where the map is empty', () => {
    expect(selectText({}, ['en'], 'realm-then-first', ['en'])).toBeUndefined();
  });
});

describe('values in a text', () => {
  test('stand wherever their name stands, with "$" and backslashes as they are', () => {
    expect(fillIn('{{user}} and {{user}}', { user: '$& \\1' })).toBe('$& \\1 and $& \\1');
  });

  test('are not looked into for other names', () => {
    expect(fillIn('{{one}} {{two}}', { one: '{{two}}', two: 'x' })).toBe('{{two}} x');
  });

  test('leave names alone that have no value', () => {
    expect(fillIn('{{user}} {{other}}', { user: 'demo' })).toBe('demo {{other}}');
  });
});
