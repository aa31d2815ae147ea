import { contentsPage, frontPage } from './front-page.ts';
import type { Page } from './page.ts';
import { readPages } from './read-pages.ts';
import { pagesOf, type Section, sectionsOf } from './sections.ts';
import { missingPage, searchPage } from './written-pages.ts';

/** What the site is made of. */
export interface Content {
  readonly front: Page;
  readonly sections: readonly Section[];
  /** All pages: the front page, those of the sections, and those that the site writes beside them. */
  readonly pages: readonly Page[];
}

/** All pages that the repository has for the site, and those that the site adds. */
export const readContent = (root: string): Content => {
  const read = readPages(root);
  const readme = read.find(({ source }) => source === 'README.md');
  if (readme === undefined) throw new RangeError('There is no README.md.');
  const sections = sectionsOf(read.filter((page) => page !== readme));
  const front = frontPage(readme, sections);
  return {
    front,
    sections,
    pages: [front, ...sections.flatMap(pagesOf), contentsPage(sections), searchPage(), missingPage()],
  };
};
