import { describe, expect, test } from 'vitest';
import { covers, patternFault, patternOf, resourceOf } from './resource-pattern.ts';

const covered = (pattern: string, text: string): boolean => {
  const [resource, compared] = [resourceOf(text), patternOf(pattern)];
  return resource !== undefined && compared !== undefined && covers(compared, resource);
};

describe('resources of policies (SEC-85)', () => {
  test.each([
    ['https://shop.example.com/a', 'https://shop.example.com:443/a'],
    ['http://shop.example.com:80/a/*', 'http://SHOP.example.com/a/b/c'],
    ['https://shop.example.com/*', 'https://shop.example.com/'],
    ['https://shop.example.com/*', 'https://shop.example.com/a?b=c/d&e'],
    ['https://shop.example.com/*?*', 'https://shop.example.com/a?b=c'],
    ['https://shop.example.com/*?*', 'https://shop.example.com/a'],
    ['https://shop.example.com/*/edit', 'https://shop.example.com/a/b/edit'],
    ['https://shop.example.com/a*b*c', 'https://shop.example.com/abbc'],
    ['https://shop.example.com/admin/*', 'https://shop.example.com/ADMIN/x'],
    ['https://shop.example.com/admin/*', 'https://shop.example.com/%61dmin/x'],
    ['https://shop.example.com/admin/*', 'https://shop.example.com/public/../admin/x'],
    ['https://shop.example.com/admin/*', 'https://shop.example.com/public/%2e%2E/admin/x'],
    ['https://shop.example.com/%61dmin/*', 'https://shop.example.com/admin/x'],
    ['https://shop.example.com./a', 'https://shop.example.com/a'],
    ['https://shop.example.com/a', 'https://shop.example.com.:443/a'],
    ['https://shop.example.com:8443/a', 'https://shop.example.com.:8443/a'],
    ['https://127.0.0.1/a', 'https://127.0.0.1./a'],
    ['https://bücher.example/a', 'https://xn--bcher-kva.example./a'],
    ['https://shop.example.com/É/*', 'https://shop.example.com/%c3%a9/x'],
    ['https://shop.example.com/e\u0301', 'https://shop.example.com/%C3%A9'],
    ['https://shop.example.com/100%25', 'https://shop.example.com/100%25'],
    ['https://shop.example.com/a%2Ab', 'https://shop.example.com/a*b'],
  ])('%s covers %s', (pattern, text) => {
    expect(patternFault(pattern)).toBeUndefined();
    expect(covered(pattern, text)).toBe(true);
  });

  test.each([
    ['https://shop.example.com/a', 'http://shop.example.com/a'],
    ['https://shop.example.com/a', 'https://shop.example.com:8443/a'],
    ['https://shop.example.com/a', 'https://shop.example.com.evil.test/a'],
    ['https://shop.example.com/a', 'https://evil.test/https://shop.example.com/a'],
    ['https://shop.example.com/a', 'https://shop.example.com/a/'],
    ['https://shop.example.com/a', 'https://shop.example.com/ab'],
    ['https://shop.example.com/a/*', 'https://shop.example.com/a'],
    ['https://shop.example.com/ab*bc', 'https://shop.example.com/abc'],
    ['https://shop.example.com/*a*b', 'https://shop.example.com/ba'],
    ['https://shop.example.com/a%2Ab', 'https://shop.example.com/axb'],
    ['https://shop.example.com/a%3Fb', 'https://shop.example.com/a?b'],
  ])('%s does not cover %s', (pattern, text) => {
    expect(patternFault(pattern)).toBeUndefined();
    expect(covered(pattern, text)).toBe(false);
  });

  test.each([
    'https://shop.example.com//admin',
    'https://shop.example.com/a%2Fadmin',
    'https://shop.example.com/a%5cadmin',
    'https://shop.example.com/a;x=1/admin',
    'https://shop.example.com/a%00',
    'https://shop.example.com/a%zz',
    'https://shop.example.com/a%2',
    'https://shop.example.com\\admin',
    'https://shop.example.com/a\tb',
    'https://shop.example.com/a#b',
    'https://shop.example.com/a%3Badmin',
    'https://shop.example.com/a%3b..%3b/admin',
    'https://shop.example.com/a%252fadmin',
    'https://shop.example.com/a%255Cadmin',
    'https://shop.example.com/a%25252fadmin',
    'https://shop.example.com/%2561dmin',
    'https://shop.example.com/a%253bb',
    'https://shop.example.com/a%0d%0ab',
    'https://shop.example.com/a%09',
    'https://shop.example.com/a%c0%afadmin',
    'https://shop.example.com/a%ff',
    'https://shop.example.com/a%ED%A0%80',
    'https://shop.example.com/a%CD%BEb',
    'https://shop.example.com../a',
    'https://shop..example.com/a',
    'https://./a',
    'https://user@shop.example.com/a',
    'https:shop.example.com/a',
    'ftp://shop.example.com/a',
    '/a',
    '',
    `https://shop.example.com/${'a'.repeat(2_000)}`,
  ])('is none that servers could read in different ways: %j', (text) => {
    expect(resourceOf(text)).toBeUndefined();
  });

  test('keeps the case of the path and the query, without the id of a transaction', () => {
    expect(resourceOf('https://shop.example.com/Pay?amount=5&_txid=abc&To=x')).toEqual({
      origin: 'https://shop.example.com',
      path: '/Pay',
      foldedPath: '/pay',
      query: '?amount=5&To=x',
    });
    expect(resourceOf('https://shop.example.com/Pay?_txid=abc')?.query).toBe('');
    expect(resourceOf('https://shop.example.com/Pay?not_txid=abc')?.query).toBe('?not_txid=abc');
  });

  test.each([
    'https://*.example.com/*',
    '*://*:*/*',
    '*',
    'https://shop.example.com',
    'https://shop.example.com/a?b=c',
    'https://shop.example.com/-*-/a',
    'https://shop.example.com/*a*b*c*d*e*f',
    'https://shop.example.com//a',
    'https://shop.example.com/a;b',
    'https://shop.example.com/a%3bb*',
    'https://shop.example.com/*%252f*',
    'https://shop.example.com/a%2fb',
    'https://shop.example.com/%ff*',
    'https://shop.example.com../*',
    'shop.example.com/*',
  ])('refuses the pattern %s with what to write in its place', (pattern) => {
    expect(patternFault(pattern)).toMatch(/^Must .*\.$/);
    expect(patternOf(pattern)).toBeUndefined();
  });

  test('compares every character with each of its escapes, in addresses and in patterns, or takes none of them', () => {
    const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
    const hex = (text: string) =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const refused: string[] = [];
    for (const character of [...ascii, 'é', 'É', 'ß', '漢', '😀']) {
      const [escaped, other] = [hex(character), hex(character).toUpperCase()];
      const at = (text: string) => `https://shop.example.com/a${text}b`;
      const isRefused = resourceOf(at(escaped)) === undefined;
      if (isRefused) refused.push(character);
      for (const pattern of [escaped, other]) {
        expect([character, patternFault(at(pattern)) !== undefined]).toEqual([character, isRefused]);
        expect([character, covered(at(pattern), at(other))]).toEqual([character, !isRefused]);
      }
      expect([character, resourceOf(at(escaped.replaceAll('%', '%25')))]).toEqual([character, undefined]);
      // These have a meaning of their own, or cannot be written without an escape.
      if (isRefused || /[%?#\s]/.test(character)) continue;
      expect([character, covered(at(escaped), at(character))]).toEqual([character, true]);
      expect([character, covered(at(character), at(escaped))]).toEqual([character, true]);
    }
    expect(refused).toEqual(ascii.filter((it) => /[\p{Cc}/\\;]/u.test(it)));
  });

  test('does work that grows with the length of an address, in each shape', () => {
    const pattern = `https://shop.example.com/*${'ab'.repeat(40)}c*${'ab'.repeat(40)}c*${'ab'.repeat(40)}c*`;
    expect(patternFault(pattern)).toBeUndefined();
    expect(covered(pattern, `https://shop.example.com/${'ab'.repeat(980)}`)).toBe(false);
  });
});
