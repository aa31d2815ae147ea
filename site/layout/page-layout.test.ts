import { expect, test } from 'vitest';
import type { Page } from '../content/page.ts';
import { type LayoutOptions, pageLayout } from './page-layout.ts';

const page = (source: string, title: string): Page => ({
  source,
  address: source.replace(/^docs\//, '').replace(/\.md$/, '.html'),
  title,
  summary: 'A "quoted" <summary>.',
  markdown: '',
  isFile: true,
});
const front = page('index.md', 'Assent');
const [mail, ldap] = [page('docs/guides/mail.md', 'Mail & more'), page('docs/guides/ldap.md', 'LDAP')];
const nodes = Array.from({ length: 3 }, (_, at) => page(`docs/nodes/n${at}.md`, `Node ${at}`));
const [node] = nodes as [Page];
const options: LayoutOptions = {
  map: {
    front,
    sections: [
      { title: 'Guides', groups: [{ title: 'Run it', pages: [mail, ldap] }], isFolded: false },
      { title: 'Nodes', index: node, groups: [{ pages: nodes.slice(1) }], isFolded: true },
    ],
  },
  assets: { script: 'assets/s.js', style: 'assets/s.css', icon: 'assets/i.svg', index: 'assets/p.js' },
};
const shown = (it: Page, more: Partial<LayoutOptions> = {}): string =>
  pageLayout(it, '<h1>It</h1>', { ...options, ...more });

test('what a page says of itself is escaped', () => {
  expect(shown(mail)).toContain('<title>Mail &amp; more · Assent</title>');
  expect(shown(mail)).toContain('content="A &quot;quoted&quot; &lt;summary&gt;."');
});

test('the navigation marks the page that is shown, and lists a part with many pages only to who is in it', () => {
  expect(shown(mail)).toContain('<a href="mail.html" aria-current="page">Mail &amp; more</a>');
  expect(shown(mail)).not.toContain('Node 1');
  expect(shown(node)).toContain('<a href="n1.html">Node 1</a>');
});

test('a page leads to the ones before and after it, in its part alone', () => {
  expect(shown(mail)).toMatch(/rel="next" href="ldap.html"/);
  expect(shown(mail)).not.toContain('rel="prev"');
  expect(shown(ldap)).not.toContain('rel="next"');
});

test('its source is named, and linked to where the repository can be read', () => {
  expect(shown(mail)).toContain('Source of this page: <code>docs/guides/mail.md</code>');
  expect(shown(mail, { sourceUrl: 'https://git.example.com/blob/main/' })).toContain(
    '<a href="https://git.example.com/blob/main/docs/guides/mail.md">',
  );
});

test('its policy allows nothing of anybody else, and no script or style in the page', () => {
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(shown(mail)) ?? [];
  expect(policy.split('; ')).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test('the page that is shown at any depth has addresses from the top of its server', () => {
  const missing = pageLayout(
    page('404.md', 'Gone'),
    '<a href="contents.html">All</a> <a href="#x">X</a>',
    options,
    '/docs/',
  );
  expect(
    [...missing.matchAll(/(?:href|src|action)="([^"]*)"/g)]
      .map(([, to = '']) => to)
      .filter((to) => !/^(\/docs\/|#)/.test(to)),
  ).toEqual([]);
  expect(missing).toContain('href="/docs/contents.html"');
});

test('headings are listed beside the text where there is more than one', () => {
  const two = '<h2 id="a"><a href="#a" class="s-anchor">One <code>x</code></a></h2><h2 id="b">Two</h2>';
  expect(pageLayout(mail, two, options)).toContain('<li><a href="#a">One x</a></li><li><a href="#b">Two</a></li>');
  expect(shown(mail)).not.toContain('On this page');
});
