import { dirname, join } from 'node:path/posix';
import type { Group, Page } from './page.ts';

/** The page that lists the guides, in groups and in order. */
export const GUIDES = 'docs/guides/README.md';
/** Heading of the guides that the list does not have. */
const UNLISTED = 'More';

interface ListedGroup {
  readonly title: string;
  /** Sources of pages, and what the list calls them. */
  readonly guides: ReadonlyMap<string, string>;
}

/** What the list of the guides says: its headings are the groups, its links the guides; some are files from elsewhere in the repository. */
export const readGuideList = (markdown: string): readonly ListedGroup[] =>
  markdown
    .split(/^## /m)
    .slice(1)
    .map((part) => ({
      title: part.split('\n', 1)[0] ?? '',
      guides: new Map(
        [...part.matchAll(/^- \[([^\]]+)\]\(([^)#]+\.md)\)/gm)].map(([, name = '', path = '']) => [
          join(dirname(GUIDES), path),
          name,
        ]),
      ),
    }));

/** The guides as the list groups them. One that it does not have is shown all the same, at the end; a test says which. */
export const guideGroups = (list: readonly ListedGroup[], guides: readonly Page[]): readonly Group[] => {
  const bySource = new Map(guides.map((page) => [page.source, page]));
  const groups = list.map(({ title, guides: listed }) => ({
    title,
    pages: [...listed.keys()].flatMap((source) => bySource.get(source) ?? []),
  }));
  const unlisted = guides.filter(({ source }) => !list.some((group) => group.guides.has(source)));
  return [...groups, { title: UNLISTED, pages: unlisted }].filter(({ pages }) => pages.length > 0);
};
