import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import MarkdownIt from 'markdown-it';
import type { Page } from './page.ts';
import { plainText } from './plain-text.ts';

/** Longer summaries are cut at a sentence: they are read in lists. */
const MAX_SUMMARY = 200;

const markdownBelow = (root: string, folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return markdownBelow(root, path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

/** Folders of tools, whatever they say of themselves. */
const HIDDEN = /^(\.|node_modules$)/;

/** Markdown of the repository that is documentation: all of `docs`, what lies at the top, and what a folder or a package says of itself. */
const sourcesIn = (root: string): readonly string[] => {
  const entries = readdirSync(root, { withFileTypes: true });
  const folders = [
    ...entries.filter((entry) => entry.isDirectory() && !HIDDEN.test(entry.name)).map(({ name }) => name),
    ...packagesIn(root),
  ];
  return [
    ...entries.filter((entry) => entry.isFile() && entry.name.endsWith('.md')).map(({ name }) => name),
    ...folders.map((name) => `${name}/README.md`).filter((path) => existsSync(join(root, path))),
    ...markdownBelow(root, 'docs'),
  ];
};

const packagesIn = (root: string): readonly string[] =>
  readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);

/** Where a page lies: as its source does, without `docs`; a README is the index of its folder, or the page of its package. */
export const addressOf = (source: string): string => {
  if (source === 'README.md') return 'index.html';
  // What is promised is another page, docs/security.md.
  if (source === 'SECURITY.md') return 'security-policy.html';
  if (!source.includes('/')) return `${source.slice(0, -'.md'.length).toLowerCase()}.html`;
  if (!source.startsWith('docs/')) return source.replace(/\/README\.md$/, '.html');
  return source
    .slice('docs/'.length)
    .replace(/(^|\/)README\.md$/, '$1index.html')
    .replace(/\.md$/, '.html');
};

/** The first sentences of a paragraph, as many as a list has room for; one that announces what follows is left out, or ends as a sentence. */
const shortened = (text: string): string => {
  const [first = '', ...others] = (text.match(/.+?(?:[.?!](?=\s|$)|$)/gs) ?? []).map((sentence) => sentence.trim());
  let summary = first.length > MAX_SUMMARY ? (first.split(': ', 1)[0] ?? '') : first;
  for (const sentence of others) {
    if (sentence.endsWith(':') || summary.length + sentence.length > MAX_SUMMARY) break;
    summary += ` ${sentence}`;
  }
  return summary.replace(/:?$/, /[^.?!]$/.test(summary) ? '.' : '');
};

const reader = new MarkdownIt({ html: true });

/** The heading and the first paragraph of a Markdown text. */
const readHead = (markdown: string): { readonly title: string | undefined; readonly summary: string } => {
  // Both stand before the first heading of the second level.
  const tokens = reader.parse(markdown.split(/^## /m, 1)[0] ?? '', {});
  const textAfter = (type: string, tag?: string): string | undefined => {
    const at = tokens.findIndex((token) => token.type === type && (tag === undefined || token.tag === tag));
    const inline = at < 0 ? undefined : tokens[at + 1];
    return inline === undefined ? undefined : plainText(inline);
  };
  return { title: textAfter('heading_open', 'h1'), summary: shortened(textAfter('paragraph_open') ?? '') };
};

/** A page of Markdown; throws `RangeError` where it has no heading to be called by. */
export const pageOf = (source: string, markdown: string, written?: { readonly address: string }): Page => {
  const { title, summary } = readHead(markdown);
  if (title === undefined) throw new RangeError(`${source} has no heading ("# …"), so the site has no name for it.`);
  return {
    source,
    address: written?.address ?? addressOf(source),
    title,
    summary,
    markdown,
    isFile: written === undefined,
  };
};

/** Every page that has a file in the repository. */
export const readPages = (root: string): readonly Page[] =>
  sourcesIn(root).map((source) => pageOf(source, readFileSync(join(root, source), 'utf8')));
