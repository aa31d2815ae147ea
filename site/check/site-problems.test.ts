import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { siteProblems } from './site-problems.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const problemsOf = (files: Readonly<Record<string, string>>): readonly string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-site-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return siteProblems(folder, '/docs/');
};

const GUIDE = '<h1 id="mail">Mail</h1><a href="../index.html#top">Back</a>';

test('a site whose links and anchors are there has no problems', () => {
  const index =
    '<h1 id="top">Top</h1><a href="guides/mail.html#mail">Mail</a><a href="https://example.com/#x">Elsewhere</a>';
  expect(problemsOf({ 'index.html': index, 'guides/mail.html': GUIDE })).toEqual([]);
});

test('a link to a page that is not there is told, with the page that has it', () => {
  expect(
    problemsOf({ 'index.html': '<p id="top"><a href="guides/post.html">Mail</a></p>', 'guides/mail.html': GUIDE }),
  ).toEqual(['index.html: guides/post.html leads nowhere; there is no guides/post.html.']);
});

test.each([
  ['on the page itself', '#middle', 'index.html'],
  ['on another page', 'guides/mail.html#post', 'guides/mail.html'],
])('an anchor that is not there is told: %s', (_, href, file) => {
  expect(problemsOf({ 'index.html': `<a id="top" href="${href}">x</a>`, 'guides/mail.html': GUIDE })).toEqual([
    `index.html: ${href} leads nowhere; ${file} has no #${href.split('#')[1]}.`,
  ]);
});

test('the page that may be shown at any depth has links from the top', () => {
  const found = { 'index.html': '<p>Here</p>', '404.html': '<a href="/docs/index.html">Front</a>' };
  expect(problemsOf(found)).toEqual([]);
  expect(problemsOf({ ...found, '404.html': '<a href="/docs/gone.html">Front</a>' })).toHaveLength(1);
});

test.each([
  '<script src="https://cdn.example.com/a.js"></script>',
  '<img src="//cdn.example.com/a.png" alt="">',
  '<link rel="stylesheet" href="https://cdn.example.com/a.css">',
])('what a browser would load from elsewhere is told: %s', (html) => {
  expect(problemsOf({ 'index.html': html })).toEqual([expect.stringContaining('would be loaded from elsewhere')]);
});

test('a style sheet that loads something from elsewhere is told', () => {
  expect(problemsOf({ 'a.css': '@font-face { src: url(https://cdn.example.com/a.woff2) }' })).toHaveLength(1);
});

test.each(['<p style="color: red">x</p>', '<button onclick="go()">x</button>'])(
  'what the policy refuses is told: %s',
  (html) => {
    expect(problemsOf({ 'index.html': html })).toEqual([expect.stringContaining('is refused by the policy')]);
  },
);

test('an id that is there twice is told', () => {
  expect(problemsOf({ 'index.html': '<h2 id="a">A</h2><h2 id="a">A</h2>' })).toEqual([
    'index.html: the id a is there twice.',
  ]);
});
