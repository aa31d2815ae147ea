import type { Token } from 'markdown-it';
import type { Content } from '../content/all-pages.ts';
import type { Page } from '../content/page.ts';
import { plainText } from '../content/plain-text.ts';
import { pagesOf } from '../content/sections.ts';

/** A piece of a page that the search finds by itself: its anchor, its heading and its words. The first of a page has neither anchor nor heading. */
export type FoundSection = readonly [anchor: string, heading: string, text: string];

/** A page as the search knows it. */
export type FoundPage = readonly [address: string, title: string, part: string, sections: readonly FoundSection[]];

/** Deeper headings are part of the section above them. */
const MAX_LEVEL = 3;

/** The sections of a page, from the tokens of its Markdown. */
const sectionsIn = (tokens: readonly Token[]): readonly FoundSection[] => {
  const sections: { anchor: string; heading: string; words: string[] }[] = [{ anchor: '', heading: '', words: [] }];
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    if (token.type === 'fence') sections.at(-1)?.words.push(token.content);
    if (token.type !== 'inline') continue;
    const isHeading = before?.type === 'heading_open';
    if (isHeading && before.tag !== 'h1' && Number(before.tag.slice(1)) <= MAX_LEVEL) {
      sections.push({ anchor: String(before.attrGet('id')), heading: plainText(token), words: [] });
    } else if (!isHeading || before.tag !== 'h1') sections.at(-1)?.words.push(plainText(token));
  }
  return sections
    .map(({ anchor, heading, words }): FoundSection => [anchor, heading, words.join(' ').replace(/\s+/g, ' ').trim()])
    .filter(([anchor, , text]) => anchor !== '' || text !== '');
};

/** The file that the search loads: a script and not data, since a page that was opened from a disk may load scripts only. */
export const indexScript = (pages: readonly FoundPage[]): string =>
  `globalThis.assentPages=${JSON.stringify(pages).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')};\n`;

/** All of a page as one: where pages are many and alike, a heading such as "Settings" tells nobody which one was found. */
const asOne = (sections: readonly FoundSection[]): readonly FoundSection[] => [
  ['', '', sections.map(([, heading, text]) => `${heading} ${text}`.trim()).join(' ')],
];

/** What the search looks through: the front page and all pages of the sections, by their tokens. */
export const searchedPages = (
  { front, sections }: Pick<Content, 'front' | 'sections'>,
  tokens: ReadonlyMap<Page, readonly Token[]>,
): readonly FoundPage[] => {
  const found = (page: Page, part: string, isOne: boolean): FoundPage => {
    const own = sectionsIn(tokens.get(page) ?? []);
    return [page.address, page.title, part, isOne ? asOne(own) : own];
  };
  return [
    found(front, 'Overview', false),
    ...sections.flatMap((section) => pagesOf(section).map((page) => found(page, section.title, section.isFolded))),
  ];
};
