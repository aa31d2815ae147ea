import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linksOf, parseRichText, plainText, type RichText } from './rich-text.ts';

// SEC-71: display texts of the server are never interpreted as HTML beyond ten elements.
test.each([
  ['a script', 'a<script>alert(1)</script>b'],
  ['a script in capitals', 'a<SCRIPT >alert(1)</SCRIPT >b'],
  ['a style', 'a<style>*{}</style>b'],
  ['an image with a handler', 'a<img src=x onerror="alert(1)">b'],
  ['a comment', 'a<!-- <b>x</b> -->b'],
  ['an unclosed script', 'ab<script>alert(1)'],
  ['a drawing with a handler', 'a<svg onload=alert(1)><b>x</b></svg>b'],
])('%s leaves nothing behind', (_what, html) => {
  expect(parseRichText(html)).toEqual(['ab']);
});

test.each([
  'javascript:alert(1)',
  'http://example.com/',
  'data:text/html,x',
  '//example.com',
  '/am',
  'java\nscript:alert(1)',
  'https://user@example.com/',
  '',
])('a link to %j is only its words', (href) => {
  expect(parseRichText(`<a href="${href}">words</a>`)).toEqual(['words']);
});

test('attributes do not survive, but for the https address of a link', () => {
  expect(
    parseRichText(
      '<b onclick="x()" style="color:red">x</b><a class=y target=_blank href=\'https://example.com/?a=1&amp;b=2\'>z</a>',
    ),
  ).toEqual([
    { tag: 'b', children: ['x'] },
    { tag: 'a', href: 'https://example.com/?a=1&b=2', children: ['z'] },
  ]);
});

test('a greater-than sign in a quoted attribute does not end the tag', () => {
  expect(parseRichText('<b title="1>0">x</b>')).toEqual([{ tag: 'b', children: ['x'] }]);
});

test('signs that are no tags stay what they are', () => {
  expect(parseRichText('1 < 2 & 3 > 2 <')).toEqual(['1 < 2 & 3 > 2 <']);
});

test('entities are read once', () => {
  expect(parseRichText('&lt;b&gt; &amp;lt; &#65;&#x42; &unknown; &#0;')).toEqual(['<b> &lt; AB &unknown; &#0;']);
});

test('elements that cross are closed in order, and what nobody closed is closed at the end', () => {
  expect(parseRichText('<p>a<b>b</p>c</b><i>d')).toEqual([
    { tag: 'p', children: ['a', { tag: 'b', children: ['b'] }] },
    'c',
    { tag: 'i', children: ['d'] },
  ]);
});

test('blocks that are not kept still part the words around them', () => {
  expect(plainText(parseRichText('<div>one</div><div>two<br>three</div>')).trim()).toBe('one\n\ntwo\nthree');
});

test('links are found wherever they are', () => {
  expect(
    linksOf(
      parseRichText('<ul><li><a href="https://a.example/"><b>A</b></a></li></ul><a href="https://b.example/">B</a>'),
    ),
  ).toEqual([
    { href: 'https://a.example/', label: 'A' },
    { href: 'https://b.example/', label: 'B' },
  ]);
});

test('whatever the text is, nothing but the allowed elements and https links comes out', () => {
  const allowed = new Set(['a', 'b', 'strong', 'em', 'i', 'br', 'p', 'ul', 'ol', 'li']);
  const check = (it: RichText): void => {
    if (typeof it === 'string') return;
    expect(allowed.has(it.tag)).toBe(true);
    if (it.href !== undefined) expect(it.href).toMatch(/^https:\/\//);
    it.children.forEach(check);
  };
  const piece = fc.oneof(
    fc.constantFrom(
      '<',
      '>',
      '</',
      '"',
      "'",
      '=',
      ' ',
      '&',
      ';',
      '<a href=',
      'javascript:',
      'https://x/',
      '<b',
      '<script',
      '</script>',
      '<!--',
      '-->',
      '<svg/onload=',
      'p>',
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => parseRichText(pieces.join('')).forEach(check)));
});

test('a long text with many open signs is read in reasonable time', () => {
  expect(plainText(parseRichText('<a '.repeat(20_000))).length).toBeGreaterThan(0);
});
