import { GUIDES, guideGroups, readGuideList } from './guide-list.ts';
import type { Group, Page } from './page.ts';
import { indexPage } from './written-pages.ts';

/** A part of the site, with its pages in the order in which they are read. */
export interface Section {
  readonly title: string;
  /** The page that lists the others; it may be one that the site writes. */
  readonly index?: Page;
  readonly groups: readonly Group[];
  /** Shown by its title alone, except to who is in it: it has too many pages to be listed everywhere. */
  readonly isFolded: boolean;
}

interface SectionKind {
  readonly title: string;
  readonly has: RegExp;
  readonly isFolded?: boolean;
  /** A page that the site writes to list the others, where the folder has no README: its folder, and what it says first. */
  readonly index?: { readonly folder: string; readonly intro: string };
}

/** The parts, as they are read by somebody who comes to use Assent first, and to change it last. The first that has a page takes it. */
const KINDS: readonly SectionKind[] = [
  { title: 'Guides', has: /^docs\/guides\// },
  { title: 'Nodes', has: /^docs\/reference\/nodes\//, isFolded: true },
  {
    title: 'Reference',
    has: /^docs\/reference\//,
    index: {
      folder: 'docs/reference',
      intro:
        'What there is, word by word: settings, services, errors and the like. These pages are made from the code.',
    },
  },
  { title: 'How it works', has: /^docs\/[^/]+$/ },
  { title: 'Decisions', has: /^docs\/adr\//, isFolded: true },
  {
    title: 'Packages',
    has: /^(packages|bench|site)\//,
    isFolded: true,
    index: { folder: 'packages', intro: 'What each package of the source is for, and what it refuses to be.' },
  },
  {
    title: 'Interfaces',
    has: /^docs\/api\//,
    isFolded: true,
    index: {
      folder: 'docs/api',
      intro: 'What the packages export to those who write nodes and clients. These pages are made from the code.',
    },
  },
  { title: 'Project', has: /^[^/]+(\/README\.md)?$/ },
];

const byName = (one: Page, other: Page): number => (one.source < other.source ? -1 : 1);
const isIndex = ({ source }: Page): boolean => /\/README\.md$/.test(source) && source.startsWith('docs/');

const kindOf = ({ source }: Page): SectionKind => {
  const kind = KINDS.find(({ has }) => has.test(source));
  if (kind === undefined) throw new RangeError(`${source} is in no part of site/content/sections.ts.`);
  return kind;
};

/** The parts of the site; throws `RangeError` for a page that belongs to none, so that no new folder is forgotten. */
export const sectionsOf = (read: readonly Page[]): readonly Section[] => {
  const list = readGuideList(read.find(({ source }) => source === GUIDES)?.markdown ?? '');
  const names = new Map(list.flatMap(({ guides }) => [...guides]));
  // What the list of the guides has is a guide, wherever it lies, and is called what it is called there.
  const pages = read.map((page) => ({ ...page, title: names.get(page.source) ?? page.title }));
  return KINDS.map((kind) => {
    const isGuides = kind === KINDS[0];
    const all = pages.filter((page) => (names.has(page.source) ? isGuides : kindOf(page) === kind)).sort(byName);
    const own = all.find(isIndex);
    const rest = all.filter((page) => page !== own);
    const index = own ?? (kind.index && indexPage(kind.title, kind.index, rest));
    const groups = isGuides ? guideGroups(list, rest) : [{ pages: rest }];
    return { title: kind.title, ...(index && { index }), groups, isFolded: kind.isFolded === true };
  });
};

/** All pages of a section, its index first. */
export const pagesOf = ({ index, groups }: Section): readonly Page[] => [
  ...(index === undefined ? [] : [index]),
  ...groups.flatMap(({ pages }) => pages),
];
