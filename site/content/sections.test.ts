import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readContent } from './all-pages.ts';
import { GUIDES } from './guide-list.ts';
import type { Page } from './page.ts';
import { pageOf } from './read-pages.ts';
import { pagesOf, sectionsOf } from './sections.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The heading of the guides that the list does not have. */
const UNLISTED = 'More';

const page = (source: string, markdown = `# ${source}\n`): Page => pageOf(source, markdown);
const LIST = page(
  GUIDES,
  '# Guides\n\n## Run it\n\n- [Install](../../INSTALL.md): how.\n- [Write mail](mail.md): by a server.\n',
);

test('every guide is in the list of docs/guides/README.md, in a group of its own choice', () => {
  const guides = readContent(ROOT).sections[0];
  const unlisted = guides?.groups.find(({ title }) => title === UNLISTED)?.pages ?? [];
  const hint =
    'Add a line for each of these to docs/guides/README.md, in the group and at the place where somebody would look for it.';
  expect(
    unlisted.map(({ source }) => source),
    hint,
  ).toEqual([]);
  expect(guides?.groups.length).toBeGreaterThan(2);
});

test('a guide that the list does not have is shown at the end', () => {
  const [guides] = sectionsOf([LIST, page('docs/guides/mail.md'), page('docs/guides/new.md'), page('INSTALL.md')]);
  expect(guides?.groups.map(({ title, pages }) => [title, pages.map(({ source }) => source)])).toEqual([
    ['Run it', ['INSTALL.md', 'docs/guides/mail.md']],
    [UNLISTED, ['docs/guides/new.md']],
  ]);
});

test('a guide is called what the list calls it, and stands nowhere else', () => {
  const sections = sectionsOf([LIST, page('docs/guides/mail.md'), page('INSTALL.md'), page('CONTRIBUTING.md')]);
  const all = sections.flatMap(pagesOf);
  expect(all.filter(({ source }) => source === 'INSTALL.md').map(({ title }) => title)).toEqual(['Install']);
  expect(sections.at(-1)?.groups[0]?.pages.map(({ source }) => source)).toEqual(['CONTRIBUTING.md']);
});

test('a page of a folder that belongs to no part is refused by its path', () => {
  expect(() => sectionsOf([page('docs/recipes/tea.md')])).toThrow(
    'docs/recipes/tea.md is in no part of site/content/sections.ts.',
  );
});

test('a page without a heading is refused by its path', () => {
  expect(() => page('docs/guides/nameless.md', 'Words.\n')).toThrow('docs/guides/nameless.md has no heading');
});

test.each([
  ['Mail goes out. It goes by a server.', 'Mail goes out. It goes by a server.'],
  ['Mail goes out. These are the ways:', 'Mail goes out.'],
  ['These are the ways:', 'These are the ways.'],
  [`Mail goes out: ${'by a server, '.repeat(20)}or not.`, 'Mail goes out.'],
  [`Mail goes out. ${'It goes by a server, '.repeat(20)}or not.`, 'Mail goes out.'],
  ['', ''],
])('a list says of a page what its first sentences say: %s', (paragraph, summary) => {
  expect(page('docs/guides/mail.md', `# Mail\n\n${paragraph}\n\n## One\n\nMore.\n`).summary).toBe(summary);
});

test('no two pages have one address, and each has a title', () => {
  const { pages } = readContent(ROOT);
  const addresses = pages.map(({ address }) => address);
  expect(addresses.length).toBeGreaterThan(200);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(pages.filter(({ title }) => title === '')).toEqual([]);
});
