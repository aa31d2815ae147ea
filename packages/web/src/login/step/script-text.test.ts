import { expect, test } from 'vitest';
import { linksOfScript, unescapeScript } from './script-text.ts';

test('only https links come out of a script', () => {
  const script = String.raw`x.innerHTML = '<a href=\'javascript:alert(1)\'>A</a><a target=\'_blank\' href=\'https://apps.example/1\'>B</a> <a href="http://x.example">C</a>';`;
  expect(linksOfScript(script)).toEqual([{ href: 'https://apps.example/1', label: 'B' }]);
});

test('links are found behind every escape of a string literal', () => {
  expect(linksOfScript(String.raw`\x3Ca href=\"https:\/\/apps.example\/x\"\u003Ethe \u{41}pp\u003C/a\u003E`)).toEqual([
    { href: 'https://apps.example/x', label: 'the App' },
  ]);
});

test('a script without links has none, however much it looks like a program', () => {
  expect(linksOfScript('for (let a = 0; a<b; a++) { if (a > 1) run(); }')).toEqual([]);
});

test('escapes are undone once', () => {
  expect(unescapeScript(String.raw`a\\n\n\'\q`)).toBe("a\\n\n'q");
});
