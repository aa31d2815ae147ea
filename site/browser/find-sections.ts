import MiniSearch from 'minisearch';
import type { FoundPage } from '../search/sections.ts';

/** A section of a page that was found. */
export interface Found {
  readonly href: string;
  readonly page: string;
  /** Empty for the beginning of a page. */
  readonly heading: string;
  readonly part: string;
  readonly text: string;
  /** The words of the text that were found. */
  readonly words: readonly string[];
}

interface Entry {
  readonly id: number;
  readonly href: string;
  readonly title: string;
  readonly part: string;
  readonly heading: string;
  readonly text: string;
}

/** Words, and the names of settings and types both whole and in their parts: `ASSENT_DATABASE_URL`, `PushDevices`. */
const wordsOf = (text: string): string[] =>
  text.split(/[^\p{L}\p{N}_]+/u).flatMap((word) => {
    if (word === '') return [];
    const parts = word.split(/_+|(?<=\p{Ll})(?=\p{Lu})/u).filter((part) => part !== '');
    return parts.length > 1 ? [word, ...parts] : parts;
  });

/** Who searches wants to do something, mostly; what is about the code itself comes later. */
const WEIGHTS: Readonly<Record<string, number>> = {
  Guides: 1.5,
  Reference: 1.2,
  Nodes: 1.2,
  Decisions: 0.7,
  Packages: 0.6,
  Interfaces: 0.4,
};

const FIELDS = ['title', 'heading', 'text'] as const;

/** A search over pages; what is found first is what is named so. */
export const searchOver = (pages: readonly FoundPage[]): ((query: string) => readonly Found[]) => {
  const entries: Entry[] = [];
  for (const [address, title, part, sections] of pages) {
    for (const [anchor, heading, text] of sections.length > 0 ? sections : [['', '', ''] as const]) {
      // The title of a page counts where the page begins, and not once more for each of its sections.
      entries.push({
        id: entries.length,
        href: anchor === '' ? address : `${address}#${anchor}`,
        title,
        part,
        heading,
        text,
      });
    }
  }
  const index = new MiniSearch<Entry>({
    fields: [...FIELDS],
    tokenize: wordsOf,
    extractField: (entry, field) => {
      if (field === 'title' && entry.heading !== '') return '';
      return String(entry[field as keyof Entry]);
    },
    searchOptions: {
      boost: { title: 8, heading: 4 },
      combineWith: 'AND',
      prefix: (term) => term.length > 1,
      fuzzy: (term) => (term.length > 4 ? 0.15 : false),
      boostDocument: (id) => WEIGHTS[entries[id as number]?.part ?? ''] ?? 1,
      weights: { prefix: 0.5, fuzzy: 0.2 },
    },
  });
  index.addAll(entries);
  return (query) => {
    const all = index.search(query);
    const results = all.length > 0 ? all : index.search(query, { combineWith: 'OR' });
    return results.flatMap(({ id, terms }) => {
      const entry = entries[id as number];
      return entry === undefined ? [] : [{ ...entry, page: entry.title, words: terms }];
    });
  };
};
