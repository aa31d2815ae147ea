import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loginTemplate, type PageParts } from './page-html.ts';

/** The build puts the style sheet where its link would stand. */
const sheet = '<style nonce="">body { margin: 0 }</style>';
const source = readFileSync(new URL('../../../login.html', import.meta.url), 'utf8').replace(
  '</head>',
  `${sheet}</head>`,
);
const parts = { language: 'en', title: 'Sign in', theme: '', nonce: 'n', screen: '<p>x</p>', data: '{}' } as const;

test('what is put in is never looked at for marks', () => {
  const { page: html } = loginTemplate(source)({
    ...parts,
    title: '<!--screen-->',
    screen: '<!--data-->$&',
    data: '"$1"',
  });
  expect(html).toContain('<title><!--screen--></title>');
  expect(html).toContain('<div id="app" class="k-page"><!--data-->$&</div>');
  expect(html).toContain('<script type="application/json" id="page-data">"$1"</script>');
});

test('the page is in its language and its direction, and has a second style sheet only where the realm has a colour', () => {
  const fill = (given: PageParts) => loginTemplate(source)(given).page;
  expect(fill({ ...parts, language: 'ar' })).toContain('<html lang="ar" dir="rtl">');
  expect(fill(parts).match(/<style[^>]*>/g)).toEqual(['<style nonce="n">']);
  expect(fill({ ...parts, theme: ':root { --a: 1; }' })).toContain('<style nonce="n">:root { --a: 1; }</style>');
});

test.each([
  '<!--theme-->',
  '<style nonce="">',
  '<!--screen-->',
  '<!--data-->',
  '<html lang="en" dir="ltr">',
  '<title>Sign in – Assent</title>',
])('a built page without %s is refused, and so is one that has it twice', (mark) => {
  expect(() => loginTemplate(source.replace(mark, ''))).toThrow(`has ${mark} 0 times`);
  expect(() => loginTemplate(source + mark)).toThrow(`has ${mark} 2 times`);
});
