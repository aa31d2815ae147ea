import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readContent } from '../content/all-pages.ts';
import { markdownRenderer } from '../markdown/renderer.ts';
import { Targets } from '../markdown/targets.ts';
import { searchedPages } from '../search/sections.ts';
import { searchOver } from './find-sections.ts';

const ROOT = join(import.meta.dirname, '../..');

test.each([
  ['ASSENT_DATABASE_URL', ['ASSENT_DATABASE_URL', 'database url', 'assent']],
  ['PushDevices', ['PushDevices', 'devices', 'push devices']],
  ['--port 80', ['--port', 'port', '80']],
])('%s is found whole and by its parts', (text, queries) => {
  const search = searchOver([['a.html', 'A', 'Guides', [['', '', text]]]]);
  expect(queries.filter((query) => search(query).length !== 1)).toEqual([]);
});

test('a word with a slip is found, after those without one, and a guide before what is about the code', () => {
  const search = searchOver([
    ['slip.html', 'A', 'Interfaces', [['', '', 'The databse.']]],
    ['api.html', 'B', 'Interfaces', [['', '', 'The database.']]],
    ['guide.html', 'C', 'Guides', [['', '', 'The database.']]],
  ]);
  expect(search('database').map(({ href }) => href)).toEqual(['guide.html', 'api.html', 'slip.html']);
});

test('a section is found by its heading at its anchor, and its page is not', () => {
  const search = searchOver([
    [
      'a.html',
      'Mail',
      'Guides',
      [
        ['', '', 'Words.'],
        ['by-which-server', 'Say by which server', 'Some host.'],
      ],
    ],
  ]);
  expect(search('which server')).toMatchObject([
    { href: 'a.html#by-which-server', page: 'Mail', heading: 'Say by which server' },
  ]);
  expect(search('mail').map(({ href }) => href)).toEqual(['a.html']);
});

describe('over the documentation', () => {
  const content = readContent(ROOT);
  const sources = new Map(content.pages.map((page) => [page.source, page]));
  const markdown = markdownRenderer(
    new Targets(ROOT, content.pages, undefined),
    (path) => sources.get(path) ?? content.front,
  );
  const tokens = new Map(
    content.pages.map((page) => [page, markdown.parse(page.markdown, { page: { inputPath: page.source } })]),
  );
  const search = searchOver(searchedPages(content, tokens));
  const first = (query: string): string | undefined => search(query)[0]?.href;

  test.each([
    ['Push Sender', 'reference/nodes/push-authentication-sender.html'],
    ['PushAuthenticationSenderNode', 'reference/nodes/push-authentication-sender.html'],
    ['glossary', 'glossary.html'],
    ['leaving pingam', 'guides/leaving-pingam.html'],
    // What operators would look for, in their words.
    ['backup', 'guides/backup.html'],
    ['restore', 'guides/backup.html'],
    ['monitoring', 'guides/monitoring.html'],
    ['audit trail', 'guides/logs-and-audit.html'],
    ['upgrade', 'guides/upgrade.html'],
    ['exit code', 'reference/commands.html#exit-codes'],
  ])('%s comes first where it is what the page is about', (query, href) => {
    expect(first(query)).toBe(href);
  });

  // Other pages may come to say more of it; it has to stay findable.
  test.each([
    ['recovery code', 'reference/nodes/recovery-code-display.html'],
    ['recov', 'reference/nodes/recovery-code-display.html'],
    ['ASSENT_DATABASE_URL', 'reference/settings.html'],
  ])('%s is found', (query, href) => {
    expect(search(query).map((found) => found.href)).toContain(href);
  });

  test('what is nowhere together is found apart, and what is nowhere is not found', () => {
    expect(search('recovery xylophones').length).toBeGreaterThan(0);
    expect(search('xylophones')).toEqual([]);
    expect(search('')).toEqual([]);
  });
});
